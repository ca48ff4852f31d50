/* Memory that one takes and another returns: what transactions are, begun by one worker and ended by another or by the
 * timer process. Two sides send each other blocks of mixed sizes; who receives one returns it.
 *
 * glibc cannot do this between processes, so its two sides are threads, which is the nearest that it offers. The second
 * rival has one lock around all of glibc, as a shared pool with one lock has: a bound for such pools from below, since
 * glibc keeps caches a thread behind that lock. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "bench.h"
#include "heaps.h"

#define RING 256 /* blocks on the way to the other side */
#define EXCHANGES 200000

typedef struct ring {
    _Alignas(64) _Atomic uint32_t put;
    _Alignas(64) _Atomic uint32_t got;
    _Alignas(64) void *blocks[RING];
} ring;

static struct meeting {
    ring to[2]; /* by the side that reads */
    _Alignas(64) _Atomic uint32_t sides, finished;
} * m;

static pthread_mutex_t one_lock = PTHREAD_MUTEX_INITIALIZER;

static void *locked_take(size_t size)
{
    pthread_mutex_lock(&one_lock);
    void *p = malloc(size);
    pthread_mutex_unlock(&one_lock);
    return p;
}

static void locked_give(void *p)
{
    pthread_mutex_lock(&one_lock);
    free(p);
    pthread_mutex_unlock(&one_lock);
}

/* Returns what has come. */
static void receive(ring *r, const struct heap *h)
{
    uint32_t at = atomic_load_explicit(&r->got, memory_order_relaxed);
    uint32_t end = atomic_load_explicit(&r->put, memory_order_acquire);
    for (; at != end; at++)
        h->give(r->blocks[at % RING]);
    atomic_store_explicit(&r->got, end, memory_order_release);
}

static int send(ring *r, void *p)
{
    uint32_t at = atomic_load_explicit(&r->put, memory_order_relaxed);
    if (at - atomic_load_explicit(&r->got, memory_order_acquire) == RING)
        return 0;
    r->blocks[at % RING] = p;
    atomic_store_explicit(&r->put, at + 1, memory_order_release);
    return 1;
}

/* Nanoseconds of one block taken and sent, and one received and returned. */
static double exchange(void *arg)
{
    static _Thread_local int side = -1;
    static _Thread_local uint32_t rounds;
    const struct heap *h = arg;
    if (side < 0)
        side = (int)atomic_fetch_add(&m->sides, 1) % 2;
    uint32_t dice = 1 + (uint32_t)side;
    double began = now();
    for (int i = 0; i < EXCHANGES; i++) {
        dice = next_dice(dice);
        void *p = h->take(sizes[dice >> 29]);
        *(volatile char *)p = 1;
        receive(&m->to[side], h);
        while (!send(&m->to[!side], p)) {
            sched_yield();
            receive(&m->to[side], h);
        }
    }
    double took = (now() - began) / EXCHANGES;
    atomic_fetch_add(&m->finished, 1);
    for (rounds++; atomic_load(&m->finished) < 2 * rounds; sched_yield())
        receive(&m->to[side], h); /* the other one may still need room */
    return took;
}

static double exchanged(double (*in_two)(double (*)(void *), void *), const struct heap *h)
{
    m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double took = in_two(exchange, (void *)h);
    if (h == &shm_heap) /* what is left was sent at the very end; a process with threads took its own with it */
        for (int side = 0; side < 2; side++)
            receive(&m->to[side], h);
    munmap(m, sizeof *m);
    return took;
}

void sharing_figures(void)
{
    static const struct heap locked = {locked_take, locked_give};
    printf("taken here, returned there: kahea (processes) %.2f\n", exchanged(in_two_processes, &shm_heap));
    printf("taken here, returned there: glibc (threads) %.2f\n", exchanged(in_two_threads, &libc_heap));
    printf("taken here, returned there: one lock (threads) %.2f\n", exchanged(in_two_threads, &locked));
}
