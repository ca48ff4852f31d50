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

/* Host and port text as a socket shows them, and as the script overrides them. */
void kh_put_sock_uri(const kh_edits *e, const kh_sock *s, kh_writer *w);

/* received and rport in the top Via (RFC 3261 18.2.1, RFC 3581 4), as core edits with their text in `text`;
 * `force`: rport though it is not asked for. */
#define KH_VIA_FIX_TEXT 96
void kh_via_fix(kh_apply *a, bool force, char text[KH_VIA_FIX_TEXT]);

#endif
