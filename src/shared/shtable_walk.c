/* Walks over a whole shared table: scans, visits, statistics, the check. One bucket at a time under its group's lock. */
#include <string.h>

#include "shtable_parts.h"

static uint64_t item_size(const rec_t *r) { return (sizeof(kh_sht_item) + r->key_len + r->value_len + 7) & ~7ull; }

static char *copy_item(char *out, const rec_t *r)
{
    kh_sht_item item = {r->version, r->expires, r->value_len, r->key_len};
    uint64_t size = item_size(r), used = sizeof(item) + r->key_len + r->value_len;
    memcpy(out, &item, sizeof(item));
    memcpy(out + sizeof(item), r->data + r->value_len, r->key_len);
    memcpy(out + sizeof(item) + r->key_len, r->data, r->value_len);
    memset(out + used, 0, size - used);
    return out + size;
}

/* Copies the living of a bucket, or with `reap` copies and drops the expired. Locked. */
static char *copy_bucket(kh_shtable *t, uint64_t bucket, int64_t now, int reap, char *out)
{
    kh_sht_slot s = {.table = t, .group = group_of(t, bucket), .link = &t->buckets[bucket], .now = now};
    for (rec_t *r; (r = *s.link);) {
        if (living(r, now) == !reap) out = copy_item(out, r);
        if (reap && !living(r, now)) kh_sht_drop(&s);
        else s.link = &r->next;
    }
    return out;
}

int64_t kh_sht_scan(kh_shtable *t, uint64_t *cursor, int64_t now, int reap, char *out, uint64_t cap, uint64_t *need)
{
    char *to = out;
    for (; *cursor < kh_sht_buckets(t); ++*cursor) {
        if (!t->buckets[*cursor]) continue;
        group_t *g = group_of(t, *cursor);
        int rc = kh_sht_group_lock(t, g);
        if (rc < 0) return rc;
        uint64_t size = 0;
        for (rec_t *r = t->buckets[*cursor]; r; r = r->next) size += living(r, now) == !reap ? item_size(r) : 0;
        bool fits = size <= cap - (uint64_t)(to - out);
        if (fits) to = copy_bucket(t, *cursor, now, reap, to);
        kh_lock_release(&g->lock);
        if (fits) continue;
        *need = size;
        return to == out ? KH_ETOOBIG : to - out;
    }
    return to - out;
}

int kh_sht_visit(kh_shtable *t, uint64_t bucket, int64_t now, kh_sht_visit_fn fn, void *arg)
{
    if (bucket >= kh_sht_buckets(t)) return KH_EINVAL;
    if (!__atomic_load_n(&t->buckets[bucket], __ATOMIC_ACQUIRE)) return 0;
    group_t *g = group_of(t, bucket);
    int n = 0, rc = kh_sht_group_lock(t, g);
    if (rc < 0) return rc;
    kh_sht_slot s = {.table = t, .group = g, .link = &t->buckets[bucket], .now = now};
    for (rec_t *r; (r = *s.link); n++) {
        s.key = r->data + r->value_len;
        s.key_len = r->key_len;
        s.hash = r->hash;
        if (fn(&s, s.key, s.key_len, r->data, r->value_len, arg)) kh_sht_drop(&s);
        else s.link = &(*s.link)->next;
    }
    kh_lock_release(&g->lock);
    return n;
}

static int drop_all(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg)
{
    return 1;
}

int64_t kh_sht_clear(kh_shtable *t)
{
    int64_t n = 0;
    for (uint64_t b = 0; b < kh_sht_buckets(t); b++) {
        int rc = kh_sht_visit(t, b, 0, drop_all, NULL);
        if (rc < 0) return rc;
        n += rc;
    }
    return n;
}

int kh_sht_stats_get(kh_shtable *t, kh_sht_stats *out)
{
    *out = (kh_sht_stats){.buckets = kh_sht_buckets(t)};
    for (uint32_t i = 0; i < t->n_groups; i++) {
        group_t *g = &t->groups[i];
        int rc = kh_sht_group_lock(t, g);
        if (rc < 0) return rc;
        for (uint64_t b = i; b < out->buckets; b += t->n_groups) {
            uint64_t n = 0;
            for (rec_t *r = t->buckets[b]; r; r = r->next) n++;
            if (n > out->longest) out->longest = n;
        }
        out->records += g->records;
        out->bytes += g->bytes;
        out->refused += g->refused;
        out->repaired += g->repaired;
        out->contended += g->lock.contended;
        kh_lock_release(&g->lock);
    }
    return KH_OK;
}

/* Faults of one group, locked. */
static int check_group(kh_shtable *t, uint32_t i)
{
    group_t *g = &t->groups[i];
    uint64_t records = 0, bytes = 0;
    int faults = 0;
    for (uint64_t b = i; b < kh_sht_buckets(t); b += t->n_groups)
        for (rec_t *r = t->buckets[b]; r; r = r->next) {
            records++;
            bytes += r->key_len + r->value_len;
            uint32_t hash = kh_sht_hash(t, r->data + r->value_len, r->key_len);
            faults += hash != r->hash || (hash & (kh_sht_buckets(t) - 1)) != b;
            faults += r->version <= 0 || r->version > g->version;
            for (rec_t *other = r->next; other; other = other->next)
                faults += other->key_len == r->key_len &&
                          !memcmp(other->data + other->value_len, r->data + r->value_len, r->key_len);
        }
    return faults + (records != g->records) + (bytes != g->bytes);
}

int kh_sht_check(kh_shtable *t)
{
    int faults = 0;
    for (uint32_t i = 0; i < t->n_groups; i++) {
        int rc = kh_sht_group_lock(t, &t->groups[i]);
        if (rc < 0) return rc;
        faults += check_group(t, i);
        kh_lock_release(&t->groups[i].lock);
    }
    return faults;
}
