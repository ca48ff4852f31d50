/* Get and release of a free lock. glibc's mutexes come in four kinds: private to a process, which skips its atomic
 * instructions as long as the process has one thread; private with a second thread about; shared between processes;
 * and shared and robust, the only one that survives its holder as ours does. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "lock.h"

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

static void *stay(void *arg)
{
    (void)arg;
    pause();
    return NULL;
}

/* In a child, since a process that ever had two threads takes the slower way for good. */
static double beside_a_thread(double (*measure)(void *), void *arg)
{
    double *took = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, stay, NULL);
        *took = best(measure, arg);
        _exit(0);
    }
    wait(NULL);
    return *took;
}

void lock_figures(void)
{
    static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, shared, robust;
    static kh_lock lock;
    init_mutex(&shared, 0);
    init_mutex(&robust, 1);
    printf("lock: kahea %.2f\n", best(kernel_lock, &lock));
    printf("lock: private, one thread %.2f\n", best(library_lock, &plain));
    printf("lock: private, two threads %.2f\n", beside_a_thread(library_lock, &plain));
    printf("lock: shared %.2f\n", best(library_lock, &shared));
    printf("lock: shared and robust %.2f\n", best(library_lock, &robust));
}
