/* A predecessor's arena: is it sound, whose are its blocks, and what becomes of those that nobody wants. */
#include <string.h>

#include "arena_parts.h"
#include "fault.h"
#include "proc.h"

#define NOBODY KH_PROC_ID_MASK /* owner of a predecessor's blocks; no process gets this identity */

static int header_sound(const block *b, int cls, size_t room)
{
    enum block_state s = state_of(b);
    return b->magic == MAGIC && b->cls == cls && (s == FREE || s == CACHED || (is_taken(b) && b->size <= room));
}

static int span_sound(const char *first, uint32_t cls)
{
    if (cls >= CLASSES)
        return 0;
    for (uint32_t i = 0; i < blocks_in(cls); i++)
        if (!header_sound((const block *)(first + (size_t)i * kh_class_size[cls]), (int)cls, kh_class_size[cls] - HEADER))
            return 0;
    return 1;
}

static int page_sound(const kh_arena *a, uint32_t pg)
{
    const page *p = &a->pages[pg];
    const char *first = (const char *)a + a->data_off + (size_t)pg * PAGE;
    switch (p->kind) {
    case PAGE_FREE:
        return 1;
    case PAGE_SPAN:
        return span_sound(first, p->cls);
    case PAGE_LARGE:
        return p->run && p->run <= a->n_pages - pg &&
               header_sound((const block *)first, LARGE_CLASS, (size_t)p->run * PAGE - HEADER);
    }
    return 0;
}

int kh_arena_sound(const kh_arena *a, uint64_t bytes)
{
    if (a->data_off > bytes || a->data_off % PAGE || a->n_pages != (bytes - a->data_off) / PAGE ||
        sizeof(*a) + (uint64_t)a->n_pages * sizeof(page) > a->data_off)
        return 0;
    for (uint32_t pg = 0; pg < a->n_pages; pg += a->pages[pg].kind == PAGE_LARGE ? a->pages[pg].run : 1)
        if (!page_sound(a, pg))
            return 0;
    return !(a->flags & KH_SHM_DEBUG) || kh_debug_sound();
}

static void orphan(block *b, void *arg)
{
    (void)arg;
    if (is_taken(b))
        set_mark(b, NOBODY, HELD);
    else
        set_mark(b, 0, FREE);
}

void kh_arena_adopt(void)
{
    kh_lock_init(&kh_A->lock);
    kh_arena_lock();
    kh_each_block(orphan, NULL);
    KH_STEP();
    kh_spans_rebuild();
    kh_A->peak = kh_A->out;
    kh_A->flags &= KH_SHM_DEBUG;
    if (kh_A->flags & KH_SHM_DEBUG)
        kh_shm_keep(kh_A->sites);
    kh_lock_release(&kh_A->lock);
}

/* The block whose payload is p, if there can be one: p is where a payload begins. */
static block *block_of(const void *p)
{
    if (!in_arena(p))
        return NULL;
    char *at = (char *)header_of(p);
    const page *pg = &kh_A->pages[page_of(at)];
    size_t off = (size_t)(at - kh_arena_data) % PAGE;
    int starts = pg->kind == PAGE_LARGE ? off == 0 : pg->kind == PAGE_SPAN && off % kh_class_size[pg->cls] == 0;
    return starts && ((block *)at)->magic == MAGIC ? (block *)at : NULL;
}

int kh_arena_in_use(const void *p)
{
    const block *b = block_of(p);
    return b && is_taken(b);
}

int kh_shm_claim(void *p, size_t size)
{
    block *b = block_of(p);
    if (!b || state_of(b) != HELD || owner_of(b) != NOBODY || b->size < size)
        return KH_EINVAL;
    set_mark(b, kh_self, USED);
    return KH_OK;
}

int kh_arena_adopt_done(void)
{
    return kh_arena_reap(NOBODY);
}
