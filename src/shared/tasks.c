/* Write order. A push takes a held block, fills a free slot, and makes it count by the one write to its state; a take and
 * the end of a task are one such write too. So a slot tells at any instruction what it is, and who takes the lock from a
 * dead holder makes heap, free list and numbers from the slots. */
#include "tasks.h"

#include <linux/futex.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "fault.h"
#include "proc.h"
#include "signals.h"

enum task_state { TASK_FREE = 0, TASK_WAITING = 1, TASK_IN_HAND = 2 };

struct kh_taskq {
    kh_lock lock;
    uint32_t wake; /* futex: counts what sleepers must look at */
    uint32_t limit;
    uint32_t n_heap;  /* derived from here on */
    uint32_t in_hand;
    uint32_t first_free; /* slot + 1 */
    uint32_t *heap;      /* slots of waiting tasks, each due not before the one at (i - 1) / 2 */
    uint64_t order;
    uint64_t pushed, refused, lost;
    kh_task slots[];
};

static kh_taskq *queues[KH_TASKQ_MAX]; /* of this start, for the reaper: made before the fork */

static bool before(const kh_taskq *q, uint32_t a, uint32_t b)
{
    const kh_task *x = &q->slots[a], *y = &q->slots[b];
    return x->due_ms != y->due_ms ? x->due_ms < y->due_ms : x->order < y->order;
}

/* Puts `slot` where it belongs on the way from place i to the top. */
static void heap_up(kh_taskq *q, uint32_t i, uint32_t slot)
{
    for (uint32_t above; i && before(q, slot, q->heap[above = (i - 1) / 2]); i = above) {
        q->heap[i] = q->heap[above];
        KH_STEP();
    }
    q->heap[i] = slot;
    KH_STEP();
}

/* The same, on the way down. */
static void heap_down(kh_taskq *q, uint32_t i, uint32_t slot)
{
    for (uint32_t below; (below = 2 * i + 1) < q->n_heap; i = below) {
        if (below + 1 < q->n_heap && before(q, q->heap[below + 1], q->heap[below])) below++;
        if (!before(q, q->heap[below], slot)) break;
        q->heap[i] = q->heap[below];
        KH_STEP();
    }
    q->heap[i] = slot;
    KH_STEP();
}

static void free_slot(kh_taskq *q, uint32_t slot)
{
    q->slots[slot].next_free = q->first_free;
    KH_STEP();
    q->first_free = slot + 1;
    KH_STEP();
}

static void repair(kh_taskq *q)
{
    q->n_heap = q->in_hand = q->first_free = 0;
    for (uint32_t i = q->limit; i--;) {
        kh_task *t = &q->slots[i];
        if (t->state == TASK_FREE) {
            free_slot(q, i);
            continue;
        }
        kh_shm_keep(t->data);
        if (t->order >= q->order) q->order = t->order + 1;
        if (t->state == TASK_IN_HAND)
            q->in_hand++;
        else
            heap_up(q, q->n_heap++, i);
    }
}

static int lock(kh_taskq *q)
{
    int rc = kh_lock_get(&q->lock);
    if (KH_UNLIKELY(rc == KH_EOWNERDEAD)) {
        repair(q);
        rc = KH_OK;
    }
    return rc;
}

static void unlock(kh_taskq *q) { kh_lock_release(&q->lock); }

static void wake(kh_taskq *q, int sleepers)
{
    __atomic_add_fetch(&q->wake, 1, __ATOMIC_RELEASE);
    KH_STEP();
    syscall(SYS_futex, &q->wake, FUTEX_WAKE, sleepers, NULL, NULL, 0);
}

/* Under the lock: the slot is nobody's any more. */
static void end(kh_taskq *q, kh_task *t)
{
    char *data = t->data;
    kh_shm_hold(data);
    KH_STEP();
    __atomic_store_n(&t->state, TASK_FREE, __ATOMIC_RELEASE);
    KH_STEP();
    q->in_hand--;
    free_slot(q, (uint32_t)(t - q->slots));
    kh_shm_free(data);
}

/* What the dead one had in hand is lost. It may have been woken for a task and not have taken it: others look. */
static void reap(uint32_t dead_id)
{
    for (int n = 0; n < KH_TASKQ_MAX; n++) {
        kh_taskq *q = queues[n];
        if (!q || lock(q) < 0) continue;
        for (uint32_t i = 0; i < q->limit && q->in_hand; i++)
            if (q->slots[i].state == TASK_IN_HAND && q->slots[i].owner == dead_id) {
                q->lost++;
                end(q, &q->slots[i]);
            }
        unlock(q);
        wake(q, KH_PROC_MAX);
    }
}

kh_taskq *kh_taskq_new(uint32_t limit)
{
    int n = 0;
    while (n < KH_TASKQ_MAX && queues[n]) n++;
    if (n == KH_TASKQ_MAX || !limit || limit > KH_TASKQ_LIMIT_MAX || kh_proc_on_reap(reap) < 0) return NULL;
    kh_taskq *q = kh_shm_mallocz(sizeof(*q) + limit * sizeof(kh_task));
    uint32_t *heap = q ? kh_shm_mallocz(limit * sizeof(*heap)) : NULL;
    if (!heap) {
        kh_shm_free(q);
        return NULL;
    }
    q->limit = limit;
    q->heap = heap;
    kh_lock_init(&q->lock);
    for (uint32_t i = limit; i--;) free_slot(q, i);
    return queues[n] = q;
}

void kh_taskq_delete(kh_taskq *q)
{
    for (int n = 0; n < KH_TASKQ_MAX; n++)
        if (queues[n] == q) queues[n] = NULL;
    for (uint32_t i = 0; i < q->limit; i++)
        if (q->slots[i].state != TASK_FREE) kh_shm_free(q->slots[i].data);
    kh_shm_free(q->heap);
    kh_shm_free(q);
}

/* A free slot becomes this task; whether it is the first of all now. Under the lock. */
static bool place(kh_taskq *q, kh_task task)
{
    uint32_t slot = q->first_free - 1;
    kh_task *t = &q->slots[slot];
    q->first_free = t->next_free;
    KH_STEP();
    task.order = q->order++;
    task.state = TASK_FREE;
    *t = task;
    KH_STEP();
    __atomic_store_n(&t->state, TASK_WAITING, __ATOMIC_RELEASE);
    KH_STEP();
    kh_shm_keep(task.data);
    KH_STEP();
    heap_up(q, q->n_heap++, slot);
    q->pushed++;
    return q->heap[0] == slot;
}

int kh_taskq_push(kh_taskq *q, uint32_t number, const char *data, uint32_t len, uint64_t delay_ms)
{
    char *copy = len <= KH_TASK_MAX ? kh_shm_malloc_held(len) : NULL;
    if (copy) memcpy(copy, data, len);
    bool first = false, full;
    int rc = lock(q);
    if (rc < 0) {
        kh_shm_free(copy);
        return rc;
    }
    full = !q->first_free;
    if (copy && !full)
        first = place(q, (kh_task){.due_ms = kh_now_ms() + delay_ms, .data = copy, .len = len, .number = number});
    else
        q->refused++;
    unlock(q);
    if (!copy || full) {
        kh_shm_free(copy);
        return full || len > KH_TASK_MAX ? KH_ETOOBIG : KH_ENOMEM;
    }
    if (!delay_ms)
        wake(q, 1);
    else if (first)
        wake(q, KH_PROC_MAX);
    return KH_OK;
}

/* Under the lock. */
static kh_task *take(kh_taskq *q)
{
    if (!q->n_heap || q->slots[q->heap[0]].due_ms > kh_now_ms()) return NULL;
    kh_task *t = &q->slots[q->heap[0]];
    t->owner = kh_self;
    KH_STEP();
    __atomic_store_n(&t->state, TASK_IN_HAND, __ATOMIC_RELEASE);
    KH_STEP();
    q->in_hand++;
    if (--q->n_heap) heap_down(q, 0, q->heap[q->n_heap]);
    return t;
}

kh_task *kh_taskq_take(kh_taskq *q)
{
    if (lock(q) < 0) return NULL;
    kh_task *t = take(q);
    unlock(q);
    return t;
}

kh_task *kh_taskq_wait(kh_taskq *q)
{
    while (!kh_signals_pending()) {
        if (lock(q) < 0) return NULL;
        kh_task *t = take(q);
        uint32_t seen = q->wake;
        uint64_t due = q->n_heap ? q->slots[q->heap[0]].due_ms : 0;
        unlock(q);
        if (t) return t;
        uint64_t now = kh_now_ms(), left = due > now ? due - now : 0;
        struct timespec limit = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
        if (kh_signals_futex(&q->wake, seen, due ? &limit : NULL) == KH_EINTR) break;
    }
    return NULL;
}

int kh_taskq_done(kh_taskq *q, kh_task *t)
{
    int rc = lock(q);
    if (rc < 0) return rc;
    bool ours = t->state == TASK_IN_HAND && t->owner == kh_self;
    if (ours) end(q, t);
    unlock(q);
    return ours ? KH_OK : KH_EINVAL;
}

uint64_t kh_taskq_next(kh_taskq *q)
{
    if (lock(q) < 0) return 0;
    uint64_t due = q->n_heap ? q->slots[q->heap[0]].due_ms : 0;
    unlock(q);
    return due;
}

void kh_taskq_stats_get(kh_taskq *q, kh_taskq_stats *out)
{
    if (lock(q) < 0) return;
    *out = (kh_taskq_stats){q->limit, q->n_heap, q->in_hand, q->pushed, q->refused, q->lost};
    unlock(q);
}

int kh_taskq_check(kh_taskq *q)
{
    uint32_t faults = 0, free = 0, counted[3] = {0, 0, 0};
    if (lock(q) < 0) return 1;
    for (uint32_t i = 0; i < q->limit; i++) counted[q->slots[i].state % 3]++;
    for (uint32_t at = q->first_free; at && free <= q->limit; at = q->slots[at - 1].next_free, free++)
        faults += q->slots[at - 1].state != TASK_FREE;
    for (uint32_t i = 0; i < q->n_heap; i++) {
        faults += q->slots[q->heap[i]].state != TASK_WAITING || !kh_shm_size_of(q->slots[q->heap[i]].data);
        faults += i && before(q, q->heap[i], q->heap[(i - 1) / 2]);
    }
    faults += free != counted[TASK_FREE];
    faults += q->n_heap != counted[TASK_WAITING];
    faults += q->in_hand != counted[TASK_IN_HAND];
    unlock(q);
    return (int)faults;
}
