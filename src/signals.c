#include "signals.h"

#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t flags[32]; /* one a signal: no read-modify-write inside a handler */
static sigset_t wait_mask;
static int ready;

static const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};
#define N_HANDLED ((int)(sizeof(handled) / sizeof(handled[0])))

static void on_signal(int sig)
{
    flags[sig] = 1;
}

int kh_signals_init(int with_child)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t block;
    int n = with_child ? N_HANDLED : N_HANDLED - 1;

    sigemptyset(&action.sa_mask);
    sigemptyset(&block);
    for (int i = 0; i < n; i++) {
        flags[handled[i]] = 0;
        sigaddset(&block, handled[i]);
        if (sigaction(handled[i], &action, NULL) < 0)
            return KH_EINVAL;
    }
    if (sigprocmask(SIG_BLOCK, &block, &wait_mask) < 0)
        return KH_EINVAL;
    for (int i = 0; i < n; i++) /* the parent may have blocked them already */
        sigdelset(&wait_mask, handled[i]);
    ready = 1;
    return 0;
}

const sigset_t *kh_signals_wait_mask(void)
{
    if (!ready)
        sigprocmask(SIG_SETMASK, NULL, &wait_mask);
    return &wait_mask;
}

int kh_signals_pending(void)
{
    for (int i = 0; i < N_HANDLED; i++)
        if (flags[handled[i]])
            return 1;
    return 0;
}

int64_t kh_signals_take(void)
{
    int64_t mask = 0;

    for (int i = 0; i < N_HANDLED; i++)
        if (flags[handled[i]]) {
            flags[handled[i]] = 0;
            mask |= (int64_t)1 << handled[i];
        }
    return mask;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int kh_signals_sleep(int64_t timeout_ms, int64_t tick_ms, int (*work)(void))
{
    int64_t end = now_ms() + timeout_ms, left;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    do {
        left = end - now_ms();
        if (work && left > tick_ms)
            left = tick_ms;
        if (left < 0)
            left = 0;
        int sig = sigtimedwait(&set, NULL, &(struct timespec){left / 1000, left % 1000 * 1000000});
        if (sig > 0)
            return sig;
        if (work && work())
            return KH_EBUSY;
    } while (now_ms() < end);
    return 0;
}

int kh_signals_parent_death(int sig, int parent)
{
    if (prctl(PR_SET_PDEATHSIG, sig) < 0)
        return KH_EINVAL;
    return getppid() == parent ? 0 : KH_EOWNERDEAD;
}
