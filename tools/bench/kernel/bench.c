/* Nanoseconds of the kernel's lock and allocator beside those of the C library, measured inside C. One line a figure:
 * name, nanoseconds. Built and run by tools/bench/kernel/run.py; every figure is the best of ROUNDS. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "lock.h"
#include "proc.h"
#include "shm.h"
#include "wheel.h"

#undef kh_shm_malloc /* no site a call: what C callers pay for it is one store */
#undef kh_shm_free

#define ROUNDS 5
#define SEGMENT (256u << 20)
#define TIMES 4000000
#define WORKING_SET 1000
#define BLOCK 600 /* bytes: about a cell or a message */

typedef void *(*take_fn)(size_t);
typedef void (*give_fn)(void *);

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void give_shm(void *p)
{
    kh_shm_free(p);
}

static double best(double (*measure)(void *), void *arg)
{
    double least = measure(arg);
    for (int i = 1; i < ROUNDS; i++) {
        double once = measure(arg);
        least = once < least ? once : least;
    }
    return least;
}

/* ---- locks ---- */

static double kernel_lock(void *arg)
{
    double began = now();
    for (int i = 0; i < TIMES; i++) {
        kh_lock_get(arg);
        kh_lock_release(arg);
    }
    return (now() - began) / TIMES;
}

static double library_lock(void *arg)
{
    double began = now();
    for (int i = 0; i < TIMES; i++) {
        pthread_mutex_lock(arg);
        pthread_mutex_unlock(arg);
    }
    return (now() - began) / TIMES;
}

static void init_mutex(pthread_mutex_t *m, int robust)
{
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    if (robust)
        pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(m, &a);
}

/* ---- allocators ---- */

struct heap {
    take_fn take;
    give_fn give;
};

static double pairs(void *arg)
{
    const struct heap *h = arg;
    double began = now();
    for (int i = 0; i < TIMES; i++) {
        void *p = h->take(BLOCK);
        *(volatile char *)p = 1;
        h->give(p);
    }
    return (now() - began) / TIMES;
}

/* Lives of different length: a random one of a working set is replaced by one of another size. */
static double churn(void *arg)
{
    static const size_t sizes[] = {64, 200, 350, 600, 1000, 1500, 90, 2400};
    const struct heap *h = arg;
    void *set[WORKING_SET];
    uint32_t dice = 12345;
    int times = TIMES / 4;
    for (int i = 0; i < WORKING_SET; i++)
        set[i] = h->take(sizes[i % 8]);
    double began = now();
    for (int i = 0; i < times; i++) {
        dice = dice * 1664525u + 1013904223u;
        uint32_t at = (dice >> 8) % WORKING_SET;
        h->give(set[at]);
        set[at] = h->take(sizes[dice >> 29]);
        *(volatile char *)set[at] = 1;
    }
    double took = (now() - began) / times;
    for (int i = 0; i < WORKING_SET; i++)
        h->give(set[i]);
    return took;
}

static double in_two_processes(double (*measure)(void *), void *arg)
{
    double *took = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 2; i++) {
        int slot = kh_proc_alloc(1, "bench");
        if (fork() == 0) {
            kh_proc_attach(slot);
            took[i] = best(measure, arg);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        continue;
    for (int slot = 1; slot < 3; slot++) {
        kh_proc_reap(slot);
        kh_proc_free(slot);
    }
    return (took[0] + took[1]) / 2;
}

/* Fills the arena up to a share and leaves holes: every third block is freed. */
static int fill(void **blocks, int max, double share)
{
    kh_shm_info info;
    int n = 0;
    for (kh_shm_info_get(&info); n < max && (double)info.real_used < share * (double)info.total_size; n++) {
        if (!(blocks[n] = kh_shm_malloc((size_t)(100 + n * 37 % 2000))))
            break;
        if (n % 256 == 0)
            kh_shm_info_get(&info);
    }
    for (int i = 0; i < n; i += 3) {
        kh_shm_free(blocks[i]);
        blocks[i] = NULL;
    }
    return n;
}

static double timers(void *arg)
{
    kh_wheel *w = arg;
    static kh_timer t;
    kh_timer_init(&t, 0);
    uint64_t base = kh_now_ms();
    int times = TIMES / 4;
    double began = now();
    for (int i = 0; i < times; i++)
        kh_timer_add(w, &t, base + (uint64_t)(i * 37 % 100000));
    double took = (now() - began) / times;
    kh_timer_del(w, &t);
    return took;
}

int main(void)
{
    struct heap ours = {kh_shm_malloc, give_shm}, libc = {malloc, free};
    static void *blocks[400000];
    static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, shared, robust;
    static kh_lock lock;
    if (kh_shm_init(-1, SEGMENT, KH_SHM_FRESH) < 0)
        return 1;
    init_mutex(&shared, 0);
    init_mutex(&robust, 1);
    printf("lock: kahea %.1f\n", best(kernel_lock, &lock));
    printf("lock: pthread-shared %.1f\n", best(library_lock, &shared));
    printf("lock: pthread-robust %.1f\n", best(library_lock, &robust));
    printf("lock: pthread-one-thread (no atomics) %.1f\n", best(library_lock, &plain));
    printf("malloc+free: kahea %.1f\n", best(pairs, &ours));
    printf("malloc+free: glibc %.1f\n", best(pairs, &libc));
    printf("churn: kahea %.1f\n", best(churn, &ours));
    printf("churn: glibc %.1f\n", best(churn, &libc));
    printf("churn, two processes: kahea %.1f\n", in_two_processes(churn, &ours));
    printf("churn, two processes: glibc (own heaps) %.1f\n", in_two_processes(churn, &libc));
    for (int share = 10; share <= 90; share += 40) {
        int n = fill(blocks, 400000, share / 100.0);
        printf("churn, %d %% full and fragmented: kahea %.1f\n", share, best(churn, &ours));
        for (int i = 0; i < n; i++)
            kh_shm_free(blocks[i]);
    }
    printf("timer moved: kahea %.1f\n", best(timers, kh_wheel_new(kh_now_ms())));
    return kh_shm_check(NULL) != 0;
}
