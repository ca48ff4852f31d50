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
static double beside_a_thread(void *mutex)
{
    double *took = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, stay, NULL);
        *took = library_lock(mutex);
        _exit(0);
    }
    wait(NULL);
    double ns = *took;
    munmap(took, 4096);
    return ns;
}

void lock_figures(void)
{
    static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, shared, robust;
    static kh_lock lock;
    init_mutex(&shared, 0);
    init_mutex(&robust, 1);
    struct rival rivals[] = {
        {"kahea", kernel_lock, &lock, 0},
        {"private, one thread", library_lock, &plain, 0},
        {"private, two threads", beside_a_thread, &plain, 0},
        {"shared", library_lock, &shared, 0},
        {"shared and robust", library_lock, &robust, 0},
    };
    compare("lock", rivals, 5);
}
