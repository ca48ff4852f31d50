/* Nanoseconds of the kernel's lock, allocator and timers beside those of the C library, measured inside C.
 * Built and run by tools/bench/kernel/run.py. */
#include "bench.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "proc.h"
#include "shm.h"
#include "wheel.h"

#define SEGMENT (256u << 20)

struct task {
    double (*measure)(void *);
    void *arg;
    double took;
};

static double *shared_figures(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

double in_two_processes(double (*measure)(void *), void *arg)
{
    double *took = shared_figures();
    int slots[2];
    for (int i = 0; i < 2; i++)
        slots[i] = kh_proc_alloc(1, "bench");
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            kh_proc_attach(slots[i]);
            took[i] = best(measure, arg);
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
    for (int i = 0; i < 2; i++) {
        kh_proc_reap(slots[i]);
        kh_proc_free(slots[i]);
    }
    return (took[0] + took[1]) / 2;
}

static void *run_task(void *arg)
{
    struct task *t = arg;
    t->took = best(t->measure, t->arg);
    return NULL;
}

double in_two_threads(double (*measure)(void *), void *arg)
{
    double *took = shared_figures();
    if (fork() == 0) {
        struct task tasks[2] = {{measure, arg, 0}, {measure, arg, 0}};
        pthread_t other;
        pthread_create(&other, NULL, run_task, &tasks[1]);
        run_task(&tasks[0]);
        pthread_join(other, NULL);
        *took = (tasks[0].took + tasks[1].took) / 2;
        _exit(0);
    }
    wait(NULL);
    return *took;
}

void compare(const char *what, struct rival *rivals, int n)
{
    for (int round = 0; round < ROUNDS; round++)
        for (struct rival *r = rivals; r < rivals + n; r++) {
            double once = r->measure(r->arg);
            r->ns = round && r->ns < once ? r->ns : once;
        }
    for (struct rival *r = rivals; r < rivals + n; r++)
        printf("%s: %s %.2f\n", what, r->who, r->ns);
}

static double timers(void *arg)
{
    kh_wheel *w = arg;
    static kh_timer t;
    kh_timer_init(&t, 0);
    uint64_t base = kh_now_ms();
    int times = TIMES / 2;
    double began = now();
    for (int i = 0; i < times; i++)
        kh_timer_add(w, &t, base + (uint64_t)(i * 37 % 100000));
    double took = (now() - began) / times;
    kh_timer_del(w, &t);
    return took;
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0); /* children must not inherit unwritten lines */
    if (kh_shm_init(-1, SEGMENT, KH_SHM_FRESH) < 0)
        return 1;
    lock_figures();
    heap_figures();
    sharing_figures();
    printf("timer moved: kahea %.2f\n", best(timers, kh_wheel_new(kh_now_ms())));
    return kh_shm_check(NULL) != 0;
}
