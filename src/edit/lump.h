/* Edits of one message: the devel guide's data lumps, new Request-URI, destination set, reply lumps.
 *
 * Script edits never touch the message's bytes. They are recorded here and applied in one pass when the message is sent
 * (build.h). One kh_edits belongs to one kh_msg; everything in it is an offset, either into the message (`at`) or into
 * `data` (0: none), so a clone is kh_edits_size() bytes and can lie anywhere, in shared memory too.
 * Private to whoever holds it: no locks.
 *
 *   message   INVITE sip:... CRLF Via: ... CRLF Max-Forwards: 70 CRLF ...
 *   lumps     top list, by offset:  anchor(0x13) ------- del(0x2f,2) ---- anchor(eoh)
 *   chains                            after: add, subst, add   after: add "69"   after: add "X: y"
 *
 * A chain hangs before or after a top lump. As in SER, a chain prints from the lump nearest to its top lump
 * outwards, so to append to a chain pass the lump that the last insert returned. A condition governs the rest of its
 * chain up to the next condition. Deletions may overlap; what is added inside a deleted part appears where the
 * deletion ends.
 */
#ifndef KH_LUMP_H
#define KH_LUMP_H

#include "addr.h"
#include "kh.h"
#include "msg.h"

/* cdef */
#define KH_EDITS_CAP 65536 /* bytes of texts and lumps of one message; beyond it an edit returns KH_ETOOBIG */
#define KH_MAX_BRANCHES 31 /* most a server may be configured for; max_branches (default 12) counts the first one too */

enum kh_lump_op { KH_LUMP_NOP, KH_LUMP_DEL, KH_LUMP_ADD, KH_LUMP_SUBST, KH_LUMP_COND };

/* What a substitution writes: RCV is the socket the message came in on, SND the one it leaves by. */
enum kh_subst {
    KH_SUBST_NOP, KH_SUBST_RCV_IP, KH_SUBST_SND_IP, KH_SUBST_RCV_PORT, KH_SUBST_SND_PORT, KH_SUBST_RCV_PROTO,
    KH_SUBST_SND_PROTO, KH_SUBST_RCV_ALL, KH_SUBST_SND_ALL, KH_SUBST_RCV_ALL_EX, KH_SUBST_SND_ALL_EX,
};
enum kh_cond {
    KH_COND_FALSE, KH_COND_TRUE, KH_COND_IF_DIFF_REALMS, KH_COND_IF_DIFF_AF, KH_COND_IF_DIFF_PROTO,
    KH_COND_IF_DIFF_PORT, KH_COND_IF_DIFF_IP, KH_COND_IF_RAND,
};
/* Bits for who made a lump; _REWRITE is the kernel's own mark of kh_rewrite. The guide's DUPED, SHMEM and COND_TRUE say
 * where a lump's memory lies and how it was decided: nothing here needs them. */
enum kh_lump_flags { KH_LUMPFLAG_BRANCH = 4, KH_LUMPFLAG_REWRITE = 128 };

typedef struct kh_text {
    uint32_t off, len; /* in kh_edits.data; off 0: not set */
} kh_text;

typedef struct kh_lump {
    uint32_t next, before, after; /* offsets in data, 0: none */
    kh_text text;                 /* of ADD; of DEL what stands in its place */
    uint16_t at, len;             /* of NOP and DEL: offset in the message, bytes deleted */
    uint8_t op;                   /* enum kh_lump_op */
    uint8_t arg;                  /* enum kh_subst or kh_cond */
    uint8_t flags;                /* enum kh_lump_flags */
    uint8_t htype;                /* enum kh_hdr_type that it belongs to, 0: none */
} kh_lump;

enum kh_reply_lump { KH_RPL_HDR = 2, KH_RPL_BODY = 4 };

/* A branch of the destination set besides the first (which is new_uri, dst_uri... of kh_edits itself). */
typedef struct kh_branch {
    uint32_t next;
    kh_text uri, dst_uri, path, instance, ruid, location_ua;
    int32_t q;      /* thousandths, -1 unspecified */
    uint32_t flags; /* branch flags */
    uint16_t sock;  /* forced socket or KH_NO_SOCK */
    uint32_t reg_id;
    uint32_t conn;  /* connection that the contact registered by, 0 none */
} kh_branch;

enum kh_edits_flags {
    KH_ED_FORCE_RPORT = 1,  /* answer to where it came from (RFC 3581) though not asked to */
    KH_ED_LOCAL_RPORT = 2,  /* ask for rport in our Via */
    KH_ED_RR = 4,           /* record_route() was done */
    KH_ED_ROUTED = 8,       /* loose_route() popped a Route of ours: route_params hold */
    KH_ED_BODY = 16,        /* a lump lies in the body: Content-Length is written anew */
    KH_ED_NO_VIA = 32,      /* build without a Via of ours */
    KH_ED_FWD_NO_CONNECT = 64,  /* forwarded only over a connection that exists */
    KH_ED_FWD_CLOSE = 128,      /* the connection it leaves by is closed after it */
    KH_ED_RPL_NO_CONNECT = 256, /* the same for replies to it */
    KH_ED_RPL_CLOSE = 512,
    KH_ED_MTU_TCP = 1024,       /* by TCP when it is longer than udp_mtu (RFC 3261 18.1.1) */
    KH_ED_MTU_TLS = 2048,
    KH_ED_USE_CONN = 4096,      /* by the connection that `conn` names */
};

/* Parts of kh_edits that are one text, by number. */
enum kh_ed_part {
    KH_EDP_NEW_URI, KH_EDP_DST_URI, KH_EDP_PATH, KH_EDP_ADV_HOST, KH_EDP_ADV_PORT, KH_EDP_INSTANCE, KH_EDP_RUID,
    KH_EDP_LOCATION_UA, KH_ED_PARTS,
};

typedef struct kh_edits {
    uint32_t used;     /* bytes of data in use */
    uint32_t cap;      /* size of data */
    uint32_t first, last;             /* top lumps by offset */
    uint32_t reply_first, reply_last; /* reply lumps: kh_lump with arg = enum kh_reply_lump */
    uint32_t branch_first, branch_last;
    uint32_t n_branch;
    uint32_t flags;    /* enum kh_edits_flags */
    uint32_t bflags;   /* branch flags of the first branch */
    int32_t q;         /* of the first branch, -1 unspecified */
    uint16_t sock;     /* forced send socket or KH_NO_SOCK */
    uint16_t proto;    /* enum kh_proto that the next hop is to be reached by, whatever its URI says; 0 none */
    uint32_t conn;     /* connection that the first branch's contact registered by, 0 none */
    kh_span route_params;  /* parameters of our Route that loose_route took off, in the message */
    uint32_t rr_out, rr_in; /* lumps of record_route() that add_rr_param() appends after */
    uint32_t reg_id;
    uint32_t changes;    /* a number that no other state of any edits in this process has; 0: no lump was ever made */
    uint32_t lump_flags; /* enum kh_lump_flags that new lumps get */
    kh_text part[KH_ED_PARTS]; /* enum kh_ed_part */
    char data[KH_EDITS_CAP];
} kh_edits;

/* Empties it; to be called for each message. `cap` is KH_EDITS_CAP after it. */
void kh_edits_reset(kh_edits *e);
/* Flags (enum kh_edits_flags) that every message starts with: force_rport and local_rport of the core. Before fork. */
void kh_edits_defaults(uint32_t flags);
/* Bytes of a clone. A clone may be built from and read; before an edit copy it into a full one. */
uint32_t kh_edits_size(const kh_edits *e);
/* dst becomes equal to src; dst must be a full kh_edits, src may be a clone. */
void kh_edits_copy(kh_edits *dst, const kh_edits *src);

/* All below return an offset > 0 of what was made (a lump, a branch) or KH_OK; KH_ETOOBIG when full, KH_EINVAL for
 * an offset outside the message. Texts are copied. */
int kh_text_set(kh_edits *e, int part, const char *s, uint32_t len); /* enum kh_ed_part; len 0 unsets */
/* off << 32 | len into data; -1 when not set */
int64_t kh_text_get(const kh_edits *e, int part);

int kh_anchor_lump(kh_edits *e, const kh_msg *m, uint32_t at, int htype);
int kh_del_lump(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, int htype);
/* Text in place of [at, at + len). */
int kh_replace(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, const char *s, uint32_t n, int htype);
/* The same for a part that is written again and again (the URI of From): of several within one span the last counts. */
int kh_rewrite(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, const char *s, uint32_t n, int htype);
/* `lump` is what one of these calls returned. */
int kh_insert_after(kh_edits *e, uint32_t lump, const char *s, uint32_t len, int htype);
int kh_insert_before(kh_edits *e, uint32_t lump, const char *s, uint32_t len, int htype);
int kh_insert_subst(kh_edits *e, uint32_t lump, int before, int subst, int htype);
int kh_insert_cond(kh_edits *e, uint32_t lump, int before, int cond, int htype);
kh_lump *kh_lump_at(kh_edits *e, uint32_t lump);
/* Takes all lumps with this header type and operation out of every list; returns how many. */
int kh_lump_remove(kh_edits *e, int htype, int op);
/* Takes one lump out of wherever it is linked, its chains with it; KH_ENOTFOUND. */
int kh_lump_unlink(kh_edits *e, uint32_t lump);
/* Takes out all lumps that have one of `flags` (`keep` 0), or all that have none of them (`keep` 1); how many. */
int kh_lump_remove_flagged(kh_edits *e, int flags, int keep);
/* Takes one reply lump out; KH_ENOTFOUND. */
int kh_reply_lump_unlink(kh_edits *e, uint32_t lump);

/* Header edits. A text is one or more complete lines with their line end. */
int kh_remove_hf(kh_edits *e, const kh_msg *m, int type);          /* returns how many headers */
int kh_remove_hf_name(kh_edits *e, const kh_msg *m, const char *name, uint32_t len);
int kh_append_hf(kh_edits *e, const kh_msg *m, const char *s, uint32_t len); /* after the last header */
int kh_insert_hf(kh_edits *e, const kh_msg *m, const char *s, uint32_t len); /* before the first header */
int kh_append_hf_at(kh_edits *e, const kh_msg *m, int hdr, int before, const char *s, uint32_t len);

/* Max-Forwards: 1 counted down (to at most `limit`), 2 added with `limit`, -1 it is 0: do not forward, -2 malformed,
 * -3 no room. */
int kh_maxfwd(kh_edits *e, const kh_msg *m, int limit);

/* Reply lumps: headers (and one body) for replies that are made here. KH_EEXIST for a second body. */
int kh_reply_lump(kh_edits *e, int kind, const char *s, uint32_t len);

/* The Request-URI as it stands: new_uri or that of the first line. Returns its length. */
uint32_t kh_ruri(const kh_msg *m, const kh_edits *e, const char **uri);

enum kh_uri_op {
    KH_URI_SET, KH_URI_SET_HOST, KH_URI_SET_HOSTPORT, KH_URI_SET_HOSTPORTTRANS, KH_URI_SET_PORT, KH_URI_SET_USER,
    KH_URI_SET_USERPASS, KH_URI_PREFIX, KH_URI_STRIP, KH_URI_STRIP_TAIL, KH_URI_USERPHONE,
};
/* Rewrites the Request-URI: new_uri = the present one with a part changed. `n` is the count of STRIP and STRIP_TAIL.
 * KH_EMALFORMED when the present URI does not parse or has no such part. */
int kh_uri_edit(kh_edits *e, const kh_msg *m, int op, const char *s, uint32_t len, uint32_t n);

/* Branches of the destination set, besides the first. */
int kh_branch_add(kh_edits *e, const char *uri, uint32_t len);
kh_branch *kh_branch_get(kh_edits *e, int index); /* from 0; NULL */
int kh_branch_remove(kh_edits *e, int index);
int kh_branch_clear(kh_edits *e);
/* Text of a branch: off << 32 | len; -1. Parts NEW_URI, DST_URI, PATH, INSTANCE, RUID, LOCATION_UA. */
int64_t kh_branch_text(kh_edits *e, int index, int part);
int kh_branch_set(kh_edits *e, int index, int part, const char *s, uint32_t len);
/* end cdef */

static inline const char *kh_text_ptr(const kh_edits *e, kh_text t) { return e->data + t.off; }

#endif
