/* The one pass over message and lumps, for the C files that build. */
#ifndef KH_APPLY_H
#define KH_APPLY_H

#include "lump.h"
#include "sock.h"
#include "writer.h"

/* An edit that the server itself makes while building; not recorded anywhere. */
typedef struct kh_core_edit {
    uint32_t at, len; /* len bytes at offset `at` are replaced by the text */
    const char *text;
    uint32_t text_len;
    bool keep; /* also when the script deleted the place it goes to */
} kh_core_edit;

#define KH_CORE_EDITS 12 /* more than the server ever makes in one message */

typedef struct kh_apply {
    const kh_msg *m;
    const kh_edits *e;        /* may be NULL: core edits only */
    const kh_sock *rcv, *snd; /* sockets that substitutions show; may be NULL */
    int n;
    kh_core_edit core[KH_CORE_EDITS]; /* sorted by offset */
} kh_apply;

void kh_apply_init(kh_apply *a, const kh_msg *m, const kh_edits *e, int snd);
/* Adds a core edit in its place. */
void kh_apply_core(kh_apply *a, uint32_t at, uint32_t len, const char *text, uint32_t text_len, bool keep);
/* Writes [from, to) of the message with the edits that fall into it. */
void kh_apply_range(const kh_apply *a, kh_writer *w, uint32_t from, uint32_t to);

/* The same, and tells where each piece of the output comes from. */
enum kh_piece_kind { KH_PIECE_MSG, KH_PIECE_LUMP, KH_PIECE_CORE, KH_PIECE_GONE };
typedef struct kh_piece {
    uint32_t out;  /* offset in the output; the piece ends where the next one begins */
    uint32_t src;  /* offset in the message; of a lump in the edits' data */
    uint16_t len;  /* of a core edit: bytes of the message in whose place it stands */
    uint8_t kind;  /* enum kh_piece_kind; GONE: it stood there, and an edit took it out */
} kh_piece;

#define KH_PIECES 8192 /* three for each lump that fits into KH_EDITS_CAP, and more */
typedef struct kh_pieces {
    int n;
    kh_piece of[KH_PIECES + 1]; /* of[n] stands for the end */
} kh_pieces;

/* KH_ETOOBIG when there are too many pieces. */
int kh_apply_pieces(const kh_apply *a, kh_writer *w, uint32_t from, uint32_t to, kh_pieces *p);

/* Content-Length, when edits of the body or a stream transport (`needed`) ask for it; its text in `text`. */
#define KH_CLEN_TEXT 40
void kh_fix_content_length(kh_apply *a, bool needed, char text[KH_CLEN_TEXT]);
/* End of what is sent: bytes after the body that Content-Length frames are no part of the message (RFC 3261 18.3). */
static inline uint32_t kh_message_end(const kh_msg *m) { return (uint32_t)m->body.off + m->body.len; }

/* Host and port text as a socket shows them, and as the script overrides them. */
void kh_put_sock_uri(const kh_edits *e, const kh_sock *s, kh_writer *w);

/* received and rport in the top Via (RFC 3261 18.2.1, RFC 3581 4), as core edits with their text in `text`;
 * `force`: rport though it is not asked for. */
#define KH_VIA_FIX_TEXT 96
void kh_via_fix(kh_apply *a, bool force, char text[KH_VIA_FIX_TEXT]);

#endif
