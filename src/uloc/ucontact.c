#include "ucontact.h"

#include <string.h>
#include <time.h>

_Static_assert(sizeof(kh_ucontact) == 64, "stored in shared memory and adopted by later starts: see KH_UL_VERSION");

static int64_t stopped_at;

void kh_ul_stop_clock(int64_t at) { stopped_at = at; }

int64_t kh_ul_now(void) { return stopped_at ? stopped_at : (int64_t)time(NULL); }

const kh_ucontact *kh_uc_at(const char *value, uint32_t len, uint32_t off)
{
    return off + sizeof(kh_ucontact) <= len ? (const kh_ucontact *)(const void *)(value + off) : NULL;
}

kh_uc_text kh_uc_part(const kh_ucontact *c, int part)
{
    const char *s = c->text;
    for (int i = 0; i < part; i++) s += c->len[i];
    return (kh_uc_text){s, c->len[part]};
}

/* Offset where a contact with this q belongs. */
static uint32_t place(const kh_uc_record *r, int16_t q, bool newest_first)
{
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(r->data, r->len, off)); off += c->size)
        if (newest_first || c->q < q) break;
    return off;
}

static char *make_room(kh_uc_record *r, uint32_t off, uint32_t size)
{
    if (size > KH_UC_RECORD_MAX || r->len + size > KH_UC_RECORD_MAX) return NULL;
    memmove(r->data + off + size, r->data + off, r->len - off);
    r->len += size;
    return r->data + off;
}

int kh_uc_insert_at(kh_uc_record *r, uint32_t off, const kh_ucontact *numbers, const kh_uc_text parts[KH_UC_PARTS])
{
    uint32_t used = sizeof(kh_ucontact);
    for (int i = 0; i < KH_UC_PARTS; i++) {
        if (parts[i].len > UINT16_MAX) return KH_ETOOBIG;
        used += parts[i].len;
    }
    uint32_t size = (used + 7) & ~7u;
    char *at = make_room(r, off, size);
    if (!at) return KH_ETOOBIG;
    kh_ucontact *c = (kh_ucontact *)(void *)at;
    *c = *numbers;
    c->size = size;
    char *s = c->text;
    for (int i = 0; i < KH_UC_PARTS; i++) {
        c->len[i] = (uint16_t)parts[i].len;
        if (parts[i].len) memcpy(s, parts[i].s, parts[i].len);
        s += parts[i].len;
    }
    memset(s, 0, size - used);
    return KH_OK;
}

int kh_uc_insert(kh_uc_record *r, const kh_ucontact *numbers, const kh_uc_text parts[KH_UC_PARTS], bool newest_first)
{
    return kh_uc_insert_at(r, place(r, numbers->q, newest_first), numbers, parts);
}

int kh_uc_count(const char *value, uint32_t len, int64_t now)
{
    int n = 0;
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(value, len, off)); off += c->size) n += kh_uc_living(c, now);
    return n;
}
