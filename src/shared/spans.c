/* Pages, spans and runs: everything here happens under the arena's lock. arena_parts.h has the write order. */
#include "arena_parts.h"
#include "fault.h"

const uint16_t kh_class_size[CLASSES] = {
    32,  48,  64,  80,  96,   112,  128,  160,  192,  224,  256,  320,  384,  448,
    512, 640, 768, 896, 1024, 1280, 1536, 1808, 2048, 2720, 3264, 4096, 5456, 8192,
};

static uint32_t *link_of(block *b)
{
    return (uint32_t *)(b + 1);
}

static void taken(uint64_t bytes)
{
    kh_A->out += bytes;
    if (kh_A->out > kh_A->peak)
        kh_A->peak = kh_A->out;
}

/* ---- spans ---- */

static void partial_add(uint32_t pg)
{
    page *p = &kh_A->pages[pg];
    p->prev = NONE;
    p->next = kh_A->partial[p->cls];
    if (p->next != NONE)
        kh_A->pages[p->next].prev = pg;
    kh_A->partial[p->cls] = pg;
}

static void partial_remove(uint32_t pg)
{
    page *p = &kh_A->pages[pg];
    if (p->prev != NONE)
        kh_A->pages[p->prev].next = p->next;
    else
        kh_A->partial[p->cls] = p->next;
    if (p->next != NONE)
        kh_A->pages[p->next].prev = p->prev;
}

static void push_free(uint32_t pg, block *b)
{
    page *p = &kh_A->pages[pg];
    uint32_t number = (uint32_t)(((char *)b - kh_arena_data) % PAGE / kh_class_size[p->cls]);
    *link_of(b) = p->free_head;
    p->free_head = number + 1;
    p->n_free++;
}

static void page_to_free(uint32_t pg)
{
    kh_A->pages[pg].kind = PAGE_FREE;
    if (pg < kh_A->hint)
        kh_A->hint = pg;
}

static uint32_t find_run(uint32_t pages)
{
    uint32_t found = 0;
    for (uint32_t pg = kh_A->hint; pg < kh_A->n_pages;) {
        const page *p = &kh_A->pages[pg];
        found = p->kind == PAGE_FREE ? found + 1 : 0;
        pg += p->kind == PAGE_LARGE ? p->run : 1;
        if (found == pages)
            return pg - pages;
    }
    return NONE;
}

static uint32_t new_span(uint32_t cls)
{
    uint32_t pg = find_run(1);
    if (pg == NONE)
        return NONE;
    page *p = &kh_A->pages[pg];
    p->cls = (uint8_t)cls;
    p->n_free = 0;
    p->free_head = 0;
    for (uint32_t i = blocks_in(cls); i-- > 0;) {
        block *b = block_at(pg, i);
        b->cls = (uint8_t)cls;
        b->magic = MAGIC;
        set_mark(b, 0, FREE);
        push_free(pg, b);
    }
    KH_STEP();
    p->kind = PAGE_SPAN;
    KH_STEP();
    kh_A->hint = pg + 1;
    partial_add(pg);
    return pg;
}

block *kh_span_take(uint32_t cls, uint32_t owner)
{
    uint32_t pg = kh_A->partial[cls];
    if (pg == NONE && (pg = new_span(cls)) == NONE)
        return NULL;
    page *p = &kh_A->pages[pg];
    block *b = block_at(pg, p->free_head - 1);
    KH_STEP();
    set_mark(b, owner, CACHED);
    KH_STEP();
    p->free_head = *link_of(b);
    if (!--p->n_free)
        partial_remove(pg);
    KH_STEP();
    kh_A->n_out[cls]++;
    taken(kh_class_size[cls]);
    return b;
}

void kh_span_give(block *b)
{
    uint32_t pg = page_of(b);
    page *p = &kh_A->pages[pg];
    set_mark(b, 0, FREE);
    KH_STEP();
    kh_A->n_out[p->cls]--;
    kh_A->out -= kh_class_size[p->cls];
    if (!p->n_free)
        partial_add(pg);
    KH_STEP();
    push_free(pg, b);
    /* One empty span stays with its class: the next request is often for the same. */
    if (p->n_free == blocks_in(p->cls) && (p->next != NONE || p->prev != NONE)) {
        partial_remove(pg);
        KH_STEP();
        page_to_free(pg);
    }
}

/* ---- large runs ---- */

block *kh_run_take(uint32_t pages, uint32_t size, uint32_t owner, enum block_state state)
{
    uint32_t pg = find_run(pages);
    if (pg == NONE)
        return NULL;
    block *b = (block *)(kh_arena_data + (size_t)pg * PAGE);
    b->size = size;
    b->cls = LARGE_CLASS;
    b->magic = MAGIC;
    set_mark(b, owner, state);
    kh_A->pages[pg].run = pages;
    KH_STEP();
    kh_A->pages[pg].kind = PAGE_LARGE;
    KH_STEP();
    kh_A->large_pages += pages;
    kh_A->n_large++;
    taken((uint64_t)pages * PAGE);
    return b;
}

void kh_run_give(block *b)
{
    uint32_t pg = page_of(b), pages = kh_A->pages[pg].run;
    set_mark(b, 0, FREE);
    KH_STEP();
    page_to_free(pg);
    KH_STEP();
    kh_A->large_pages -= pages;
    kh_A->n_large--;
    kh_A->out -= (uint64_t)pages * PAGE;
}

/* Grow or shrink where it stands: one write to the page table decides. KH_EBUSY: the pages behind it are taken. */
int kh_run_resize(block *b, uint32_t pages)
{
    uint32_t pg = page_of(b);
    page *p = &kh_A->pages[pg];
    uint32_t have = p->run;
    for (uint32_t next = pg + have; next < pg + pages; next++)
        if (next >= kh_A->n_pages || kh_A->pages[next].kind != PAGE_FREE)
            return KH_EBUSY;
    if (kh_A->hint >= pg && kh_A->hint < pg + pages)
        kh_A->hint = pg + pages; /* else the search would begin inside the run, whose pages say "free" */
    KH_STEP();
    p->run = pages;
    KH_STEP();
    if (pages < have && pg + pages < kh_A->hint)
        kh_A->hint = pg + pages;
    kh_A->large_pages += pages - have;
    kh_A->out -= (uint64_t)have * PAGE;
    taken((uint64_t)pages * PAGE);
    return KH_OK;
}

/* ---- repair ---- */

void kh_each_block(kh_visit_fn visit, void *arg)
{
    for (uint32_t pg = 0; pg < kh_A->n_pages; pg++) {
        const page *p = &kh_A->pages[pg];
        if (p->kind == PAGE_SPAN)
            for (uint32_t i = 0; i < blocks_in(p->cls); i++)
                visit(block_at(pg, i), arg);
        else if (p->kind == PAGE_LARGE) {
            uint32_t run = p->run;
            visit((block *)(kh_arena_data + (size_t)pg * PAGE), arg);
            pg += run - 1;
        }
    }
}

static void rebuild_span(uint32_t pg)
{
    page *p = &kh_A->pages[pg];
    p->n_free = 0;
    p->free_head = 0;
    for (uint32_t i = blocks_in(p->cls); i-- > 0;)
        if (state_of(block_at(pg, i)) == FREE)
            push_free(pg, block_at(pg, i));
    KH_STEP();
    uint32_t out = blocks_in(p->cls) - p->n_free;
    if (!out)
        p->kind = PAGE_FREE;
    else if (p->n_free)
        partial_add(pg);
    kh_A->n_out[p->cls] += out;
    kh_A->out += (uint64_t)out * kh_class_size[p->cls];
}

static void rebuild_run(uint32_t pg)
{
    page *p = &kh_A->pages[pg];
    if (state_of((block *)(kh_arena_data + (size_t)pg * PAGE)) == FREE) {
        p->kind = PAGE_FREE; /* its last holder was on the way to say so */
        return;
    }
    kh_A->n_large++;
    kh_A->large_pages += p->run;
    kh_A->out += (uint64_t)p->run * PAGE;
}

void kh_spans_rebuild(void)
{
    for (int c = 0; c < CLASSES; c++) {
        kh_A->partial[c] = NONE;
        kh_A->n_out[c] = 0;
    }
    kh_A->hint = 0;
    kh_A->large_pages = kh_A->n_large = 0;
    kh_A->out = 0;
    for (uint32_t pg = 0; pg < kh_A->n_pages; pg++) {
        uint32_t run = kh_A->pages[pg].kind == PAGE_LARGE ? kh_A->pages[pg].run : 1;
        KH_STEP();
        if (kh_A->pages[pg].kind == PAGE_SPAN)
            rebuild_span(pg);
        else if (kh_A->pages[pg].kind == PAGE_LARGE)
            rebuild_run(pg);
        pg += run - 1;
    }
}

void kh_arena_lock(void)
{
    if (kh_lock_get(&kh_A->lock) == KH_EOWNERDEAD)
        kh_spans_rebuild();
}
