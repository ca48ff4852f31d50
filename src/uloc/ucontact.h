/* A contact as the location table stores it, and the record of an AoR: its contacts one behind the other, best first.
 *
 * The bytes are the value of a record of src/shared/shtable.h, key is the AoR. Nothing in them is a pointer; every contact starts
 * at a multiple of 8. Order: by q, highest first, unspecified q as 0 but behind; equals in the order of registration, or
 * newest first (desc_time_order).
 */
#ifndef KH_UCONTACT_H
#define KH_UCONTACT_H

#include "kh.h"

/* cdef */
#define KH_UC_RECORD_MAX 65536 /* bytes of one AoR's record; a contact that does not fit is refused */
#define KH_UC_NO_SOCK 65535

enum kh_uc_part {
    KH_UC_CONTACT,    /* URI, without < > */
    KH_UC_RECEIVED,   /* URI of where it really is, when behind NAT */
    KH_UC_PATH,       /* all Path values, comma separated (RFC 3327) */
    KH_UC_CALLID,
    KH_UC_USER_AGENT,
    KH_UC_INSTANCE,   /* +sip.instance without quotes (RFC 5626) */
    KH_UC_RUID,       /* unique id of the binding */
    KH_UC_PARTS,
};

/* How a contact stands to its row in a database; where there is none, it stays NEW. */
enum kh_uc_state {
    KH_UC_NEW,   /* there is no row */
    KH_UC_SYNC,  /* the row says the same */
    KH_UC_DIRTY, /* there may be a row, and it may say something else */
    KH_UC_GONE,  /* removed here, and nobody sees it any more; it stays until its row is removed too */
};

typedef struct kh_ucontact {
    int64_t expires;    /* Unix time, 0: permanent */
    uint32_t modified;  /* Unix time of the last change */
    uint32_t state;     /* enum kh_uc_state */
    uint32_t size;      /* bytes with all texts, a multiple of 8 */
    uint32_t cseq;
    uint32_t flags;     /* message flags at registration */
    uint32_t cflags;    /* branch flags */
    uint32_t methods;   /* what it can do, enum kh_method bits; all ones when it did not say */
    uint32_t server_id;
    uint32_t conn;      /* number of the stream connection it came by, 0 none */
    int16_t q;          /* thousandths, -1 unspecified */
    uint16_t reg_id;    /* RFC 5626, 0 none */
    uint16_t sock;      /* socket it registered at, or KH_UC_NO_SOCK */
    uint16_t len[KH_UC_PARTS];
    char text[];        /* the parts, one behind the other */
} kh_ucontact;

/* From now on kh_ul_now() says `at`, 0: the time again. For tests of expiry. */
void kh_ul_stop_clock(int64_t at);
int64_t kh_ul_now(void); /* Unix time, s */
/* end cdef */

#include <stdbool.h>

#include "conn.h"

/* A text of a contact; not terminated. */
typedef struct kh_uc_text {
    const char *s;
    uint32_t len;
} kh_uc_text;

/* A record under work, in memory of this process. */
typedef struct kh_uc_record {
    uint32_t len;
    char data[KH_UC_RECORD_MAX] __attribute__((aligned(8)));
} kh_uc_record;

static inline bool kh_uc_living(const kh_ucontact *c, int64_t now) { return c->expires == 0 || c->expires > now; }

/* It came by a stream connection that is gone. */
static inline bool kh_uc_lost(const kh_ucontact *c) { return c->conn && kh_conn_opts() && !kh_conn_get(c->conn); }

/* First contact at or behind `off`; NULL at the end. */
const kh_ucontact *kh_uc_at(const char *value, uint32_t len, uint32_t off);

kh_uc_text kh_uc_part(const kh_ucontact *c, int part);

/* Inserts a contact at its place in the order. KH_OK, KH_ETOOBIG. */
int kh_uc_insert(kh_uc_record *r, const kh_ucontact *numbers, const kh_uc_text parts[KH_UC_PARTS], bool newest_first);

/* The same at a given offset, which must be the border of a contact. */
int kh_uc_insert_at(kh_uc_record *r, uint32_t off, const kh_ucontact *numbers, const kh_uc_text parts[KH_UC_PARTS]);

int kh_uc_count(const char *value, uint32_t len, int64_t now); /* living contacts */

#endif
