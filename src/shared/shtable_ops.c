/* Whole operations on one record of a shared table, made of open, store, drop and close. */
#include <string.h>

#include "fault.h"
#include "shtable_parts.h"

int kh_sht_get(kh_shtable *t, const char *key, uint32_t key_len, int64_t now, kh_sht_item *item, char *out, uint32_t cap)
{
    kh_sht_slot s;
    int rc = kh_sht_open(&s, t, key, key_len, now);
    if (rc == KH_OK) {
        const rec_t *r = *s.link;
        *item = (kh_sht_item){r->version, r->expires, r->value_len, r->key_len};
        rc = r->value_len <= cap ? (int)r->value_len : KH_ETOOBIG;
        if (rc >= 0) memcpy(out, r->data, r->value_len);
    } else if (rc != KH_ENOTFOUND) {
        return rc;
    }
    kh_sht_close(&s);
    return rc;
}

/* What a wanted version says about the record that is there (0: none). */
static int compare(int64_t wanted, int64_t there)
{
    if (wanted == KH_SHT_ANY) return KH_OK;
    if (wanted == KH_SHT_ABSENT) return there ? KH_EEXIST : KH_OK;
    return wanted == there ? KH_OK : KH_ECHANGED;
}

int64_t kh_sht_put(kh_shtable *t, const char *key, uint32_t key_len, const char *value, uint32_t value_len, int64_t expires,
                   int64_t version, int64_t now)
{
    kh_sht_slot s;
    int64_t rc = kh_sht_open(&s, t, key, key_len, now);
    if (rc != KH_OK && rc != KH_ENOTFOUND) return rc;
    rc = compare(version, kh_sht_version(&s));
    if (rc == KH_OK) rc = kh_sht_store(&s, value, value_len, expires);
    kh_sht_close(&s);
    return rc;
}

int kh_sht_remove(kh_shtable *t, const char *key, uint32_t key_len, int64_t version, int64_t now)
{
    kh_sht_slot s;
    int rc = kh_sht_open(&s, t, key, key_len, now);
    if (rc != KH_OK && rc != KH_ENOTFOUND) return rc;
    if (rc == KH_OK) rc = compare(version, kh_sht_version(&s));
    if (rc == KH_OK) rc = kh_sht_drop(&s);
    kh_sht_close(&s);
    return rc;
}

int kh_sht_add(kh_shtable *t, const char *key, uint32_t key_len, int64_t delta, int64_t initial, int64_t expires,
               int64_t now, int64_t *sum)
{
    kh_sht_slot s;
    int64_t rc = kh_sht_open(&s, t, key, key_len, now);
    if (rc == KH_OK) {
        rec_t *r = *s.link;
        rc = r->value_len == sizeof(int64_t) ? KH_OK : KH_EINVAL;
        if (rc == KH_OK) { /* in place: one aligned store each, and a version too new does no harm */
            int64_t value;
            memcpy(&value, r->data, sizeof(value));
            *sum = (int64_t)((uint64_t)value + (uint64_t)delta);
            r->version = ++s.group->version;
            KH_STEP();
            __atomic_store_n((int64_t *)(void *)r->data, *sum, __ATOMIC_RELAXED);
        }
    } else if (rc == KH_ENOTFOUND) {
        *sum = (int64_t)((uint64_t)initial + (uint64_t)delta);
        rc = kh_sht_store(&s, (const char *)sum, sizeof(*sum), expires);
    } else {
        return (int)rc;
    }
    kh_sht_close(&s);
    return rc < 0 ? (int)rc : KH_OK;
}
