/* Queues of tasks for worker processes: what any process pushes, now or for later, and one worker takes when it is due.
 *
 * A task is a number that says what to do (of a function, the same in every process) and some bytes. Its slot in the
 * queue is the truth about it; the heap that knows which is due first, and the list of free slots, are derived and made
 * anew when a process died while it changed them.
 *
 * A task is queued until a worker takes it, then in hand until that one says kh_taskq_done. The task in hand of a worker
 * that dies is lost, and counted: to run it again could do half of it twice, or kill the next worker too. No other is.
 *
 * An idle worker sleeps on a futex: a task that is due wakes one of them, one that becomes the first of those to come
 * wakes all, since each sleeps no longer than until then.
 */
#ifndef KH_TASKS_H
#define KH_TASKS_H

#include "lock.h"

/* cdef */
#define KH_TASK_MAX 65535   /* bytes of a task */
#define KH_TASKQ_MAX 64     /* queues */
#define KH_TASKQ_LIMIT_MAX 1048576 /* tasks of a queue, queued or in hand */

typedef struct kh_task {
    uint64_t due_ms; /* kh_now_ms() from which on it may be taken */
    uint64_t order;  /* among those due at the same time */
    char *data;
    uint32_t len;
    uint32_t number; /* the caller's: what to do */
    uint32_t owner;  /* identity of the process that has it in hand */
    uint32_t state;
    uint32_t next_free; /* slot + 1 */
    uint32_t reserved;
} kh_task;

typedef struct kh_taskq kh_taskq;

typedef struct kh_taskq_stats {
    uint64_t limit;
    uint64_t waiting; /* due or for later */
    uint64_t in_hand;
    uint64_t pushed; /* since the queue was made, as the next two */
    uint64_t refused;
    uint64_t lost; /* were in hand of a process that died */
} kh_taskq_stats;

/* Main process, before the fork. NULL: out of shared memory, `limit` not in 1 .. KH_TASKQ_LIMIT_MAX, or KH_TASKQ_MAX. */
kh_taskq *kh_taskq_new(uint32_t limit);
void kh_taskq_delete(kh_taskq *q);

/* Any process: a copy of `len` bytes, to be taken in `delay_ms`. KH_ETOOBIG: the queue or the task is too large;
 * KH_ENOMEM. Both count as refused. */
int kh_taskq_push(kh_taskq *q, uint32_t number, const char *data, uint32_t len, uint64_t delay_ms);

/* A task that is due, now in hand of this process; NULL: none is. */
kh_task *kh_taskq_take(kh_taskq *q);

/* Worker, signals open (signals.h): the same, waits for one. NULL: a signal came, which goes before tasks. */
kh_task *kh_taskq_wait(kh_taskq *q);

/* The task that was taken is done with. KH_EINVAL: it is not in hand of this process. */
int kh_taskq_done(kh_taskq *q, kh_task *t);

uint64_t kh_taskq_next(kh_taskq *q); /* due_ms of the first; 0: none waits */
void kh_taskq_stats_get(kh_taskq *q, kh_taskq_stats *out);
int kh_taskq_check(kh_taskq *q); /* number of faults in what is derived; 0 is good */
/* end cdef */

_Static_assert(sizeof(kh_task) == 48, "a queue has thousands");

#endif
