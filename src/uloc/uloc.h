/* The location table: AoR -> contacts, in a shared table (shtable.h), and what a REGISTER and a lookup do with it, each
 * in one call under one lock.
 *
 * Callers: any attached process. Settings are written before the fork.
 */
#ifndef KH_ULOC_H
#define KH_ULOC_H

#include "kh.h"
#include "lump.h"
#include "msg.h"
#include "reg.h"
#include "shtable.h"
#include "ucontact.h"

/* cdef */
#define KH_UL_VERSION 2       /* of the record's layout: a table of another version is not adopted */
#define KH_UL_REPLY_MAX 60000 /* bytes of the Contact header of a reply; contacts past it are left out of the list */

enum kh_ul_matching { KH_UL_BY_CONTACT, KH_UL_BY_CONTACT_CALLID, KH_UL_BY_CONTACT_PATH, KH_UL_BY_CALLID };

typedef struct kh_ul_settings {
    uint32_t matching;     /* enum kh_ul_matching */
    uint32_t cseq_delay;   /* s within which the same Call-ID and CSeq is a retransmission */
    uint32_t newest_first; /* order contacts by time instead of q */
    uint32_t max_contacts; /* living contacts of an AoR; 0: no limit */
    uint32_t server_id;
    uint32_t append_branches, method_filtering, use_expired; /* of lookups */
    uint32_t max_branches;    /* destinations of a message, the first one counted */
    uint32_t path_check_local; /* leave out a first Path hop that is this server */
    uint32_t only_connected; /* lookups leave out contacts whose stream connection is gone */
    uint32_t expire_lost;  /* such contacts expire with the next run of the timer */
    uint32_t has_rows;     /* a database has rows of contacts: those of removed ones have to be removed */
    char received_param[32]; /* name of the Contact parameter in replies */
    uint32_t received_param_len;
} kh_ul_settings;
kh_ul_settings *kh_ul_settings_get(void);

/* Each process, after the fork: what makes its ruids unique. */
void kh_ul_start(uint32_t start_time, int pid);

enum kh_ul_save_flags {
    KH_UL_MEMORY = 1,    /* the new contact is not for the database */
    KH_UL_ONLY_ONE = 4,  /* the new contact replaces all others */
    KH_UL_TRACE = 0x100, /* keep the record as it was and as it is, for callbacks: kh_ul_trace */
};

/* Applies a REGISTER that kh_reg_parse read, all of it or nothing (RFC 3261 10.3), and writes the Contact header of
 * the reply as a reply lump to `e` (NULL: none), whose branch flags become the contacts'. `max_contacts`: of this
 * request, < 0 for the setting.
 * >= 0: bits of what was done; else -enum kh_reg_error (for CSEQ and TOO_MANY the lump lists what is registered). */
#define KH_UL_INSERTED 1
#define KH_UL_UPDATED 2
#define KH_UL_REMOVED 4
#define KH_UL_LISTED 8 /* there are bindings in the reply */
int64_t kh_ul_save(kh_shtable *t, kh_reg *r, const kh_msg *m, kh_edits *e, uint32_t flags, uint32_t mflags,
                   int max_contacts);

/* Both in one call, for what needs no decision in between: kh_reg_parse with the AoR of To, and kh_ul_save unless the
 * facts have a bit of `rare`: then KH_UL_RARE, nothing is changed, and the caller goes on with r->facts. */
#define KH_UL_ASKED 16 /* in the result: no contact was named */
#define KH_UL_RARE -99
int64_t kh_ul_register(kh_shtable *t, kh_reg *r, const kh_msg *m, kh_edits *e, uint32_t mflags, uint32_t rare);

/* The record before (which 0) and after (1) the last traced save or removal of this process; *len its bytes. */
const char *kh_ul_trace(int which, uint32_t *len);

/* Writes the living contacts of `uri` (NULL: the Request-URI) to the Request-URI and to branches; `into_branches` 1: to
 * branches only. The number of contacts; KH_ENOTFOUND, KH_EINVAL: none can do the method, KH_EMALFORMED: no AoR,
 * KH_ETOOBIG: no room. */
int kh_ul_lookup(kh_shtable *t, const kh_msg *m, kh_edits *e, const char *uri, uint32_t uri_len, int into_branches);

/* 1 when there is a living contact that agrees in what `match` says: 1 Call-ID, 2 received, 4 contact URI. Else 0. */
int kh_ul_registered(kh_shtable *t, const char *aor, uint32_t aor_len, int match, const char *callid, uint32_t callid_len,
                     const char *received, uint32_t received_len, const char *contact, uint32_t contact_len);

/* Adds or updates one contact: RPC, replication, and with state SYNC one that comes from the database, which only replaces
 * one of the same ruid. `parts` are KH_UC_PARTS texts one behind the other with their lengths in c->len; without ruid it
 * gets that of the contact it replaces, or a new one. KH_UL_INSERTED, KH_UL_UPDATED or an error. */
int64_t kh_ul_put(kh_shtable *t, const char *aor, uint32_t aor_len, const kh_ucontact *c, const char *parts);

/* Removes the contacts whose part `part` is `text` (part -1: all). How many; KH_ENOTFOUND: no such AoR. */
int kh_ul_remove(kh_shtable *t, const char *aor, uint32_t aor_len, int part, const char *text, uint32_t len);

/* Takes expired contacts out of the table, from bucket *cursor on, and moves *cursor. What was taken out is written to
 * `out` if it is not NULL: for each, kh_sht_item (value_len is the contact's size), AoR, padding to 8, kh_ucontact; it stops
 * when out is full. The number of contacts. */
int64_t kh_ul_expire(kh_shtable *t, uint64_t *cursor, uint64_t buckets, char *out, uint64_t cap, uint64_t *used);

/* The AoRs with contacts that are not SYNC: copies for each a kh_sht_item (value_len 0), the AoR and padding to 8, from
 * bucket *cursor on, and moves *cursor; stops when out is full. How many. */
int64_t kh_ul_unsynced(kh_shtable *t, uint64_t *cursor, uint64_t buckets, char *out, uint64_t cap, uint64_t *used);

/* Living contacts of the whole table. */
int64_t kh_ul_contacts(kh_shtable *t);

/* Main process, a table taken over from a former start: drops the records whose contacts do not add up, so that every
 * walk over contacts ends within its record. How many. */
int64_t kh_ul_drop_broken(kh_shtable *t);

/* Gives contacts their socket again when the table of sockets has changed between two starts: map[old] = new. */
int64_t kh_ul_remap_sockets(kh_shtable *t, const uint16_t *map, uint32_t n);
/* end cdef */

/* A contact is removed: true when it has to stay, as GONE, for the sake of its row. */
bool kh_ul_gone(kh_ucontact *c);

/* Makes a ruid; out has 64 bytes. */
uint32_t kh_ul_ruid(char *out);

/* Writes "Contact: ..." with the living contacts of a record; 0 when there is none. `r` NULL: no GRUUs. */
uint32_t kh_ul_render(char *out, uint32_t cap, const char *value, uint32_t len, int64_t now, const kh_reg *r, uint32_t hash);

#endif
