#include "proc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "counter.h"
#include "fault.h"

uint32_t kh_self;

static kh_proc *procs;
static kh_reap_fn hooks[KH_REAP_HOOKS];
static int n_hooks;

/* A child is nobody until it attaches: with its parent's identity it would share its locks and magazines. */
static void forget_parent(void)
{
    kh_self = 0;
}

void kh_proc_table(kh_proc *table)
{
    static int once;
    if (!once)
        once = !pthread_atfork(NULL, NULL, forget_parent);
    procs = table;
}

static uint32_t next_identity(const kh_proc *p, int slot)
{
    uint32_t generation = (p->id >> KH_PROC_SLOT_BITS) + 1;
    uint32_t id = (generation << KH_PROC_SLOT_BITS | (uint32_t)slot) & KH_PROC_ID_MASK;
    return id >> KH_PROC_SLOT_BITS ? id : (1u << KH_PROC_SLOT_BITS | (uint32_t)slot); /* wrapped: 0 means nobody */
}

int kh_proc_slots(void)
{
    return procs && procs[0].slots ? (int)procs[0].slots : 1;
}

int kh_proc_alloc(int rank, const char *desc)
{
    if (!procs)
        return KH_EINVAL;
    for (int slot = 0; slot < KH_PROC_MAX; slot++) {
        kh_proc *p = &procs[slot];
        if (p->state != KH_PROC_FREE)
            continue;
        p->pid = 0;
        p->rank = rank;
        snprintf(p->desc, sizeof p->desc, "%s", desc ? desc : "");
        p->state = KH_PROC_STARTING;
        if (slot >= kh_proc_slots())
            procs[0].slots = (uint32_t)slot + 1;
        return slot;
    }
    return KH_ETOOBIG;
}

/* State of a process as /proc/PID/stat has it ('R', 'S', 'Z'...) and its start time; 0: no such process, < 0: unknown. */
static int look_up(int pid, uint32_t *birth)
{
    char path[32], line[512];
    unsigned long long start = 0;
    char state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return errno == ENOENT ? 0 : KH_EINVAL;
    const char *behind_name = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    fclose(f);
    if (!behind_name || sscanf(behind_name,
                               ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                               &state, &start) != 2)
        return KH_EINVAL;
    *birth = (uint32_t)start;
    return state;
}

int kh_proc_attach(int slot)
{
    if (!procs || slot < 0 || slot >= KH_PROC_MAX || procs[slot].state == KH_PROC_FREE)
        return KH_EINVAL;
    kh_proc *p = &procs[slot];
    uint32_t id = next_identity(p, slot);
    p->pid = getpid();
    p->birth = 0; /* stays when the system does not say: then the pid alone has to do */
    look_up(p->pid, &p->birth);
    p->started_ms = kh_now_ms();
    p->starts++;
    /* The identity before the state: nobody may take the new process' marks for the dead one's. */
    atomic_store((_Atomic uint32_t *)&p->id, id);
    atomic_store((_Atomic uint32_t *)&p->state, KH_PROC_ALIVE);
    kh_self = id;
    kh_counter_use(slot);
    kh_arena_attach();
    return slot;
}

int kh_proc_on_reap(kh_reap_fn fn)
{
    for (int i = 0; i < n_hooks; i++)
        if (hooks[i] == fn)
            return KH_OK;
    if (n_hooks == KH_REAP_HOOKS)
        return KH_ETOOBIG;
    hooks[n_hooks++] = fn;
    return KH_OK;
}

int kh_proc_reap(int slot)
{
    if (!procs || slot < 0 || slot >= KH_PROC_MAX || procs[slot].state == KH_PROC_FREE)
        return KH_EINVAL;
    kh_proc *p = &procs[slot];
    int attached = p->state == KH_PROC_ALIVE;
    atomic_store((_Atomic uint32_t *)&p->state, KH_PROC_DEAD); /* from here on its locks can be taken over */
    if (!attached)
        return 0; /* it died before it was anybody: the identity there is its predecessor's */
    for (int i = 0; i < n_hooks; i++)
        hooks[i](p->id);
    return kh_arena_reap(p->id);
}

int kh_proc_free(int slot)
{
    if (!procs || slot < 0 || slot >= KH_PROC_MAX)
        return KH_EINVAL;
    procs[slot].state = KH_PROC_FREE; /* the generation stays: the next one counts on */
    return KH_OK;
}

kh_proc *kh_proc_get(int slot)
{
    return procs && slot >= 0 && slot < KH_PROC_MAX ? &procs[slot] : NULL;
}

int kh_proc_alive(uint32_t id)
{
    if (!procs)
        return 0;
    const kh_proc *p = &procs[KH_PROC_SLOT(id)];
    return p->id == id && p->state == KH_PROC_ALIVE;
}

int kh_proc_gone(uint32_t id)
{
    if (!kh_proc_alive(id))
        return 1;
    const kh_proc *p = &procs[KH_PROC_SLOT(id)];
    uint32_t birth;
    int state = look_up(p->pid, &birth);
    return state == 0 || state == 'Z' || state == 'X' || (state > 0 && p->birth && birth != p->birth);
}

int kh_proc_self(void)
{
    return kh_self ? (int)KH_PROC_SLOT(kh_self) : KH_EINVAL;
}

static uint64_t skew;

void kh_clock_skew(uint64_t ms)
{
    skew = ms;
}

uint64_t kh_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 + skew;
}
