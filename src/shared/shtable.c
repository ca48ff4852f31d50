#include "shtable.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "arena.h"
#include "fault.h"
#include "proc.h"
#include "shm.h"
#include "shtable_parts.h"

/* Write order. A store takes a held block, fills it, links it by one store to *link, and keeps it; what it replaces is
 * put on hold before and freed after. So at any instruction a chain is whole, and what is not linked is on hold: the
 * reaper of a dead process frees that. Repair of a group therefore means: keep what is linked, count again. */

#define SHT_MAGIC 0x6b687368u
#define SHT_LIST "shtable.list" /* root of the list of all tables */

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a multiplication, from a seed that nobody outside knows: keys come from the network. */
uint32_t kh_sht_hash(const kh_shtable *t, const char *key, uint32_t key_len)
{
    uint64_t h = t->seed, word;
    uint32_t left = key_len;
    for (; left >= 8; left -= 8, key += 8) {
        memcpy(&word, key, 8);
        h = mix(h ^ word, 0x9fb21c651e98df25u);
    }
    word = 0;
    memcpy(&word, key, left);
    h = mix(h ^ word, 0xd6e8feb86659fd93u ^ key_len);
    return (uint32_t)(h ^ (h >> 32));
}

uint64_t kh_sht_buckets(const kh_shtable *t) { return 1ull << t->log2; }

/* Keeps what is linked in a group's buckets and counts again. Under the group's lock. */
static void group_repair(kh_shtable *t, group_t *g)
{
    uint64_t records = 0, bytes = 0;
    for (uint64_t b = (uint64_t)(g - t->groups); b < kh_sht_buckets(t); b += t->n_groups)
        for (rec_t *r = t->buckets[b]; r; r = r->next) {
            kh_shm_keep(r);
            records++;
            bytes += r->key_len + r->value_len;
        }
    g->records = records;
    g->bytes = bytes;
    g->repaired++;
}

int kh_sht_group_lock(kh_shtable *t, group_t *g)
{
    int rc = kh_lock_get(&g->lock);
    if (KH_UNLIKELY(rc == KH_EOWNERDEAD)) {
        group_repair(t, g);
        rc = KH_OK;
    }
    return rc;
}

/* The list of all tables of this start: stored under the identity of its main process, so that a later start which
 * keeps the memory begins with an empty one and takes over table by table. */
static kh_shtable *list_first(void) { return kh_root_get(SHT_LIST, kh_proc_get(0)->id); }

static int list_set(kh_shtable *t) { return kh_root_set(SHT_LIST, t, kh_proc_get(0)->id); }

static bool listed(const kh_shtable *t)
{
    kh_shtable *at = list_first();
    while (at && at != t) at = at->next;
    return at != NULL;
}

/* Takes every lock once: whoever was repairing after the dead one has finished by then, and what nobody had noticed
 * is repaired here. After this no held block of the dead one is linked. */
static void reap(uint32_t dead_id)
{
    for (kh_shtable *t = list_first(); t; t = t->next)
        for (uint32_t i = 0; i < t->n_groups; i++)
            if (kh_sht_group_lock(t, &t->groups[i]) == KH_OK) kh_lock_release(&t->groups[i].lock);
}

static group_t *groups_in(kh_shtable *t) { return (group_t *)(((uintptr_t)(t + 1) + 63) & ~(uintptr_t)63); }

static uint64_t table_bytes(uint32_t n_groups) { return sizeof(kh_shtable) + 64 + n_groups * sizeof(group_t); }

static uint32_t groups_for(uint32_t log2) { return log2 < 6 ? 1u << log2 : SHT_GROUPS; }

/* Is that a record, and one of this bucket? The hash, over the key from the table's seed, finds most of what was
 * overwritten. */
static bool claim_record(const kh_shtable *t, uint64_t bucket, rec_t *r)
{
    if (kh_shm_claim(r, sizeof(*r)) < 0) return false;
    bool fits = kh_shm_size_of(r) >= sizeof(*r) + (uint64_t)r->value_len + r->key_len;
    if (fits && (r->hash & (kh_sht_buckets(t) - 1)) == bucket &&
        r->hash == kh_sht_hash(t, r->data + r->value_len, r->key_len))
        return true;
    kh_shm_free(r);
    return false;
}

/* Claims a chain up to its first record that makes no sense, and ends it there. */
static void claim_chain(kh_shtable *t, uint64_t bucket)
{
    group_t *g = group_of(t, bucket);
    for (rec_t **link = &t->buckets[bucket], *r; (r = *link); link = &r->next) {
        if (!claim_record(t, bucket, r)) {
            *link = NULL;
            t->cut++;
            return;
        }
        g->records++;
        g->bytes += r->key_len + r->value_len;
        if (r->version > g->version) g->version = r->version;
    }
}

/* Takes over what a former start, whose processes are all gone, left under the root. Nothing of it is trusted. */
static bool adopt(kh_shtable *t, uint32_t version, uint64_t max_records)
{
    if (kh_shm_claim(t, sizeof(*t)) < 0) return false;
    if (t->magic != SHT_MAGIC || t->version != version || t->log2 > KH_SHT_LOG2_MAX || t->groups != groups_in(t) ||
        t->n_groups != groups_for(t->log2) || kh_shm_size_of(t) < table_bytes(t->n_groups) ||
        kh_shm_claim(t->buckets, sizeof(rec_t *) << t->log2) < 0) {
        kh_shm_free(t);
        return false;
    }
    t->adopted = 1;
    t->cut = 0;
    t->max_records = max_records;
    for (uint32_t i = 0; i < t->n_groups; i++)
        t->groups[i] = (group_t){.version = t->groups[i].version, .repaired = t->groups[i].repaired};
    for (uint64_t b = 0; b < kh_sht_buckets(t); b++) claim_chain(t, b);
    return true;
}

static kh_shtable *create(uint32_t version, uint32_t log2, uint64_t max_records)
{
    uint32_t n_groups = groups_for(log2);
    kh_shtable *t = kh_shm_mallocz(table_bytes(n_groups));
    rec_t **buckets = t ? kh_shm_mallocz(sizeof(rec_t *) << log2) : NULL;
    if (!buckets) {
        kh_shm_free(t);
        return NULL;
    }
    *t = (kh_shtable){
        .magic = SHT_MAGIC, .version = version, .log2 = log2, .n_groups = n_groups, .max_records = max_records,
        .buckets = buckets, .groups = groups_in(t),
    };
    if (getrandom(&t->seed, sizeof(t->seed), 0) != sizeof(t->seed)) t->seed = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < n_groups; i++) kh_lock_init(&t->groups[i].lock);
    return t;
}

kh_shtable *kh_sht_new(const char *root, uint32_t version, uint32_t log2_buckets, uint64_t max_records)
{
    if (log2_buckets > KH_SHT_LOG2_MAX) return NULL;
    kh_proc_on_reap(reap);
    kh_shtable *t = root ? kh_root_get(root, version) : NULL;
    if (t && listed(t)) return t;
    if (!t || !adopt(t, version, max_records)) t = create(version, log2_buckets, max_records);
    if (!t) return NULL;
    t->next = list_first();
    if (list_set(t) < 0 || (root && kh_root_set(root, t, version) < 0)) {
        kh_sht_delete(t);
        return NULL;
    }
    return t;
}

int kh_sht_adopted(const kh_shtable *t) { return (int)t->adopted; }

uint32_t kh_sht_cut(const kh_shtable *t) { return t->cut; }

void kh_sht_delete(kh_shtable *t)
{
    kh_shtable *at = list_first();
    if (at == t) list_set(t->next);
    for (; at && at != t; at = at->next)
        if (at->next == t) {
            at->next = t->next;
            break;
        }
    kh_sht_clear(t);
    t->magic = 0; /* a root that still names it finds no table */
    kh_shm_free(t->buckets);
    kh_shm_free(t);
}

int kh_sht_open(kh_sht_slot *s, kh_shtable *t, const char *key, uint32_t key_len, int64_t now)
{
    if (key_len > KH_SHT_KEY_MAX) return KH_ETOOBIG;
    uint32_t hash = kh_sht_hash(t, key, key_len);
    uint64_t bucket = hash & (kh_sht_buckets(t) - 1);
    group_t *g = group_of(t, bucket);
    int rc = kh_sht_group_lock(t, g);
    if (rc < 0) return rc;
    rec_t **link = &t->buckets[bucket], *r;
    for (; (r = *link); link = &r->next)
        if (r->hash == hash && r->key_len == key_len && !memcmp(r->data + r->value_len, key, key_len)) break;
    *s = (kh_sht_slot){t, g, link, key, key_len, hash, now};
    return r && living(r, now) ? KH_OK : KH_ENOTFOUND;
}

void kh_sht_close(kh_sht_slot *s) { kh_lock_release(&s->group->lock); }

const char *kh_sht_value(const kh_sht_slot *s, uint32_t *len)
{
    *len = (*s->link)->value_len;
    return (*s->link)->data;
}

int64_t kh_sht_version(const kh_sht_slot *s) { return *s->link && living(*s->link, s->now) ? (*s->link)->version : 0; }

int kh_sht_count(kh_shtable *t, uint64_t *records)
{
    *records = 0;
    for (uint32_t i = 0; i < t->n_groups; i++) *records += __atomic_load_n(&t->groups[i].records, __ATOMIC_RELAXED);
    return KH_OK;
}

static bool table_full(kh_shtable *t)
{
    uint64_t records;
    if (!t->max_records) return false;
    kh_sht_count(t, &records);
    return records >= t->max_records;
}

int64_t kh_sht_store(kh_sht_slot *s, const char *value, uint32_t len, int64_t expires)
{
    group_t *g = s->group;
    rec_t *old = *s->link, *r = NULL;
    bool fits = len <= KH_SHT_VALUE_MAX && (old || !table_full(s->table));
    if (fits) r = kh_shm_malloc_held(sizeof(*r) + len + s->key_len);
    if (KH_UNLIKELY(!r)) {
        g->refused++;
        return fits ? KH_ENOMEM : KH_ETOOBIG;
    }
    KH_STEP();
    int64_t version = ++g->version;
    *r = (rec_t){old ? old->next : NULL, version, expires, s->hash, len, s->key_len, 0};
    memcpy(r->data, value, len);
    memcpy(r->data + len, old ? old->data + old->value_len : s->key, s->key_len);
    KH_STEP();
    if (old) kh_shm_hold(old);
    KH_STEP();
    __atomic_store_n(s->link, r, __ATOMIC_RELEASE);
    KH_STEP();
    kh_shm_keep(r);
    KH_STEP();
    g->records += !old;
    g->bytes += (uint64_t)len + (old ? 0 : s->key_len) - (old ? old->value_len : 0);
    KH_STEP();
    if (old) kh_shm_free(old);
    return version;
}

int kh_sht_drop(kh_sht_slot *s)
{
    rec_t *r = *s->link;
    kh_shm_hold(r);
    KH_STEP();
    __atomic_store_n(s->link, r->next, __ATOMIC_RELEASE);
    KH_STEP();
    s->group->records--;
    s->group->bytes -= r->key_len + r->value_len;
    KH_STEP();
    kh_shm_free(r);
    return KH_OK;
}
