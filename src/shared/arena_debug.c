/* Debug mode of the allocator, and the record of faults that is kept without it too.
 *
 * A block's room is then: payload as asked for | guard bytes | trailer (the site's number). Freed payload is filled.
 */
#include "arena_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counter.h"
#include "proc.h"

#define GUARD 0xfd
#define FREED 0xdd
#define SITE_MARK 0x6b680000u /* upper half of a trailer; the site's number is below */

const char *kh_where;

static const char *tail_of(const char *where)
{
    size_t n = where ? strlen(where) : 0;
    return !where ? "?" : n < KH_SITE_LEN ? where : where + n - KH_SITE_LEN + 1;
}

/* The number of a site, entered at first sight; 0 when unknown or the table is full. Two processes may enter the same
 * site at once under two numbers: the report adds them up by name. */
static uint32_t site_number(const char *where)
{
    const char *name = tail_of(where);
    uint32_t hash = 2166136261u;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    for (uint32_t i = 0; i < SITES_MAX - 1; i++) {
        uint32_t n = 1 + (hash + i) % (SITES_MAX - 1);
        if (!strcmp(kh_A->sites[n], name))
            return n;
        if (!kh_A->sites[n][0]) {
            strcpy(kh_A->sites[n], name);
            return n;
        }
    }
    return 0;
}

static uint32_t *trailer_of(const block *b)
{
    return (uint32_t *)((char *)(b + 1) + room_of(b) - TRAILER);
}

static uint32_t site_of(const block *b)
{
    uint32_t word = *trailer_of(b);
    return (word & 0xffff0000u) == SITE_MARK && (word & 0xffff) < SITES_MAX ? word & 0xffff : 0;
}

void kh_debug_arm(block *b)
{
    uint32_t *trailer = trailer_of(b);
    char *guard = (char *)(b + 1) + b->size;
    memset(guard, GUARD, (size_t)((char *)trailer - guard));
    trailer[0] = SITE_MARK | site_number(kh_where);
    trailer[1] = 0;
}

int kh_debug_whole(const block *b)
{
    const char *end = (const char *)trailer_of(b);
    for (const char *c = (const char *)(b + 1) + b->size; c < end; c++)
        if ((uint8_t)*c != GUARD)
            return 0;
    return (*trailer_of(b) & 0xffff0000u) == SITE_MARK;
}

void kh_debug_free(block *b)
{
    if (!kh_debug_whole(b))
        kh_fault_note(KH_FAULT_OVERRUN, b + 1);
    memset(b + 1, FREED, b->size);
}

void kh_fault_note(enum kh_shm_fault_kind kind, const void *p)
{
    kh_count(KH_CNT_SHM_BAD_FREES);
    if (!kh_A)
        return;
    kh_shm_fault *f = &kh_A->faults[atomic_fetch_add(&kh_A->n_faults, 1) % FAULTS_KEPT];
    memset(f, 0, sizeof *f);
    f->kind = kind;
    f->pid = getpid();
    f->address = (uint64_t)(uintptr_t)p;
    snprintf(f->found, sizeof f->found, "%s", tail_of(kh_where));
    if (kind == KH_FAULT_NO_BLOCK)
        return;
    const block *b = header_of(p);
    f->size = b->size;
    if (kh_A->flags & KH_SHM_DEBUG)
        snprintf(f->site, sizeof f->site, "%s", site_of(b) ? kh_A->sites[site_of(b)] : "?");
}

int kh_shm_faults(kh_shm_fault *out, int max)
{
    int n = 0;
    uint64_t all = kh_shm_fault_count();
    for (; n < max && n < FAULTS_KEPT && (uint64_t)n < all; n++)
        out[n] = kh_A->faults[(all - 1 - (uint64_t)n) % FAULTS_KEPT];
    return n;
}

uint64_t kh_shm_fault_count(void)
{
    return kh_A ? atomic_load(&kh_A->n_faults) : 0;
}

int kh_shm_debug(void)
{
    kh_shm_info info;
    if (!kh_A)
        return KH_EINVAL;
    if (kh_A->flags & KH_SHM_DEBUG)
        return KH_OK;
    kh_shm_info_get(&info);
    if (info.blocks)
        return KH_EBUSY;
    char(*sites)[KH_SITE_LEN] = kh_shm_mallocz(sizeof(char[SITES_MAX][KH_SITE_LEN]));
    if (!sites)
        return KH_ENOMEM;
    kh_A->sites = sites;
    kh_A->flags |= KH_SHM_DEBUG;
    return KH_OK;
}

int kh_debug_sound(void)
{
    return kh_arena_in_use(kh_A->sites) && room_of(header_of(kh_A->sites)) >= sizeof(char[SITES_MAX][KH_SITE_LEN]);
}

void kh_shm_here(const char *where)
{
    kh_where = where;
}

/* ---- blocks in use by site ---- */

static struct {
    uint64_t blocks, bytes;
} sums[SITES_MAX];

static void sum_block(block *b, void *arg)
{
    if (is_taken(b) && (void *)(b + 1) != arg) {
        uint32_t n = site_of(b);
        sums[n].blocks++;
        sums[n].bytes += b->size;
    }
}

static kh_shm_site *entry_for(kh_shm_site *out, int n, const char *where)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(out[i].where, where))
            return &out[i];
    return NULL;
}

int kh_shm_sites(kh_shm_site *out, int max)
{
    int n = 0;
    if (!kh_A || !(kh_A->flags & KH_SHM_DEBUG))
        return 0;
    memset(sums, 0, sizeof sums);
    kh_arena_lock();
    kh_each_block(sum_block, kh_A->sites);
    kh_lock_release(&kh_A->lock);
    for (uint32_t i = 0; i < SITES_MAX; i++) {
        if (!sums[i].blocks)
            continue;
        const char *where = i ? kh_A->sites[i] : "?";
        kh_shm_site *e = entry_for(out, n, where);
        if (!e && n == max)
            break;
        if (!e) {
            e = memset(&out[n++], 0, sizeof *e);
            snprintf(e->where, sizeof e->where, "%s", where);
        }
        e->blocks += sums[i].blocks;
        e->bytes += sums[i].bytes;
    }
    return n;
}
