/* The shared hash table: bytes key -> versioned blob, for what must be seen by every process: location, script tables,
 * nonces, flood counters, caches.
 *
 * Buckets are spread over groups; a group has one lock, held for one operation in C and never across Python. A record is
 * immutable once linked: an update links a new record in its place by one store, so a reader or a process killed at any
 * instruction never leaves a half-written value. Whoever wants to decide outside the lock reads (value, version), decides
 * and stores with that version: KH_ECHANGED means somebody was faster. A version is never used twice within a table.
 *
 * Time: `expires` and `now` are seconds of whatever clock the caller uses throughout one table (the wrappers use Unix
 * time, so that a table can outlive its processes); expires 0 is "never". A record whose expires <= now is not seen any
 * more; it goes away when its bucket is swept or its key is stored again.
 *
 * Limits: KH_SHT_KEY_MAX, KH_SHT_VALUE_MAX, and max_records of the table (refused stores are counted).
 *
 * Callers: any attached process. The main process creates tables before the fork.
 */
#ifndef KH_SHTABLE_H
#define KH_SHTABLE_H

#include "kh.h"

/* cdef */
#define KH_SHT_KEY_MAX 1024      /* bytes of a key */
#define KH_SHT_VALUE_MAX 1048576 /* bytes of a value */
#define KH_SHT_LOG2_MAX 24       /* a table has at most 2^24 buckets */
enum kh_sht_version {
    KH_SHT_ANY = 0,     /* store whatever is there */
    KH_SHT_ABSENT = -1, /* store only when there is nothing: KH_EEXIST else */
};

typedef struct kh_shtable kh_shtable;

typedef struct kh_sht_stats {
    uint64_t records; /* linked, the expired that were not swept yet included */
    uint64_t bytes;   /* of their keys and values */
    uint64_t buckets;
    uint64_t longest;   /* longest chain */
    uint64_t refused;   /* stores that max_records or memory forbade */
    uint64_t repaired;  /* groups taken over from a process that died in them */
    uint64_t contended; /* lock gets that had to wait */
} kh_sht_stats;

/* What kh_sht_get and a scan say about a record. In a scan's answer it is followed by the key and the value, then by
 * zeros up to a multiple of 8. */
typedef struct kh_sht_item {
    int64_t version;
    int64_t expires;
    uint32_t value_len;
    uint32_t key_len;
} kh_sht_item;

/* A table of 2^log2_buckets buckets. With a `root` name the table found under it is taken over when its kind and
 * version are the same (a start with kept memory, before kh_shm_adopt_done), else a new one is made and put there. A
 * chain of what is taken over ends before the first record that makes no sense. A second call in one start gives the same table. max_records 0: no limit. NULL when
 * out of memory or roots, or for a bad size. */
kh_shtable *kh_sht_new(const char *root, uint32_t version, uint32_t log2_buckets, uint64_t max_records);

int kh_sht_adopted(const kh_shtable *t); /* 1 when kh_sht_new found its predecessor's content */
uint32_t kh_sht_cut(const kh_shtable *t); /* chains that ended early then */
void kh_sht_delete(kh_shtable *t);       /* frees all of it; nobody may use it any more */

/* Copies the value to `out` when it fits into `cap`. Its length; KH_ENOTFOUND; KH_ETOOBIG (item->value_len says how
 * much is needed). */
int kh_sht_get(kh_shtable *t, const char *key, uint32_t key_len, int64_t now, kh_sht_item *item, char *out, uint32_t cap);

/* Stores. `version` is KH_SHT_ANY, KH_SHT_ABSENT or what a get has said. The new version (> 0); KH_ECHANGED (another
 * version, or gone), KH_EEXIST, KH_ENOMEM, KH_ETOOBIG (a limit of sizes or max_records). */
int64_t kh_sht_put(kh_shtable *t, const char *key, uint32_t key_len, const char *value, uint32_t value_len, int64_t expires,
                   int64_t version, int64_t now);

/* Removes when the version is the record's (KH_SHT_ANY: always). KH_OK, KH_ENOTFOUND, KH_ECHANGED. */
int kh_sht_remove(kh_shtable *t, const char *key, uint32_t key_len, int64_t version, int64_t now);

/* Adds to a value of 8 bytes (an int64_t), starting from `initial` when there is none; keeps a living record's expires,
 * else sets it. KH_OK with the sum in *sum; KH_EINVAL when the value is no counter; errors of kh_sht_put. */
int kh_sht_add(kh_shtable *t, const char *key, uint32_t key_len, int64_t delta, int64_t initial, int64_t expires,
               int64_t now, int64_t *sum);

/* Copies whole buckets into `out`, from bucket *cursor on, as many as fit, and moves *cursor behind the last; 0 at the
 * start, the walk is done when it equals the number of buckets. A record that stays during the whole walk is seen exactly
 * once, whatever else changes. Bytes written; KH_ETOOBIG: not even one bucket fits, *need is the bytes for it.
 * `reap` 1: takes the expired ones out of the table and copies those only. */
int64_t kh_sht_scan(kh_shtable *t, uint64_t *cursor, int64_t now, int reap, char *out, uint64_t cap, uint64_t *need);

int64_t kh_sht_clear(kh_shtable *t); /* removes all records; how many they were */
int kh_sht_count(kh_shtable *t, uint64_t *records); /* cheap: sums the groups, no lock */
int kh_sht_stats_get(kh_shtable *t, kh_sht_stats *out); /* walks all chains */
uint32_t kh_sht_hash(const kh_shtable *t, const char *key, uint32_t key_len);
uint64_t kh_sht_buckets(const kh_shtable *t);

/* Walks all groups under their locks: 0 when chains, hashes and counts agree, else the number of faults. */
int kh_sht_check(kh_shtable *t);
/* end cdef */

/* For C that works on a value under the group's lock (ucontact.c): open finds and locks, close unlocks.
 * Between the two only memory of this process and the arena may be touched, and nothing may wait. */
struct kh_sht_rec;
typedef struct kh_sht_slot {
    kh_shtable *table;
    struct kh_sht_group *group;
    struct kh_sht_rec **link; /* points at the pointer to the record, or at the end of the chain */
    const char *key;
    uint32_t key_len, hash;
    int64_t now;
} kh_sht_slot;

/* KH_OK: there is a living record; KH_ENOTFOUND: there is none (locked all the same); else not locked: KH_EBUSY... */
int kh_sht_open(kh_sht_slot *s, kh_shtable *t, const char *key, uint32_t key_len, int64_t now);

/* Value of the open record: aligned to 8 bytes, valid until store, drop or close. */
const char *kh_sht_value(const kh_sht_slot *s, uint32_t *len);
int64_t kh_sht_version(const kh_sht_slot *s); /* 0 when there is no living record */

int64_t kh_sht_store(kh_sht_slot *s, const char *value, uint32_t len, int64_t expires); /* new version, or an error */
int kh_sht_drop(kh_sht_slot *s);
void kh_sht_close(kh_sht_slot *s);

/* Visits all records of one bucket under its lock: fn returns 0 to keep the record, 1 to drop it, or stores another
 * value by kh_sht_store on the slot it is given and returns 0. The number of records; KH_EBUSY, KH_EINVAL. */
typedef int (*kh_sht_visit_fn)(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg);
int kh_sht_visit(kh_shtable *t, uint64_t bucket, int64_t now, kh_sht_visit_fn fn, void *arg);

#endif
