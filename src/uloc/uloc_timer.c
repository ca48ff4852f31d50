/* Walks over the whole location table: expiry, counts, and after a restart soundness and sockets. */
#include <string.h>

#include "ucontact.h"
#include "uloc.h"

typedef struct expiry {
    int64_t now, removed;
    char *out, *end;
    bool full;
} expiry;

static uint32_t padded(uint32_t n) { return (n + 7) & ~7u; }

/* Copies an AoR out, and a contact unless it is NULL; false when there is no room. */
static bool take_out(expiry *x, const char *key, uint32_t key_len, const kh_ucontact *c)
{
    if (!x->out) return true;
    kh_sht_item item = {0, c ? c->expires : 0, c ? c->size : 0, key_len};
    uint32_t head = (uint32_t)sizeof(item) + padded(key_len);
    if ((uint64_t)(x->end - x->out) < head + item.value_len) return false;
    memset(x->out, 0, head);
    memcpy(x->out, &item, sizeof(item));
    memcpy(x->out + sizeof(item), key, key_len);
    if (c) memcpy(x->out + head, c, c->size);
    x->out += head + item.value_len;
    return true;
}

static bool expired(const kh_ucontact *c, int64_t now)
{
    if (c->state == KH_UC_GONE) return false;
    return !kh_uc_living(c, now) || (kh_ul_settings_get()->expire_lost && kh_uc_lost(c));
}

static int expire_record(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg)
{
    static kh_uc_record left;
    expiry *x = arg;
    uint32_t off = 0;
    bool any = false;
    for (const kh_ucontact *c; !any && (c = kh_uc_at(value, len, off)); off += c->size) any = expired(c, x->now);
    if (!any || x->full) return 0;
    int64_t removed = 0;
    char *out = x->out;
    left.len = off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(value, len, off)); off += c->size) {
        kh_ucontact *copy = (kh_ucontact *)(void *)(left.data + left.len);
        memcpy(copy, c, c->size);
        if (expired(c, x->now) && !x->full) {
            x->full = !take_out(x, key, key_len, c);
            removed += !x->full;
            if (!x->full && !kh_ul_gone(copy)) continue;
        }
        left.len += c->size;
    }
    if (left.len && kh_sht_store(s, left.data, left.len, 0) < 0) { /* no memory: they go the next time */
        x->out = out;
        return 0;
    }
    x->removed += removed;
    return !left.len;
}

int64_t kh_ul_expire(kh_shtable *t, uint64_t *cursor, uint64_t buckets, char *out, uint64_t cap, uint64_t *used)
{
    expiry x = {kh_ul_now(), 0, out, out + cap, false};
    uint64_t stop = *cursor + buckets, all = kh_sht_buckets(t);
    for (; *cursor < (stop < all ? stop : all) && !x.full; ++*cursor) {
        int rc = kh_sht_visit(t, *cursor, 0, expire_record, &x);
        if (rc < 0) return rc;
        if (x.full) break; /* the same bucket again, with an empty buffer */
    }
    *used = out ? (uint64_t)(x.out - out) : 0;
    return x.removed;
}

static int look_for_unsynced(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg)
{
    expiry *x = arg;
    uint32_t off = 0;
    bool all = true;
    for (const kh_ucontact *c; all && (c = kh_uc_at(value, len, off)); off += c->size) all = c->state == KH_UC_SYNC;
    if (all || x->full) return 0;
    x->full = !take_out(x, key, key_len, NULL);
    x->removed += !x->full;
    return 0;
}

int64_t kh_ul_unsynced(kh_shtable *t, uint64_t *cursor, uint64_t buckets, char *out, uint64_t cap, uint64_t *used)
{
    expiry x = {0, 0, out, out + cap, false};
    uint64_t stop = *cursor + buckets, all = kh_sht_buckets(t);
    for (; *cursor < (stop < all ? stop : all) && !x.full; ++*cursor) {
        expiry before = x;
        int rc = kh_sht_visit(t, *cursor, 0, look_for_unsynced, &x);
        if (rc < 0) return rc;
        if (!x.full) continue;
        if (before.out != out) x = before; /* the same bucket again, with an empty buffer */
        else ++*cursor;                    /* what did not fit at all is found by the next walk */
        break;
    }
    *used = (uint64_t)(x.out - out);
    return x.removed;
}

static int count_record(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg)
{
    expiry *x = arg;
    x->removed += kh_uc_count(value, len, x->now);
    return 0;
}

int64_t kh_ul_contacts(kh_shtable *t)
{
    expiry x = {.now = kh_ul_now()};
    for (uint64_t b = 0; b < kh_sht_buckets(t); b++) {
        int rc = kh_sht_visit(t, b, 0, count_record, &x);
        if (rc < 0) return rc;
    }
    return x.removed;
}

static bool adds_up(const char *value, uint32_t len)
{
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(value, len, off)); off += c->size) {
        uint32_t used = sizeof(*c);
        for (int i = 0; i < KH_UC_PARTS; i++) used += c->len[i];
        if (c->size != padded(used) || c->size > len - off) return false;
    }
    return off == len && len && len <= KH_UC_RECORD_MAX;
}

static int drop_broken(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg)
{
    int64_t *dropped = arg;
    bool broken = !adds_up(value, len);
    *dropped += broken;
    return broken;
}

int64_t kh_ul_drop_broken(kh_shtable *t)
{
    int64_t dropped = 0;
    for (uint64_t b = 0; b < kh_sht_buckets(t); b++) {
        int rc = kh_sht_visit(t, b, 0, drop_broken, &dropped);
        if (rc < 0) return rc;
    }
    return dropped;
}

typedef struct remap {
    const uint16_t *map;
    uint32_t n;
    int64_t changed;
} remap;

static int remap_record(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg)
{
    static kh_uc_record copy;
    remap *map = arg;
    uint32_t off = 0;
    memcpy(copy.data, value, len);
    int64_t before = map->changed;
    for (kh_ucontact *c; (c = (kh_ucontact *)kh_uc_at(copy.data, len, off)); off += c->size) {
        uint16_t sock = c->sock < map->n ? map->map[c->sock] : KH_UC_NO_SOCK;
        map->changed += sock != c->sock;
        c->sock = sock;
    }
    if (map->changed != before) kh_sht_store(s, copy.data, len, 0);
    return 0;
}

int64_t kh_ul_remap_sockets(kh_shtable *t, const uint16_t *map, uint32_t n)
{
    remap x = {map, n, 0};
    for (uint64_t b = 0; b < kh_sht_buckets(t); b++) {
        int rc = kh_sht_visit(t, b, 0, remap_record, &x);
        if (rc < 0) return rc;
    }
    return x.changed;
}
