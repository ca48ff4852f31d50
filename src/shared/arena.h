/* The allocator of the shared segment.
 *
 * Pages of 16 KB form runs; a run is free, a span of equal blocks of one size class, or one large block. Each process
 * has a magazine a class: a stack of free blocks that it takes from and returns to without a lock. Only an empty or
 * overfull magazine goes to the arena, under the arena's lock, for a batch.
 *
 * Every block has a 16-byte header with size, owner and state; every list can be rebuilt from headers and the page
 * table alone. That is how the arena survives a process killed at any instruction: see arena.c for the write order.
 *
 * Callers: any attached process. Pointers are aligned to 16 bytes.
 */
#ifndef KH_ARENA_H
#define KH_ARENA_H

#include "kh.h"

/* cdef */
typedef struct kh_shm_info { /* bytes; the names are Kamailio's */
    uint64_t total_size;     /* of the pages */
    uint64_t free;           /* total_size - real_used */
    uint64_t used;           /* payload of the blocks in use, rounded up to their class */
    uint64_t real_used;      /* used and the headers */
    uint64_t max_used;       /* highest real_used with what sat in magazines */
    uint64_t cached;         /* free bytes that sit in magazines */
    uint64_t blocks;         /* blocks in use */
    uint64_t fragments;      /* free runs, and free blocks within spans */
    uint64_t largest;        /* biggest block that can be had now */
} kh_shm_info;

enum kh_shm_flag {
    KH_SHM_DEBUG = 1, /* remember the site of each block, guard its end, fill what is freed */
    KH_SHM_FAIL = 2,  /* kh_shm_fail_after is counting */
};

void *kh_shm_malloc(size_t size);            /* NULL when out of memory; size 0 is taken as 1 */
void *kh_shm_mallocz(size_t size);           /* zeroed */
int kh_shm_free(void *p);                    /* NULL is fine; KH_EINVAL: no block, or free already (nothing is done) */
void *kh_shm_realloc(void *p, size_t size);  /* in place if it can; NULL leaves p as it is; p NULL is malloc */
size_t kh_shm_size_of(const void *p);        /* bytes that fit into the block, 0 when p is no block in use */

/* A block between malloc and its place in a structure belongs to nobody if its process dies. So: take it with
 * kh_shm_malloc_held, link it, kh_shm_keep it. And back: kh_shm_hold, unlink, kh_shm_free. A held block of a dead
 * process is freed by kh_proc_reap, after the structure's own repair (kh_proc_on_reap) kept what is linked. */
void *kh_shm_malloc_held(size_t size);
void kh_shm_keep(void *p);
void kh_shm_hold(void *p);

void kh_shm_info_get(kh_shm_info *out);

/* Walks every block and compares with the accounting and the lists. 0 when all agree, else the number of faults.
 * Exact only while no other process allocates. */
int kh_shm_check(kh_shm_info *walked);

/* Blocks of `slot` that only it would return: in its magazines or held. For tests and reports. */
int kh_shm_owned(int slot);

int kh_shm_flags(void);

/* Out of memory on purpose: the n-th allocation from now (of all processes) and all later ones fail; < 0 ends it. */
void kh_shm_fail_after(int64_t n);

#define KH_SITE_LEN 48 /* bytes of a site "file:line", with its final 0; longer ones lose their beginning */

enum kh_shm_fault_kind {
    KH_FAULT_NO_BLOCK = 1,    /* freed, resized or kept: not a block of the arena */
    KH_FAULT_DOUBLE_FREE = 2, /* freed, and free already */
    KH_FAULT_OVERRUN = 3,     /* debug mode: bytes behind the payload were written */
};

typedef struct kh_shm_fault {
    uint32_t kind;
    int32_t pid;             /* who found it */
    uint64_t address;
    uint64_t size;           /* of the block, as asked for */
    char site[KH_SITE_LEN];  /* where it was allocated; debug mode, else empty */
    char found[KH_SITE_LEN]; /* where it was found */
} kh_shm_fault;

typedef struct kh_shm_site {
    char where[KH_SITE_LEN];
    uint64_t blocks;
    uint64_t bytes; /* as asked for */
} kh_shm_site;

/* Main process, before the first allocation. KH_EBUSY when there are blocks already, KH_ENOMEM. */
int kh_shm_debug(void);

/* Where the next allocation comes from, for callers that are not C. The string must stay; NULL: unknown. */
void kh_shm_here(const char *where);

/* The last faults, newest first; returns how many were written. kh_shm_fault_count: since the segment was made. */
int kh_shm_faults(kh_shm_fault *out, int max);
uint64_t kh_shm_fault_count(void);

/* Debug mode: blocks in use by site, in no order; returns how many sites were written. Walks the arena. */
int kh_shm_sites(kh_shm_site *out, int max);

/* Warm restart. After kh_shm_init(KH_SHM_ADOPT) every block of the predecessor is held by nobody. A structure that
 * finds its root claims each block that it links, before it looks inside: KH_EINVAL when p, which may be any number, is
 * no such block of at least `size` bytes, or was claimed before (a chain that bites its tail). What nobody claimed is
 * freed by kh_shm_adopt_done, when all had their turn, and roots that point to it are removed: the number freed. */
int kh_shm_claim(void *p, size_t size);
int kh_shm_adopt_done(void);
/* end cdef */

/* C callers leave their place behind; cffi's generated file has none. */
extern const char *kh_where;
#ifndef _CFFI_
#define KH_TEXT_(x) #x
#define KH_TEXT(x) KH_TEXT_(x)
#define KH_HERE (kh_where = __FILE__ ":" KH_TEXT(__LINE__))
#define kh_shm_malloc(n) (KH_HERE, (kh_shm_malloc)(n))
#define kh_shm_mallocz(n) (KH_HERE, (kh_shm_mallocz)(n))
#define kh_shm_malloc_held(n) (KH_HERE, (kh_shm_malloc_held)(n))
#define kh_shm_realloc(p, n) (KH_HERE, (kh_shm_realloc)(p, n))
#define kh_shm_free(p) (KH_HERE, (kh_shm_free)(p))
#endif

/* For the segment and the process table. */
typedef struct kh_arena kh_arena;
typedef struct kh_magazine_counts { /* of one process: blocks in its magazines, by class */
    uint32_t n[32];
} kh_magazine_counts;

int kh_arena_init(kh_arena *a, uint64_t bytes); /* memory that is all zero */
void kh_arena_map(kh_arena *a, kh_magazine_counts *rows);
void kh_arena_attach(void);
int kh_arena_reap(uint32_t id); /* blocks freed that only the dead process would have returned */
int kh_arena_sound(const kh_arena *a, uint64_t bytes); /* 1 when page table and block headers make sense; reads only */
void kh_arena_adopt(void);                             /* hold every block in the name of nobody */
int kh_arena_in_use(const void *p);
int kh_arena_adopt_done(void);

#endif
