/* Signals of a process that waits in C.
 *
 * A Python signal handler runs only when the interpreter gets control back, so a worker that sleeps in ppoll would not
 * hear SIGTERM. Here the handler sets a flag, the signals are blocked all the time but inside the wait (ppoll with
 * kh_signals_wait_mask), and a wait that was interrupted returns KH_EINTR. No signal can be lost between looking at
 * the flags and going to sleep.
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

/* Mask for ppoll: the signals above open. Valid after kh_signals_init; before it, the mask of the process. */
const sigset_t *kh_signals_wait_mask(void);

/* Non-zero when a flag is set. */
int kh_signals_pending(void);

#endif
