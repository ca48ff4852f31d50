/* Magazines and the API. arena_parts.h has the write order, spans.c what happens under the lock. */
#include "arena_parts.h"

#include <string.h>

#include "counter.h"
#include "fault.h"
#include "proc.h"

#undef kh_shm_malloc /* here they are defined, and call one another for their caller's site */
#undef kh_shm_mallocz
#undef kh_shm_malloc_held
#undef kh_shm_realloc
#undef kh_shm_free

#define MAGAZINE 64         /* blocks of a class that a process keeps at most */
#define MAGAZINE_BYTES 8192 /* of a class: bigger blocks are kept in smaller numbers */
#define MAGAZINE_MIN 4

kh_arena *kh_A;
char *kh_arena_data;
size_t kh_arena_size;
kh_magazine_counts *kh_magazine_rows;

static uint8_t class_of_16[(SMALL_MAX + HEADER) / 16 + 1]; /* class of a size in units of 16 bytes */
static uint32_t capacity[CLASSES];
static block *magazines[CLASSES][MAGAZINE];
static uint32_t *filled; /* blocks in each magazine: this process' row in the segment, for the accounting */

_Static_assert(CLASSES <= sizeof(kh_magazine_counts) / sizeof(uint32_t), "a row has room for every class");

static KH_RARE int refill(uint32_t cls)
{
    block *b;
    uint32_t n = 0;
    kh_arena_lock();
    while (n < capacity[cls] / 2 && (b = kh_span_take(cls, kh_self))) {
        magazines[cls][n++] = b;
        filled[cls] = n;
    }
    kh_lock_release(&kh_A->lock);
    kh_count(KH_CNT_SHM_REFILLS);
    return n ? KH_OK : KH_ENOMEM;
}

static KH_RARE void flush(uint32_t cls)
{
    kh_arena_lock();
    while (filled[cls] > capacity[cls] / 2) {
        block *b = magazines[cls][--filled[cls]];
        KH_STEP();
        kh_span_give(b);
    }
    kh_lock_release(&kh_A->lock);
    kh_count(KH_CNT_SHM_FLUSHES);
}

static uint32_t pages_for(size_t room)
{
    return (uint32_t)((room + HEADER + PAGE - 1) / PAGE);
}

static int refused(void)
{
    if (!(kh_A->flags & KH_SHM_FAIL))
        return 0;
    return atomic_fetch_sub(&kh_A->fail_after, 1) <= 1;
}

static size_t extra(void)
{
    return KH_UNLIKELY(kh_A->flags & KH_SHM_DEBUG) ? GUARD_MIN + TRAILER : 0;
}

static block *take_small(size_t room)
{
    uint32_t cls = class_of_16[(room + HEADER + 15) / 16];
    if (!filled[cls] && refill(cls) < 0)
        return NULL;
    return magazines[cls][--filled[cls]];
}

static block *take_large(size_t room, size_t size, enum block_state state)
{
    kh_arena_lock();
    block *b = kh_run_take(pages_for(room), (uint32_t)size, kh_self, state);
    kh_lock_release(&kh_A->lock);
    return b;
}

static void *hand_out(block *b, size_t size, enum block_state state)
{
    b->size = (uint32_t)size;
    KH_STEP();
    set_mark(b, kh_self, state);
    return b + 1;
}

/* Not the plain case: an empty magazine, a large block, size 0, debug mode, nothing left. */
static KH_RARE void *allocate_rarely(size_t size, enum block_state state)
{
    block *b = NULL;
    size += !size;
    if (kh_self && size < kh_arena_size && !refused()) {
        size_t room = size + extra();
        b = room <= SMALL_MAX ? take_small(room) : take_large(room, size, state);
    }
    if (!b) {
        kh_count(KH_CNT_SHM_FAILED);
        return NULL;
    }
    if (kh_A->flags & KH_SHM_DEBUG) {
        b->size = (uint32_t)size;
        kh_debug_arm(b);
    }
    return hand_out(b, size, state);
}

static inline void *allocate(size_t size, enum block_state state)
{
    if (KH_LIKELY(kh_self && size - 1 < SMALL_MAX && !kh_A->flags)) {
        uint32_t cls = class_of_16[(size + HEADER + 15) / 16];
        if (KH_LIKELY(filled[cls]))
            return hand_out(magazines[cls][--filled[cls]], size, state);
    }
    return allocate_rarely(size, state);
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

/* NULL, and a fault noted, when p is no block in use. */
static block *block_in_use(const void *p)
{
    block *b = header_of(p);
    if (KH_UNLIKELY(!in_arena(p) || b->magic != MAGIC)) {
        kh_fault_note(KH_FAULT_NO_BLOCK, p);
        return NULL;
    }
    if (KH_LIKELY(is_taken(b)))
        return b;
    enum block_state s = state_of(b);
    kh_fault_note(s == CACHED || s == FREE ? KH_FAULT_DOUBLE_FREE : KH_FAULT_NO_BLOCK, p);
    return NULL;
}

static inline void give_small(block *b)
{
    uint32_t cls = b->cls;
    KH_STEP();
    set_mark(b, kh_self, CACHED);
    KH_STEP();
    magazines[cls][filled[cls]++] = b;
    if (KH_UNLIKELY(filled[cls] >= capacity[cls]))
        flush(cls);
}

/* Not the plain case: NULL, a large block, debug mode, or no block in use. */
static KH_RARE int free_rarely(void *p)
{
    if (!p)
        return KH_OK;
    block *b = block_in_use(p);
    if (!b || !kh_self)
        return KH_EINVAL;
    if (kh_A->flags & KH_SHM_DEBUG)
        kh_debug_free(b);
    if (b->cls == LARGE_CLASS) {
        kh_arena_lock();
        kh_run_give(b);
        kh_lock_release(&kh_A->lock);
    } else {
        give_small(b);
    }
    return KH_OK;
}

int kh_shm_free(void *p)
{
    block *b = header_of(p);
    if (KH_UNLIKELY(!in_arena(p) || b->magic != MAGIC || !is_taken(b) || b->cls >= CLASSES || kh_A->flags || !kh_self))
        return free_rarely(p);
    give_small(b);
    return KH_OK;
}

size_t kh_shm_size_of(const void *p)
{
    const block *b = block_in_use(p);
    if (!b)
        return 0;
    return kh_A->flags & KH_SHM_DEBUG ? b->size : room_of(b);
}

static int resize_in_place(block *b, size_t size)
{
    size_t room = size + extra();
    int rc = KH_OK;
    if (b->cls == LARGE_CLASS && room > SMALL_MAX && pages_for(room) != kh_A->pages[page_of(b)].run) {
        kh_arena_lock();
        rc = kh_run_resize(b, pages_for(room));
        kh_lock_release(&kh_A->lock);
    } else if (room > room_of(b) || (b->cls == LARGE_CLASS && room <= SMALL_MAX)) {
        rc = KH_EBUSY;
    }
    return rc;
}

void *kh_shm_realloc(void *p, size_t size)
{
    if (!p)
        return kh_shm_malloc(size);
    block *b = block_in_use(p);
    if (!b)
        return NULL;
    size += !size;
    if (size < kh_arena_size && resize_in_place(b, size) == KH_OK) {
        b->size = (uint32_t)size;
        if (kh_A->flags & KH_SHM_DEBUG)
            kh_debug_arm(b);
        return p;
    }
    void *q = allocate(size, state_of(b));
    if (!q)
        return NULL;
    memcpy(q, p, b->size < size ? b->size : size);
    kh_shm_free(p);
    return q;
}

void kh_shm_keep(void *p)
{
    set_mark(header_of(p), kh_self, USED);
}

void kh_shm_hold(void *p)
{
    set_mark(header_of(p), kh_self, HELD);
}

int kh_shm_flags(void)
{
    return kh_A ? (int)kh_A->flags : 0;
}

void kh_shm_fail_after(int64_t n)
{
    if (!kh_A)
        return;
    atomic_store(&kh_A->fail_after, n + 1);
    kh_A->flags = n < 0 ? kh_A->flags & ~(uint32_t)KH_SHM_FAIL : kh_A->flags | KH_SHM_FAIL;
}

/* ---- the dead ---- */

struct sweep {
    uint32_t id;
    int n;
};

static void sweep_block(block *b, void *arg)
{
    struct sweep *s = arg;
    enum block_state state = state_of(b);
    if ((state == CACHED || state == HELD) && owner_of(b) == s->id) {
        set_mark(b, 0, FREE); /* lists and counts are made anew behind us */
        s->n++;
    }
}

int kh_arena_reap(uint32_t id)
{
    struct sweep s = {id, 0};
    if (!kh_A)
        return 0;
    kh_arena_lock();
    kh_each_block(sweep_block, &s);
    KH_STEP();
    if (KH_PROC_SLOT(id) < KH_PROC_MAX)
        memset(&kh_magazine_rows[KH_PROC_SLOT(id)], 0, sizeof *kh_magazine_rows);
    kh_spans_rebuild();
    kh_lock_release(&kh_A->lock);
    return s.n;
}

/* ---- life ---- */

/* Lays the arena into `bytes`: its table first, the pages behind it. */
int kh_arena_init(kh_arena *a, uint64_t bytes)
{
    size_t overhead = sizeof(kh_arena) + bytes / PAGE * sizeof(page) + PAGE;
    if (bytes < overhead + PAGE)
        return KH_ENOMEM;
    a->data_off = overhead / PAGE * PAGE;
    a->n_pages = (uint32_t)((bytes - a->data_off) / PAGE);
    kh_lock_init(&a->lock);
    for (int c = 0; c < CLASSES; c++)
        a->partial[c] = NONE;
    return KH_OK;
}

void kh_arena_map(kh_arena *a, kh_magazine_counts *rows)
{
    kh_A = a;
    kh_arena_data = a ? (char *)a + a->data_off : NULL;
    kh_arena_size = a ? (size_t)a->n_pages * PAGE : 0;
    kh_magazine_rows = rows;
    for (uint32_t units = 0, cls = 0; units <= (SMALL_MAX + HEADER) / 16; units++) {
        while (kh_class_size[cls] < units * 16)
            cls++;
        class_of_16[units] = (uint8_t)cls;
    }
    for (int c = 0; c < CLASSES; c++) {
        uint32_t n = MAGAZINE_BYTES / kh_class_size[c];
        capacity[c] = n > MAGAZINE ? MAGAZINE : n < MAGAZINE_MIN ? MAGAZINE_MIN : n;
    }
}

/* Empty magazines: what the parent had in its own stays the parent's. */
void kh_arena_attach(void)
{
    filled = kh_magazine_rows ? kh_magazine_rows[KH_PROC_SLOT(kh_self)].n : NULL;
    if (filled)
        memset(filled, 0, sizeof *kh_magazine_rows);
}
