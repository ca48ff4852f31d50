/* Write order. What a list says is never trusted after a death; what counts is a block's header and the page table:
 *
 *   - a span's page becomes KH_PAGE_SPAN only after all its block headers say "free";
 *   - a large run becomes KH_PAGE_LARGE by one write to its first page, after length and block header are there; the
 *     pages inside it keep saying "free", so ending the run is one write as well;
 *   - a block's state and owner are one 64-bit word. A block in a magazine is "cached" and names its owner, so the
 *     magazines themselves are private memory of each process and need no repair.
 *
 * Whoever gets the arena's lock from a dead holder rebuilds the lists of free blocks from that (rebuild()).
 */
#include "arena.h"

#include <stdatomic.h>
#include <string.h>

#include "counter.h"
#include "fault.h"
#include "lock.h"
#include "proc.h"

#define PAGE 16384
#define HEADER 16
#define CLASSES 28
#define MAGAZINE 64        /* blocks of a class that a process keeps at most */
#define MAGAZINE_BYTES 8192 /* of a class: bigger blocks are kept in smaller numbers */
#define MAGIC 0x6b68
#define NONE 0xffffffffu
#define LARGE_CLASS 0xff

enum block_state { FREE = 1, CACHED = 2, USED = 3, HELD = 4 };
enum page_kind { PAGE_FREE = 0, PAGE_SPAN = 1, PAGE_LARGE = 2 };

/* `mark` is owner << 32 | state: one write says both. */
typedef struct block {
    _Atomic uint64_t mark;
    uint32_t size; /* payload asked for */
    uint8_t cls;
    uint8_t pad;
    uint16_t magic;
} block;

_Static_assert(sizeof(block) == HEADER, "payload is aligned to 16 bytes");

typedef struct page {
    uint8_t kind;
    uint8_t cls;
    uint16_t n_free;    /* free blocks of a span: those of the list below */
    uint32_t free_head; /* first free block of a span, by number + 1 */
    uint32_t run;       /* pages of a large run */
    uint32_t next;      /* spans of this class with free blocks: a list by page number */
    uint32_t prev;
} page;

struct kh_arena {
    kh_lock lock;
    uint32_t n_pages;
    uint32_t hint;         /* where to look for a free page first */
    uint32_t flags;
    _Atomic int64_t fail_after;
    _Atomic uint64_t max_used;
    uint64_t data_off; /* of page 0 from the arena */
    uint32_t partial[CLASSES];
    page pages[];
};

static const uint16_t class_size[CLASSES] = { /* with header */
    32,  48,  64,  80,  96,   112,  128,  160,  192,  224,  256,  320,  384,  448,
    512, 640, 768, 896, 1024, 1280, 1536, 1808, 2048, 2720, 3264, 4096, 5456, 8192,
};

static kh_arena *A;
static char *data;
static uint8_t class_of_16[8192 / 16 + 1]; /* class of a size in units of 16 bytes */

static struct {
    uint32_t n;
    block *blocks[MAGAZINE];
} magazines[CLASSES];

static int64_t *used_here; /* bytes this process took minus those it gave back: what all sum to is in use */
static int64_t *used_slots; /* one a process slot */

static void set_mark(block *b, uint32_t owner, enum block_state state)
{
    atomic_store_explicit(&b->mark, (uint64_t)owner << 32 | state, memory_order_release);
}

static enum block_state state_of(const block *b)
{
    return (enum block_state)(atomic_load_explicit(&b->mark, memory_order_relaxed) & 0xff);
}

static uint32_t owner_of(const block *b)
{
    return (uint32_t)(atomic_load_explicit(&b->mark, memory_order_relaxed) >> 32);
}

static block *block_at(uint32_t pg, uint32_t number)
{
    return (block *)(data + (size_t)pg * PAGE + (size_t)number * class_size[A->pages[pg].cls]);
}

static uint32_t blocks_in(uint32_t cls)
{
    return PAGE / class_size[cls];
}

static uint32_t page_of(const void *p)
{
    return (uint32_t)(((const char *)p - data) / PAGE);
}

static uint32_t *link_of(block *b)
{
    return (uint32_t *)(b + 1);
}

/* ---- spans: under the lock ---- */

static void partial_add(uint32_t pg)
{
    page *p = &A->pages[pg];
    p->prev = NONE;
    p->next = A->partial[p->cls];
    if (p->next != NONE)
        A->pages[p->next].prev = pg;
    A->partial[p->cls] = pg;
}

static void partial_remove(uint32_t pg)
{
    page *p = &A->pages[pg];
    if (p->prev != NONE)
        A->pages[p->prev].next = p->next;
    else
        A->partial[p->cls] = p->next;
    if (p->next != NONE)
        A->pages[p->next].prev = p->prev;
}

static void span_push(uint32_t pg, block *b)
{
    page *p = &A->pages[pg];
    uint32_t number = (uint32_t)(((char *)b - data) % PAGE / class_size[p->cls]);
    *link_of(b) = p->free_head;
    p->free_head = number + 1;
    p->n_free++;
}

static uint32_t find_run(uint32_t pages)
{
    uint32_t found = 0, looked = 0;
    for (uint32_t pg = A->hint < A->n_pages ? A->hint : 0; looked <= A->n_pages + pages;) {
        if (pg >= A->n_pages) {
            pg = 0;
            found = 0;
        }
        const page *p = &A->pages[pg];
        uint32_t step = p->kind == PAGE_LARGE ? p->run : 1;
        found = p->kind == PAGE_FREE ? found + 1 : 0;
        pg += step;
        looked += step;
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
    page *p = &A->pages[pg];
    A->hint = pg + 1;
    p->cls = (uint8_t)cls;
    p->n_free = 0;
    p->free_head = 0;
    for (uint32_t i = blocks_in(cls); i-- > 0;) {
        block *b = block_at(pg, i);
        b->cls = (uint8_t)cls;
        b->magic = MAGIC;
        set_mark(b, 0, FREE);
        span_push(pg, b);
    }
    KH_STEP();
    p->kind = PAGE_SPAN;
    KH_STEP();
    partial_add(pg);
    return pg;
}

static void give_back(block *b)
{
    uint32_t pg = page_of(b);
    page *p = &A->pages[pg];
    if (!p->n_free)
        partial_add(pg);
    KH_STEP();
    set_mark(b, 0, FREE);
    KH_STEP();
    span_push(pg, b);
    if (p->n_free == blocks_in(p->cls)) {
        partial_remove(pg);
        KH_STEP();
        p->kind = PAGE_FREE;
        if (pg < A->hint)
            A->hint = pg;
    }
}

/* ---- repair ---- */

typedef void (*visit_fn)(block *b, void *arg);

static void each_block(visit_fn visit, void *arg)
{
    for (uint32_t pg = 0; pg < A->n_pages; pg++) {
        const page *p = &A->pages[pg];
        if (p->kind == PAGE_SPAN)
            for (uint32_t i = 0; i < blocks_in(p->cls); i++)
                visit(block_at(pg, i), arg);
        else if (p->kind == PAGE_LARGE) {
            visit((block *)(data + (size_t)pg * PAGE), arg);
            pg += p->run - 1;
        }
    }
}

static void rebuild_span(uint32_t pg)
{
    page *p = &A->pages[pg];
    p->n_free = 0;
    p->free_head = 0;
    for (uint32_t i = blocks_in(p->cls); i-- > 0;)
        if (state_of(block_at(pg, i)) == FREE)
            span_push(pg, block_at(pg, i));
    if (p->n_free == blocks_in(p->cls))
        p->kind = PAGE_FREE;
    else if (p->n_free)
        partial_add(pg);
}

static void rebuild(void)
{
    for (int c = 0; c < CLASSES; c++)
        A->partial[c] = NONE;
    A->hint = 0;
    for (uint32_t pg = 0; pg < A->n_pages; pg++) {
        const page *p = &A->pages[pg];
        if (p->kind == PAGE_SPAN)
            rebuild_span(pg);
        else if (p->kind == PAGE_LARGE)
            pg += p->run - 1;
    }
}

static void lock_arena(void)
{
    if (kh_lock_get(&A->lock) == KH_EOWNERDEAD)
        rebuild();
}

struct reap {
    uint32_t id;
    int n;
};

static void free_large(block *b)
{
    uint32_t pg = page_of(b);
    set_mark(b, 0, FREE);
    KH_STEP();
    A->pages[pg].kind = PAGE_FREE;
    if (pg < A->hint)
        A->hint = pg;
}

static void reap_block(block *b, void *arg)
{
    struct reap *r = arg;
    enum block_state s = state_of(b);
    if ((s != CACHED && s != HELD) || owner_of(b) != r->id)
        return;
    r->n++;
    if (b->cls == LARGE_CLASS)
        free_large(b);
    else
        set_mark(b, 0, FREE); /* the lists are made anew below */
}

int kh_arena_reap(uint32_t id)
{
    struct reap r = {id, 0};
    if (!A)
        return 0;
    lock_arena();
    each_block(reap_block, &r);
    if (r.n)
        rebuild();
    kh_lock_release(&A->lock);
    return r.n;
}

/* ---- magazines ---- */

static uint32_t capacity(uint32_t cls)
{
    uint32_t n = MAGAZINE_BYTES / class_size[cls];
    return n > MAGAZINE ? MAGAZINE : n < 4 ? 4 : n;
}

static void note_high_water(void)
{
    int64_t sum = 0;
    for (int s = 0; s < KH_PROC_MAX; s++) {
        const kh_proc *p = kh_proc_get(s);
        sum += p && p->starts ? used_slots[s] : 0;
    }
    if (sum > 0 && (uint64_t)sum > atomic_load(&A->max_used))
        atomic_store(&A->max_used, (uint64_t)sum);
}

static int refill(uint32_t cls)
{
    uint32_t want = capacity(cls) / 2;
    lock_arena();
    while (magazines[cls].n < want) {
        uint32_t pg = A->partial[cls];
        if (pg == NONE && (pg = new_span(cls)) == NONE)
            break;
        page *p = &A->pages[pg];
        block *b = block_at(pg, p->free_head - 1);
        set_mark(b, kh_self, CACHED);
        KH_STEP();
        p->free_head = *link_of(b);
        if (!--p->n_free)
            partial_remove(pg);
        magazines[cls].blocks[magazines[cls].n++] = b;
    }
    note_high_water();
    kh_lock_release(&A->lock);
    kh_count(KH_CNT_SHM_REFILLS);
    return magazines[cls].n ? KH_OK : KH_ENOMEM;
}

static void flush(uint32_t cls)
{
    uint32_t keep = capacity(cls) / 2;
    lock_arena();
    while (magazines[cls].n > keep)
        give_back(magazines[cls].blocks[--magazines[cls].n]);
    kh_lock_release(&A->lock);
    kh_count(KH_CNT_SHM_FLUSHES);
}

/* ---- large blocks ---- */

static uint32_t pages_for(size_t size)
{
    return (uint32_t)((size + HEADER + PAGE - 1) / PAGE);
}

static void *large_alloc(size_t size, enum block_state state)
{
    uint32_t run = pages_for(size);
    lock_arena();
    uint32_t pg = find_run(run);
    block *b = NULL;
    if (pg != NONE) {
        b = (block *)(data + (size_t)pg * PAGE);
        b->size = (uint32_t)size;
        b->cls = LARGE_CLASS;
        b->magic = MAGIC;
        set_mark(b, kh_self, state);
        A->pages[pg].run = run;
        KH_STEP();
        A->pages[pg].kind = PAGE_LARGE;
        *used_here += (int64_t)run * PAGE;
        note_high_water();
    }
    kh_lock_release(&A->lock);
    return b ? b + 1 : NULL;
}

/* Grow or shrink where it stands: one write to the page table decides. */
static int large_resize(block *b, size_t size)
{
    uint32_t run = pages_for(size), pg = page_of(b);
    lock_arena();
    page *p = &A->pages[pg];
    uint32_t have = p->run;
    for (uint32_t next = pg + have; next < pg + run; next++)
        if (next >= A->n_pages || A->pages[next].kind != PAGE_FREE) {
            kh_lock_release(&A->lock);
            return KH_EBUSY;
        }
    p->run = run;
    b->size = (uint32_t)size;
    *used_here += ((int64_t)run - have) * PAGE;
    if (A->hint > pg + run && run < have)
        A->hint = pg + run;
    kh_lock_release(&A->lock);
    return KH_OK;
}

/* ---- the API ---- */

static int refused(void)
{
    if (KH_LIKELY(!(A->flags & KH_SHM_FAIL)))
        return 0;
    return atomic_fetch_sub(&A->fail_after, 1) <= 1;
}

static void *allocate(size_t size, enum block_state state)
{
    if (KH_UNLIKELY(!A || !kh_self || size > (size_t)A->n_pages * PAGE || refused()))
        goto fail;
    size += !size;
    if (size > 8192 - HEADER) {
        void *p = large_alloc(size, state);
        if (!p)
            goto fail;
        return p;
    }
    uint32_t cls = class_of_16[(size + HEADER + 15) / 16];
    if (KH_UNLIKELY(!magazines[cls].n) && refill(cls) < 0)
        goto fail;
    block *b = magazines[cls].blocks[--magazines[cls].n];
    b->size = (uint32_t)size;
    set_mark(b, kh_self, state);
    *used_here += class_size[cls];
    return b + 1;
fail:
    kh_count(KH_CNT_SHM_FAILED);
    return NULL;
}

void *kh_shm_malloc(size_t size)
{
    return allocate(size, USED);
}

void *kh_shm_malloc_held(size_t size)
{
    return allocate(size, HELD);
}

void *kh_shm_mallocz(size_t size)
{
    void *p = allocate(size, USED);
    if (p)
        memset(p, 0, size);
    return p;
}

static block *block_in_use(const void *p)
{
    block *b = (block *)p - 1;
    if (!A || (char *)b < data || (char *)p >= data + (size_t)A->n_pages * PAGE || ((uintptr_t)p & 15))
        return NULL;
    if (b->magic != MAGIC || (state_of(b) != USED && state_of(b) != HELD))
        return NULL;
    return b;
}

int kh_shm_free(void *p)
{
    if (!p)
        return KH_OK;
    block *b = block_in_use(p);
    if (KH_UNLIKELY(!b)) {
        kh_count(KH_CNT_SHM_BAD_FREES);
        return KH_EINVAL;
    }
    if (b->cls == LARGE_CLASS) {
        lock_arena();
        *used_here -= (int64_t)A->pages[page_of(b)].run * PAGE;
        free_large(b);
        kh_lock_release(&A->lock);
        return KH_OK;
    }
    uint32_t cls = b->cls;
    *used_here -= class_size[cls];
    set_mark(b, kh_self, CACHED);
    KH_STEP();
    magazines[cls].blocks[magazines[cls].n++] = b;
    if (KH_UNLIKELY(magazines[cls].n >= capacity(cls)))
        flush(cls);
    return KH_OK;
}

static size_t room(const block *b)
{
    return b->cls == LARGE_CLASS ? (size_t)A->pages[page_of(b)].run * PAGE - HEADER : (size_t)class_size[b->cls] - HEADER;
}

size_t kh_shm_size_of(const void *p)
{
    const block *b = block_in_use(p);
    return b ? room(b) : 0;
}

void *kh_shm_realloc(void *p, size_t size)
{
    if (!p)
        return kh_shm_malloc(size);
    block *b = block_in_use(p);
    if (!b)
        return NULL;
    size += !size;
    if (size <= room(b) && (b->cls != LARGE_CLASS || pages_for(size) == A->pages[page_of(b)].run)) {
        b->size = (uint32_t)size;
        return p;
    }
    if (b->cls == LARGE_CLASS && size > 8192 - HEADER && large_resize(b, size) == KH_OK)
        return p;
    void *q = allocate(size, state_of(b));
    if (!q)
        return NULL;
    memcpy(q, p, b->size < size ? b->size : size);
    kh_shm_free(p);
    return q;
}

void kh_shm_keep(void *p)
{
    set_mark((block *)p - 1, kh_self, USED);
}

void kh_shm_hold(void *p)
{
    set_mark((block *)p - 1, kh_self, HELD);
}

/* ---- reports ---- */

static void count_block(block *b, void *arg)
{
    kh_shm_info *i = arg;
    enum block_state s = state_of(b);
    size_t size = room(b) + HEADER;
    if (s == USED || s == HELD) {
        i->blocks++;
        i->used += size - HEADER;
        i->real_used += size;
    } else {
        i->fragments++;
        if (s == CACHED)
            i->cached += size;
    }
}

static void count_runs(kh_shm_info *i)
{
    uint32_t run = 0, best = 0;
    for (uint32_t pg = 0; pg < A->n_pages;) {
        const page *p = &A->pages[pg];
        i->fragments += p->kind == PAGE_FREE && !run;
        run = p->kind == PAGE_FREE ? run + 1 : 0;
        best = run > best ? run : best;
        pg += p->kind == PAGE_LARGE ? p->run : 1;
    }
    i->largest = best ? (uint64_t)best * PAGE - HEADER : 0;
}

void kh_shm_info_get(kh_shm_info *out)
{
    memset(out, 0, sizeof *out);
    if (!A)
        return;
    lock_arena();
    out->total_size = (uint64_t)A->n_pages * PAGE;
    each_block(count_block, out);
    count_runs(out);
    note_high_water();
    kh_lock_release(&A->lock);
    out->free = out->total_size - out->real_used;
    out->max_used = atomic_load(&A->max_used);
    if (out->max_used < out->real_used)
        out->max_used = out->real_used;
}

static int check_span(uint32_t pg)
{
    const page *p = &A->pages[pg];
    uint32_t n = 0, free_blocks = 0, faults = 0;
    for (uint32_t i = 0; i < blocks_in(p->cls); i++) {
        const block *b = block_at(pg, i);
        faults += b->magic != MAGIC || b->cls != p->cls;
        free_blocks += state_of(b) == FREE;
    }
    for (uint32_t next = p->free_head; next && n <= free_blocks; next = *link_of(block_at(pg, next - 1))) {
        n++;
        faults += state_of(block_at(pg, next - 1)) != FREE;
    }
    return (int)(faults + (n != free_blocks) + (p->n_free != free_blocks));
}

int kh_shm_check(kh_shm_info *walked)
{
    int faults = 0;
    if (!A)
        return KH_EINVAL;
    lock_arena();
    for (uint32_t pg = 0; pg < A->n_pages; pg++) {
        const page *p = &A->pages[pg];
        if (p->kind == PAGE_SPAN)
            faults += check_span(pg);
        else if (p->kind == PAGE_LARGE)
            pg += p->run - 1;
    }
    kh_lock_release(&A->lock);
    if (walked)
        kh_shm_info_get(walked);
    return faults;
}

static void count_owned(block *b, void *arg)
{
    struct reap *r = arg;
    enum block_state s = state_of(b);
    r->n += (s == CACHED || s == HELD) && KH_PROC_SLOT(owner_of(b)) == r->id;
}

int kh_shm_owned(int slot)
{
    struct reap r = {(uint32_t)slot, 0};
    if (!A)
        return 0;
    lock_arena();
    each_block(count_owned, &r);
    kh_lock_release(&A->lock);
    return r.n;
}

int kh_shm_flags(void)
{
    return A ? (int)A->flags : 0;
}

void kh_shm_fail_after(int64_t n)
{
    if (!A)
        return;
    atomic_store(&A->fail_after, n + 1);
    A->flags = n < 0 ? A->flags & ~(uint32_t)KH_SHM_FAIL : A->flags | KH_SHM_FAIL;
}

/* ---- life ---- */

static size_t overhead_of(uint64_t bytes)
{
    return sizeof(kh_arena) + bytes / PAGE * sizeof(page) + PAGE;
}

/* Lays the arena into `bytes` at `base`: table first, pages behind it, aligned to the segment. */
int kh_arena_init(kh_arena *a, uint64_t bytes)
{
    size_t overhead = overhead_of(bytes);
    if (bytes < overhead + PAGE)
        return KH_ENOMEM;
    a->data_off = overhead / PAGE * PAGE;
    a->n_pages = (uint32_t)((bytes - a->data_off) / PAGE);
    a->hint = 0;
    a->flags = 0;
    kh_lock_init(&a->lock);
    for (int c = 0; c < CLASSES; c++)
        a->partial[c] = NONE;
    return KH_OK;
}

void kh_arena_map(kh_arena *a, int64_t *used)
{
    A = a;
    data = a ? (char *)a + a->data_off : NULL;
    used_slots = used;
    for (uint32_t units = 0, cls = 0; units <= 8192 / 16; units++) {
        while (class_size[cls] < units * 16)
            cls++;
        class_of_16[units] = (uint8_t)cls;
    }
}

void kh_arena_attach(void)
{
    memset(magazines, 0, sizeof magazines); /* what the parent had in them stays the parent's */
    used_here = used_slots ? &used_slots[KH_PROC_SLOT(kh_self)] : NULL;
}
