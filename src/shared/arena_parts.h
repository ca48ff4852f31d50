/* What the files of the allocator share: spans.c (pages, under the lock), arena.c (magazines and the API),
 * arena_debug.c (sites, guards, faults), arena_report.c (figures, walks). Private to them.
 *
 * Write order. What a list or a count says is never trusted after a death; what counts is a block's header and the
 * page table:
 *
 *   - a span's page becomes PAGE_SPAN only after all its block headers say "free";
 *   - a large run becomes PAGE_LARGE by one write to its first page, after length and block header are there; the pages
 *     inside it keep saying "free", so ending the run is one write as well;
 *   - a block's state and owner are one 64-bit word. A block in a magazine is "cached" and names its owner, so the
 *     magazines themselves are private memory of each process and need no repair.
 *
 * Whoever gets the arena's lock from a dead holder makes lists and counts anew from that (kh_spans_rebuild).
 */
#ifndef KH_ARENA_PARTS_H
#define KH_ARENA_PARTS_H

#include <stdatomic.h>

#include "arena.h"
#include "lock.h"

#define PAGE 16384
#define HEADER 16
#define CLASSES 28
#define SMALL_MAX (8192 - HEADER) /* bigger blocks are runs of pages */
#define MAGIC 0x6b68
#define NONE 0xffffffffu
#define LARGE_CLASS 0xff
#define TRAILER 8          /* debug: the site, at the end of a block's room */
#define GUARD_MIN 8        /* debug: bytes between payload and trailer at least */
#define SITES_MAX 4096     /* debug: different places of the source that allocate */
#define FAULTS_KEPT 16

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
    uint32_t n_pages; /* from here: what every call reads and hardly anything writes */
    uint32_t flags;
    uint64_t data_off; /* of page 0 from the arena */
    char (*sites)[KH_SITE_LEN];
    _Atomic int64_t fail_after;
    _Alignas(64) kh_lock lock; /* from here: what changes under the lock, on other cache lines */
    uint32_t hint;             /* no page before it is free */
    uint32_t large_pages;      /* pages of large runs */
    uint32_t n_large;
    uint32_t n_out[CLASSES];  /* blocks out of their span: in use or in a magazine */
    uint32_t partial[CLASSES]; /* spans with free blocks */
    uint64_t out;  /* bytes of all blocks that are out of their span, and of large runs */
    uint64_t peak; /* highest `out` */
    _Atomic uint64_t n_faults;
    kh_shm_fault faults[FAULTS_KEPT];
    page pages[];
};

extern kh_arena *kh_A;
extern char *kh_arena_data;
extern size_t kh_arena_size; /* bytes of all pages; 0 without an arena */
extern const uint16_t kh_class_size[CLASSES]; /* with header */
extern kh_magazine_counts *kh_magazine_rows;  /* one a process slot */

static inline void set_mark(block *b, uint32_t owner, enum block_state state)
{
    atomic_store_explicit(&b->mark, (uint64_t)owner << 32 | state, memory_order_release);
}

static inline enum block_state state_of(const block *b)
{
    return (enum block_state)(atomic_load_explicit(&b->mark, memory_order_relaxed) & 0xff);
}

static inline int is_taken(const block *b)
{
    enum block_state s = state_of(b);
    return s == USED || s == HELD;
}

static inline uint32_t owner_of(const block *b)
{
    return (uint32_t)(atomic_load_explicit(&b->mark, memory_order_relaxed) >> 32);
}

static inline block *block_at(uint32_t pg, uint32_t number)
{
    return (block *)(kh_arena_data + (size_t)pg * PAGE + (size_t)number * kh_class_size[kh_A->pages[pg].cls]);
}

static inline uint32_t blocks_in(uint32_t cls)
{
    return PAGE / kh_class_size[cls];
}

/* p may be any number, so both calculate with numbers. */
static inline block *header_of(const void *p)
{
    return (block *)((uintptr_t)p - HEADER);
}

/* Can a payload begin at p? Nothing is read there. */
static inline int in_arena(const void *p)
{
    return (uintptr_t)p - (uintptr_t)kh_arena_data - HEADER < kh_arena_size && !((uintptr_t)p & 15);
}

static inline uint32_t page_of(const void *p)
{
    return (uint32_t)(((const char *)p - kh_arena_data) / PAGE);
}

static inline size_t room_of(const block *b)
{
    return b->cls == LARGE_CLASS ? (size_t)kh_A->pages[page_of(b)].run * PAGE - HEADER
                                 : (size_t)kh_class_size[b->cls] - HEADER;
}

/* spans.c: all but the first under the lock */
void kh_arena_lock(void); /* and repair, when its holder died */
block *kh_span_take(uint32_t cls, uint32_t owner); /* CACHED by `owner`; NULL: out of memory */
void kh_span_give(block *b);
block *kh_run_take(uint32_t pages, uint32_t size, uint32_t owner, enum block_state state);
void kh_run_give(block *b);
int kh_run_resize(block *b, uint32_t pages);
void kh_spans_rebuild(void);
typedef void (*kh_visit_fn)(block *b, void *arg);
void kh_each_block(kh_visit_fn visit, void *arg);

/* arena_debug.c */
void kh_debug_arm(block *b);         /* guard and site, for a block just taken or resized */
int kh_debug_whole(const block *b);  /* 0: something wrote behind the payload */
int kh_debug_sound(void);            /* 1 when an adopted arena in debug mode has its table of sites */
void kh_debug_free(block *b);        /* checks the guard, then fills the payload */
void kh_fault_note(enum kh_shm_fault_kind kind, const void *p);

#endif
