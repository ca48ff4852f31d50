#include "shm.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arena.h"
#include "counter.h"
#include "proc.h"

#define MAGIC 0x6b61686561736567ull
#define ALIGN 16384
#define HOME ((void *)0x6b0000000000) /* where nothing else is: a later start finds its predecessor's address free */

#ifndef KH_BUILD_ID /* what the structures look like: given by the build, made from the headers */
#define KH_BUILD_ID 0ull
#endif

typedef struct root {
    char name[KH_ROOT_NAME];
    void *p;
    uint32_t version;
} root;

typedef struct identity {
    uint64_t magic; /* written last: a segment whose making was cut short is none */
    uint32_t layout;
    uint32_t reserved;
    uint64_t build;
    uint64_t size;
    void *base;
} identity;

typedef struct segment {
    identity is;
    root roots[KH_ROOT_MAX];
    kh_proc procs[KH_PROC_MAX];
    /* rows of which each process writes its own: no two of them on one cache line */
    _Alignas(64) kh_magazine_counts magazines[KH_PROC_MAX];
    kh_counter_table counters;
    _Alignas(64) int64_t counts[KH_PROC_MAX][KH_COUNTER_MAX];
} segment;

static segment *S;
static int adopted;

static kh_arena *arena_of(segment *s)
{
    return (kh_arena *)((char *)s + (sizeof *s + ALIGN - 1) / ALIGN * ALIGN);
}

static uint64_t arena_bytes(const segment *s)
{
    return s->is.size - (sizeof *s + ALIGN - 1) / ALIGN * ALIGN;
}

/* Is the content of `fd` ours, whole and of this build? Reads only. */
static int adoptable(int fd, uint64_t size, identity *head)
{
    if (fd < 0 || pread(fd, head, sizeof *head, 0) != (ssize_t)sizeof *head || head->magic != MAGIC)
        return KH_EINCOMPLETE;
    if (head->layout != KH_SHM_LAYOUT || head->build != KH_BUILD_ID)
        return KH_ECHANGED;
    return head->size == size && head->base ? KH_OK : KH_EMALFORMED;
}

static int open_fresh(segment *s, uint64_t size)
{
    s->is.layout = KH_SHM_LAYOUT;
    s->is.build = KH_BUILD_ID;
    s->is.size = size;
    s->is.base = s;
    kh_proc_table(s->procs);
    kh_counter_attach(&s->counters, s->counts, 1);
    int rc = kh_arena_init(arena_of(s), arena_bytes(s));
    if (rc < 0)
        return rc;
    kh_arena_map(arena_of(s), s->magazines);
    s->procs[0].state = KH_PROC_STARTING;
    strcpy(s->procs[0].desc, "main process");
    kh_proc_attach(0);
    atomic_thread_fence(memory_order_release);
    s->is.magic = MAGIC;
    return KH_OK;
}

/* Every process of before is dead: its slot is free, its locks can be taken over, what it held is up for adoption. */
static int open_adopted(segment *s)
{
    kh_arena_map(arena_of(s), s->magazines); /* the sizes of the classes */
    if (!kh_arena_sound(arena_of(s), arena_bytes(s)))
        return KH_EMALFORMED;
    kh_proc_table(s->procs);
    for (int slot = 0; slot < KH_PROC_MAX; slot++)
        s->procs[slot].state = slot ? KH_PROC_FREE : KH_PROC_STARTING;
    s->procs[0].slots = 1;
    memset(&s->counters, 0, sizeof s->counters);
    memset(s->counts, 0, sizeof s->counts);
    memset(s->magazines, 0, sizeof s->magazines);
    kh_counter_attach(&s->counters, s->counts, 1);
    kh_arena_map(arena_of(s), s->magazines);
    kh_proc_attach(0);
    kh_arena_adopt();
    return KH_OK;
}

uint64_t kh_shm_bytes(uint64_t size)
{
    return (size + sizeof(segment)) / ALIGN * ALIGN + 2 * ALIGN;
}

static void forget(void)
{
    kh_self = 0;
    kh_proc_table(NULL);
    kh_counter_attach(NULL, NULL, 0);
    kh_counter_use(0);
    kh_arena_map(NULL, NULL);
    kh_arena_attach();
}

static void *map_at(int fd, uint64_t size, void *at)
{
    int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
    return mmap(at, size, PROT_READ | PROT_WRITE, flags | (at ? MAP_FIXED_NOREPLACE : 0), fd, 0);
}

int kh_shm_init(int fd, uint64_t size, int how)
{
    identity head;
    if (S)
        return KH_EEXIST;
    if (size < KH_SHM_MIN)
        return KH_EINVAL;
    size = kh_shm_bytes(size);
    if (how == KH_SHM_ADOPT) {
        int rc = adoptable(fd, size, &head);
        if (rc < 0)
            return rc;
    }
    void *at = how == KH_SHM_ADOPT ? head.base : HOME;
    void *mapped = map_at(fd, size, at);
    if (mapped == MAP_FAILED && how == KH_SHM_FRESH)
        mapped = map_at(fd, size, NULL);
    if (mapped == MAP_FAILED)
        return errno == EEXIST ? KH_EEXIST : errno == EINVAL ? KH_EMALFORMED : KH_ENOMEM;
    int rc;
    if (how == KH_SHM_ADOPT)
        rc = mapped == at ? open_adopted(mapped) : KH_EEXIST;
    else
        rc = open_fresh(mapped, size);
    if (rc < 0) {
        forget();
        munmap(mapped, size);
        return rc;
    }
    S = mapped;
    adopted = how == KH_SHM_ADOPT;
    return KH_OK;
}

void kh_shm_done(void)
{
    if (!S)
        return;
    munmap(S, S->is.size);
    S = NULL;
    forget();
}

static root *find_root(const char *name)
{
    for (int i = 0; S && i < KH_ROOT_MAX; i++)
        if (S->roots[i].p && !strcmp(S->roots[i].name, name))
            return &S->roots[i];
    return NULL;
}

int kh_root_set(const char *name, void *p, uint32_t version)
{
    if (!S || !*name)
        return KH_EINVAL;
    if (strlen(name) >= KH_ROOT_NAME)
        return KH_ETOOBIG;
    root *r = find_root(name);
    for (int i = 0; !r && i < KH_ROOT_MAX; i++)
        if (!S->roots[i].p)
            r = &S->roots[i];
    if (!r)
        return KH_ETOOBIG;
    strcpy(r->name, name);
    r->version = version;
    atomic_thread_fence(memory_order_release);
    r->p = p;
    return KH_OK;
}

void *kh_root_get(const char *name, uint32_t version)
{
    const root *r = find_root(name);
    return r && r->version == version ? r->p : NULL;
}

int kh_shm_adopt_done(void)
{
    if (!S || !adopted)
        return 0;
    int freed = kh_arena_adopt_done();
    for (int i = 0; i < KH_ROOT_MAX; i++)
        if (S->roots[i].p && !kh_arena_in_use(S->roots[i].p))
            S->roots[i].p = NULL;
    return freed;
}

int kh_shm_adopted(void)
{
    return adopted;
}

void *kh_shm_base(void)
{
    return S;
}

uint64_t kh_shm_size(void)
{
    return S ? S->is.size : 0;
}
