/* Inside of the shared table: for shtable.c, shtable_ops.c and shtable_walk.c only. */
#ifndef KH_SHTABLE_PARTS_H
#define KH_SHTABLE_PARTS_H

#include <stdbool.h>

#include "lock.h"
#include "shtable.h"

#define SHT_GROUPS 64 /* locks of a table: more than processes that can collide, few enough to walk */

typedef struct kh_sht_rec {
    struct kh_sht_rec *next;
    int64_t version;
    int64_t expires;
    uint32_t hash;
    uint32_t value_len;
    uint32_t key_len;
    uint32_t reserved;
    char data[]; /* the value, then the key */
} rec_t;

_Static_assert(sizeof(rec_t) == 40, "value aligned to 8 bytes behind the header");

typedef struct kh_sht_group {
    kh_lock lock;
    int64_t version; /* last one given in this group; counted up before it is used */
    uint64_t records, bytes;
    uint64_t refused, repaired;
    uint64_t reserved[2];
} group_t;

_Static_assert(sizeof(group_t) == 64, "a cache line");

struct kh_shtable {
    uint32_t magic, version;
    uint32_t log2, n_groups;
    uint64_t max_records;
    uint64_t seed;
    rec_t **buckets;
    kh_shtable *next; /* all tables, for the repair after a death */
    uint32_t adopted;
    uint32_t cut; /* chains that were ended when the table was taken over */
    group_t *groups; /* on a cache line's border within this block */
};

static inline group_t *group_of(const kh_shtable *t, uint64_t bucket) { return &t->groups[bucket & (t->n_groups - 1)]; }

static inline bool living(const rec_t *r, int64_t now) { return r->expires == 0 || r->expires > now; }

/* Takes the lock and repairs what a dead holder left. KH_OK, or KH_EBUSY: not locked. */
int kh_sht_group_lock(kh_shtable *t, group_t *g);

#endif
