/* This file alone knows the system's calling conventions. */
#define _GNU_SOURCE
#include "signals.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t flags[32]; /* one a signal: no read-modify-write inside a handler */
static volatile int pending;            /* any of them */

static const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};
#define N_HANDLED ((int)(sizeof(handled) / sizeof(handled[0])))

/* ---- a system call that does not begin when a signal came before it ---- */

#if defined(__x86_64__) || defined(__aarch64__)
extern const char kh_wait_begin[], kh_wait_call[], kh_wait_cancel[] __attribute__((visibility("hidden")));

#if defined(__x86_64__)
#define PC(context) ((context)->uc_mcontext.gregs[REG_RIP])
static __attribute__((noinline, noclone)) long wait_in(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    __asm__ __volatile__(".globl kh_wait_begin, kh_wait_call, kh_wait_cancel\n"
                         ".hidden kh_wait_begin, kh_wait_call, kh_wait_cancel\n"
                         "kh_wait_begin:\n\tcmpl $0, %[pending]\n\tjne kh_wait_cancel\n"
                         "kh_wait_call:\n\tsyscall\n\tjmp 1f\n"
                         "kh_wait_cancel:\n\tmovq %[interrupted], %%rax\n1:"
                         : "+a"(nr)
                         : [pending] "m"(pending), [interrupted] "i"(-EINTR), "D"(a), "S"(b), "d"(c), "r"(r10),
                           "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory", "cc");
    return nr;
}
#else
#define PC(context) ((context)->uc_mcontext.pc)
static __attribute__((noinline, noclone)) long wait_in(long nr, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = nr, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ __volatile__(".globl kh_wait_begin, kh_wait_call, kh_wait_cancel\n"
                         ".hidden kh_wait_begin, kh_wait_call, kh_wait_cancel\n"
                         "kh_wait_begin:\n\tldr w9, [%[pending]]\n\tcbnz w9, kh_wait_cancel\n"
                         "kh_wait_call:\n\tsvc 0\n\tb 1f\n"
                         "kh_wait_cancel:\n\tmov x0, %[interrupted]\n1:"
                         : "+r"(x0)
                         : [pending] "r"(&pending), [interrupted] "i"(-EINTR), "r"(x8), "r"(x1), "r"(x2), "r"(x3),
                           "r"(x4), "r"(x5)
                         : "x9", "memory", "cc");
    return x0;
}
#endif

static void on_signal(int sig, siginfo_t *info, void *context)
{
    uintptr_t at = (uintptr_t)PC((ucontext_t *)context);
    (void)info;
    flags[sig] = 1;
    pending = 1;
    if (at >= (uintptr_t)kh_wait_begin && at <= (uintptr_t)kh_wait_call)
        PC((ucontext_t *)context) = (uintptr_t)kh_wait_cancel;
}

static long futex_wait(const uint32_t *word, uint32_t seen, const struct timespec *limit)
{
    return wait_in(SYS_futex, (long)word, FUTEX_WAIT, (long)seen, (long)limit, 0, 0);
}
#else
/* Elsewhere the flags are looked at again after LOOK_MS. */
#define LOOK_MS 100
static long wait_in(long nr, long a, long b, long c, long d, long e, long f)
{
    struct pollfd fd = {.fd = (int)a, .events = POLLIN};
    while (!pending) {
        if (poll(&fd, 1, LOOK_MS) <= 0)
            continue;
        int flags_third = nr == SYS_recvmsg;
        long n = syscall(nr, a, b, flags_third ? c | MSG_DONTWAIT : c, flags_third ? d : d | MSG_DONTWAIT, e, f);
        if (n >= 0 || errno != EAGAIN)
            return n < 0 ? -errno : n;
    }
    return -EINTR;
}

static long futex_wait(const uint32_t *word, uint32_t seen, const struct timespec *limit)
{
    struct timespec look = {LOOK_MS / 1000, LOOK_MS % 1000 * 1000000};
    if (pending)
        return -EINTR;
    if (limit && limit->tv_sec == 0 && limit->tv_nsec < look.tv_nsec)
        look = *limit;
    return syscall(SYS_futex, word, FUTEX_WAIT, seen, &look, NULL, 0) < 0 ? -errno : 0;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    flags[sig] = 1;
    pending = 1;
}
#endif

int kh_signals_pending(void) { return pending; }

int kh_signals_futex(const uint32_t *word, uint32_t seen, const struct timespec *limit)
{
    return futex_wait(word, seen, limit) == -EINTR ? KH_EINTR : KH_OK;
}

long kh_signals_recv(int fd, void *buf, size_t len, struct sockaddr *from, uint32_t *from_len)
{
    return wait_in(SYS_recvfrom, fd, (long)buf, (long)len, 0, (long)from, (long)from_len);
}

long kh_signals_recvmsg(int fd, struct msghdr *m)
{
    return wait_in(SYS_recvmsg, fd, (long)m, 0, 0, 0, 0);
}

int kh_signals_init(int with_child)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigset_t block;
    int n = with_child ? N_HANDLED : N_HANDLED - 1;

    sigemptyset(&action.sa_mask);
    sigemptyset(&block);
    pending = 0;
    for (int i = 0; i < n; i++) {
        flags[handled[i]] = 0;
        sigaddset(&block, handled[i]);
        if (sigaction(handled[i], &action, NULL) < 0)
            return KH_EINVAL;
    }
    return sigprocmask(SIG_BLOCK, &block, NULL) < 0 ? KH_EINVAL : 0;
}

int64_t kh_signals_take(void)
{
    int64_t mask = 0;

    pending = 0; /* before the flags: one that is set from here on is found now or sets it again */
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
