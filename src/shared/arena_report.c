/* Figures of the allocator: from its counts where that is enough, by a walk over every block where it is not. */
#include "arena_parts.h"

#include <string.h>

#include "proc.h"

static void count_runs(kh_shm_info *i)
{
    uint32_t run = 0, best = 0;
    for (uint32_t pg = 0; pg < kh_A->n_pages;) {
        const page *p = &kh_A->pages[pg];
        i->fragments += p->kind == PAGE_FREE && !run;
        i->fragments += p->kind == PAGE_SPAN ? p->n_free : 0;
        run = p->kind == PAGE_FREE ? run + 1 : 0;
        best = run > best ? run : best;
        pg += p->kind == PAGE_LARGE ? p->run : 1;
    }
    i->largest = best ? (uint64_t)best * PAGE - HEADER : 0;
}

/* Blocks that wait in magazines, by class. */
static void count_cached(uint64_t cached[CLASSES])
{
    memset(cached, 0, CLASSES * sizeof cached[0]);
    for (int slot = 0; slot < KH_PROC_MAX; slot++) {
        const kh_proc *p = kh_proc_get(slot);
        for (int c = 0; p && p->starts && c < CLASSES; c++)
            cached[c] += kh_magazine_rows[slot].n[c];
    }
}

void kh_shm_info_get(kh_shm_info *out)
{
    uint64_t cached[CLASSES];
    memset(out, 0, sizeof *out);
    if (!kh_A)
        return;
    kh_arena_lock();
    count_cached(cached);
    out->total_size = kh_arena_size;
    out->blocks = kh_A->n_large;
    out->real_used = (uint64_t)kh_A->large_pages * PAGE;
    for (int c = 0; c < CLASSES; c++) {
        uint64_t blocks = kh_A->n_out[c] - cached[c];
        out->blocks += blocks;
        out->real_used += blocks * kh_class_size[c];
        out->cached += cached[c] * kh_class_size[c];
        out->fragments += cached[c];
    }
    count_runs(out);
    out->max_used = kh_A->peak;
    kh_lock_release(&kh_A->lock);
    out->used = out->real_used - out->blocks * HEADER;
    out->free = out->total_size - out->real_used;
}

/* ---- walks ---- */

struct walk {
    kh_shm_info info;
    int faults;
};

static void walk_block(block *b, void *arg)
{
    struct walk *w = arg;
    enum block_state s = state_of(b);
    uint64_t size = room_of(b) + HEADER;
    w->faults += b->magic != MAGIC || s < FREE || s > HELD;
    if (is_taken(b)) {
        w->info.blocks++;
        w->info.real_used += size;
        w->faults += (kh_A->flags & KH_SHM_DEBUG) && (void *)(b + 1) != (void *)kh_A->sites && !kh_debug_whole(b);
    } else if (s == CACHED) {
        w->info.cached += size;
    }
}

/* Faults in one span: its list holds exactly its free blocks. */
static int check_span(uint32_t pg)
{
    const page *p = &kh_A->pages[pg];
    uint32_t n = 0, free_blocks = 0, faults = 0;
    for (uint32_t i = 0; i < blocks_in(p->cls); i++) {
        faults += block_at(pg, i)->cls != p->cls;
        free_blocks += state_of(block_at(pg, i)) == FREE;
    }
    for (uint32_t next = p->free_head; next && n <= free_blocks; n++) {
        const block *b = block_at(pg, next - 1);
        faults += state_of(b) != FREE;
        next = *(const uint32_t *)(b + 1);
    }
    return (int)(faults + (n != free_blocks) + (p->n_free != free_blocks));
}

/* Faults in the list of spans with free blocks, of one class. */
static int check_partial(uint32_t cls)
{
    uint32_t listed = 0, partial = 0;
    for (uint32_t pg = kh_A->partial[cls]; pg != NONE && listed <= kh_A->n_pages; pg = kh_A->pages[pg].next)
        listed++;
    for (uint32_t pg = 0; pg < kh_A->n_pages; pg += kh_A->pages[pg].kind == PAGE_LARGE ? kh_A->pages[pg].run : 1)
        partial += kh_A->pages[pg].kind == PAGE_SPAN && kh_A->pages[pg].cls == cls && kh_A->pages[pg].n_free;
    return listed != partial;
}

int kh_shm_check(kh_shm_info *walked)
{
    struct walk w = {0};
    kh_shm_info said;
    if (!kh_A)
        return KH_EINVAL;
    kh_shm_info_get(&said);
    kh_arena_lock();
    kh_each_block(walk_block, &w);
    for (uint32_t pg = 0; pg < kh_A->n_pages; pg += kh_A->pages[pg].kind == PAGE_LARGE ? kh_A->pages[pg].run : 1) {
        w.faults += kh_A->pages[pg].kind == PAGE_SPAN ? check_span(pg) : 0;
        w.faults += kh_A->pages[pg].kind == PAGE_FREE && pg < kh_A->hint;
    }
    for (uint32_t c = 0; c < CLASSES; c++)
        w.faults += check_partial(c);
    kh_lock_release(&kh_A->lock);
    w.faults += said.blocks != w.info.blocks || said.real_used != w.info.real_used || said.cached != w.info.cached;
    said.blocks = w.info.blocks;
    said.real_used = w.info.real_used;
    said.cached = w.info.cached;
    if (walked)
        *walked = said;
    return w.faults;
}

struct owned {
    uint32_t slot;
    int n;
};

static void count_owned(block *b, void *arg)
{
    struct owned *o = arg;
    enum block_state s = state_of(b);
    o->n += (s == CACHED || s == HELD) && KH_PROC_SLOT(owner_of(b)) == o->slot;
}

int kh_shm_owned(int slot)
{
    struct owned o = {(uint32_t)slot, 0};
    if (!kh_A)
        return 0;
    kh_arena_lock();
    kh_each_block(count_owned, &o);
    kh_lock_release(&kh_A->lock);
    return o.n;
}
