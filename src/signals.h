/* Signals of a process that waits in C.
 *
 * A Python signal handler runs only when the interpreter gets control back, so a worker that sleeps in recvfrom would
 * not hear SIGTERM. Here the handler sets a flag, and the wait ends with KH_EINTR. Between looking at the flags and going
 * to sleep no signal is lost: one that arrives on the few instructions from the look up to the system call sends the
 * process past it (kh_signals_recv). To open the signals only inside the wait, by ppoll, would cost two system calls a
 * message and wake every worker of a socket for each.
 *
 * kh_signals_init in the child, after fork, before its loop. One thread a process.
 */
#ifndef KH_SIGNALS_H
#define KH_SIGNALS_H

#include <signal.h>
#include <stdint.h>

#include "kh.h"

/* cdef */
/* Installs the flag handlers for SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 and (with_child) SIGCHLD, and blocks them
 * outside waits. 0, or KH_EINVAL. */
int kh_signals_init(int with_child);

/* Flags set since the last call, as a bit mask (1 << signal number), and clears them. */
int64_t kh_signals_take(void);

/* A timer process between two callbacks: sleeps up to `timeout_ms`, and every `tick_ms` calls `work` (may be NULL), which
 * does what needs no Python and says 1 when something does. Signals must be blocked. Returns the number of a signal that
 * came (SIGTERM, SIGHUP, SIGUSR1), 0 when the time is over, KH_EBUSY when `work` said 1. Going to sleep again here costs
 * 5 us, a turn through Python 60 us: its code and data have gone cold. */
int kh_signals_sleep(int64_t timeout_ms, int64_t tick_ms, int (*work)(void));

/* The kernel sends `sig` to this process when its parent dies, so that no worker outlives a killed main.
 * `parent` is the pid of the parent: if it has died already the result is KH_EOWNERDEAD. */
int kh_signals_parent_death(int sig, int parent);
/* end cdef */

struct msghdr;
struct sockaddr;
struct timespec;

/* recvfrom(2) without flags, unless a signal's flag is set: then, and when one arrives meanwhile, -EINTR. Bytes, or minus
 * the error. Signals must be open. kh_signals_recvmsg: the same for recvmsg(2). */
long kh_signals_recv(int fd, void *buf, size_t len, struct sockaddr *from, uint32_t *from_len);
long kh_signals_recvmsg(int fd, struct msghdr *m);

int kh_signals_pending(void); /* 1: kh_signals_take would find one */

/* Sleeps on a futex between processes while *word is `seen`, not longer than `limit` (may be NULL). KH_OK, also without
 * a reason: the caller looks for himself. KH_EINTR: a signal came, before or meanwhile. Signals must be open. */
int kh_signals_futex(const uint32_t *word, uint32_t seen, const struct timespec *limit);

#endif
