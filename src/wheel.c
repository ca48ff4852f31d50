/* A bucket is a singly linked list whose forward links are valid at every instruction: a timer joins by the one write to
 * the bucket's head and leaves by the one write to what points at it. The back links, counts and states are derived.
 * Each change is noted in `op` before it begins; who takes the lock from a dead holder mends what is derived and then
 * finishes the noted change.
 */
#include "wheel.h"

#include <string.h>

#include "arena.h"
#include "fault.h"
#include "proc.h"

#define LEVELS 4
#define BITS 8
#define SIZE (1 << BITS)
#define BUCKETS (LEVELS * SIZE)
#define FIRING_LIST BUCKETS /* one more list: what the timer process has in hand */
#define WHEELS_MAX 8

enum op_kind { OP_NONE = 0, OP_LINK = 1, OP_UNLINK = 2 };

struct kh_wheel {
    kh_lock lock;
    uint64_t tick; /* the next tick to look at: all before it have fired */
    int64_t count;
    uint32_t op;
    uint32_t op_bucket;
    kh_timer *op_timer;
    kh_timer *list[BUCKETS + 1];
};

static kh_wheel *wheels[WHEELS_MAX]; /* those whose firing timers a dead timer process would leave behind */

static uint32_t bucket_for(const kh_wheel *w, uint64_t deadline_ms)
{
    uint64_t tick = (deadline_ms + KH_WHEEL_TICK_MS - 1) / KH_WHEEL_TICK_MS;
    if (tick < w->tick)
        tick = w->tick;
    uint64_t delta = tick - w->tick;
    if (delta >= 1ull << (LEVELS * BITS)) {
        delta = (1ull << (LEVELS * BITS)) - 1;
        tick = w->tick + delta;
    }
    uint32_t level = 0;
    while (level + 1 < LEVELS && delta >= 1ull << ((level + 1) * BITS))
        level++;
    return level * SIZE + (uint32_t)(tick >> (level * BITS) & (SIZE - 1));
}

static void link_timer(kh_wheel *w, kh_timer *t, uint32_t bucket)
{
    kh_timer **head = &w->list[bucket];
    w->op_timer = t;
    w->op_bucket = bucket;
    w->op = OP_LINK;
    KH_STEP();
    t->bucket = (uint16_t)bucket;
    t->state = bucket == FIRING_LIST ? KH_TIMER_FIRING : KH_TIMER_ARMED;
    t->next = *head;
    t->pprev = head;
    KH_STEP();
    *head = t;
    KH_STEP();
    if (t->next)
        t->next->pprev = &t->next;
    w->count++;
    KH_STEP();
    w->op = OP_NONE;
}

static void unlink_timer(kh_wheel *w, kh_timer *t)
{
    w->op_timer = t;
    w->op = OP_UNLINK;
    KH_STEP();
    *t->pprev = t->next;
    KH_STEP();
    if (t->next)
        t->next->pprev = t->pprev;
    t->state = KH_TIMER_IDLE;
    w->count--;
    KH_STEP();
    w->op = OP_NONE;
}

/* After a holder's death: derive again what is derived, then finish what had begun. */
static void mend(kh_wheel *w)
{
    kh_timer *pending = w->op == OP_NONE ? NULL : w->op_timer;
    int linked = 0;
    w->count = 0;
    for (uint32_t b = 0; b <= BUCKETS; b++)
        for (kh_timer **at = &w->list[b]; *at; at = &(*at)->next) {
            kh_timer *t = *at;
            t->pprev = at;
            t->bucket = (uint16_t)b;
            if (b == FIRING_LIST && t->state != KH_TIMER_REARMED)
                t->state = KH_TIMER_FIRING;
            else if (b != FIRING_LIST)
                t->state = KH_TIMER_ARMED;
            w->count++;
            linked |= t == pending;
        }
    uint32_t op = w->op;
    w->op = OP_NONE;
    if (op == OP_LINK && !linked)
        link_timer(w, pending, w->op_bucket);
    else if (op == OP_UNLINK && linked)
        unlink_timer(w, pending);
    else if (op == OP_UNLINK)
        pending->state = KH_TIMER_IDLE;
}

static void lock_wheel(kh_wheel *w)
{
    if (kh_lock_get(&w->lock) == KH_EOWNERDEAD)
        mend(w);
}

static void place(kh_wheel *w, kh_timer *t)
{
    link_timer(w, t, bucket_for(w, t->deadline_ms));
}

/* What the dead process had in hand is due again. Others' timers are not in that list: there is one timer process. */
static void reap(uint32_t dead_id)
{
    for (int i = 0; i < WHEELS_MAX && wheels[i]; i++) {
        kh_wheel *w = wheels[i];
        lock_wheel(w);
        for (kh_timer *t = w->list[FIRING_LIST], *next; t; t = next) {
            next = t->next;
            if (t->user == dead_id) {
                unlink_timer(w, t);
                place(w, t);
            }
        }
        kh_lock_release(&w->lock);
    }
}

kh_wheel *kh_wheel_new(uint64_t now_ms)
{
    int i = 0;
    while (i < WHEELS_MAX && wheels[i])
        i++;
    kh_wheel *w = i < WHEELS_MAX && kh_proc_on_reap(reap) == KH_OK ? kh_shm_mallocz(sizeof *w) : NULL;
    if (!w)
        return NULL;
    w->tick = now_ms / KH_WHEEL_TICK_MS;
    return wheels[i] = w;
}

void kh_wheel_delete(kh_wheel *w)
{
    int i = 0, found = 0;
    for (; i < WHEELS_MAX; i++) {
        found |= wheels[i] == w;
        if (found)
            wheels[i] = i + 1 < WHEELS_MAX ? wheels[i + 1] : NULL;
    }
    kh_shm_free(w);
}

void kh_timer_init(kh_timer *t, int kind)
{
    memset(t, 0, sizeof *t);
    t->kind = (uint8_t)kind;
}

int kh_timer_add(kh_wheel *w, kh_timer *t, uint64_t deadline_ms)
{
    lock_wheel(w);
    int before = t->state;
    t->deadline_ms = deadline_ms;
    if (before == KH_TIMER_FIRING || before == KH_TIMER_REARMED) {
        t->state = KH_TIMER_REARMED;
    } else if (before == KH_TIMER_ARMED) {
        if (bucket_for(w, deadline_ms) != t->bucket) {
            unlink_timer(w, t);
            place(w, t);
        }
    } else {
        place(w, t);
    }
    kh_lock_release(&w->lock);
    return before;
}

int kh_timer_del(kh_wheel *w, kh_timer *t)
{
    int rc = 0;
    lock_wheel(w);
    if (t->state == KH_TIMER_ARMED) {
        unlink_timer(w, t);
        rc = 1;
    } else if (t->state == KH_TIMER_FIRING || t->state == KH_TIMER_REARMED) {
        t->state = KH_TIMER_FIRING; /* a deadline given meanwhile is withdrawn */
        rc = KH_EBUSY;
    }
    kh_lock_release(&w->lock);
    return rc;
}

/* The ticks of a level are over: its next bucket is spread over the levels below. */
static void cascade(kh_wheel *w)
{
    for (uint32_t level = 1; level < LEVELS; level++) {
        if (w->tick & ((1ull << (level * BITS)) - 1))
            return;
        kh_timer **head = &w->list[level * SIZE + (w->tick >> (level * BITS) & (SIZE - 1))];
        while (*head) {
            kh_timer *t = *head;
            uint32_t bucket = bucket_for(w, t->deadline_ms);
            if (&w->list[bucket] == head)
                return; /* cut at KH_WHEEL_MAX_MS and still as far away */
            unlink_timer(w, t);
            link_timer(w, t, bucket);
        }
    }
}

int kh_wheel_expire(kh_wheel *w, uint64_t now_ms, kh_timer **out, int max)
{
    int n = 0;
    uint64_t now = now_ms / KH_WHEEL_TICK_MS;
    lock_wheel(w);
    while (w->tick <= now && n < max) {
        kh_timer **head = &w->list[w->tick & (SIZE - 1)];
        while (*head && n < max) {
            kh_timer *t = *head;
            unlink_timer(w, t);
            t->user = kh_self;
            link_timer(w, t, FIRING_LIST);
            out[n++] = t;
        }
        if (*head)
            break;
        w->tick++;
        cascade(w);
    }
    kh_lock_release(&w->lock);
    return n;
}

int kh_timer_done(kh_wheel *w, kh_timer *t)
{
    lock_wheel(w);
    int again = t->state == KH_TIMER_REARMED;
    if (t->bucket == FIRING_LIST && t->state != KH_TIMER_IDLE)
        unlink_timer(w, t);
    if (again)
        place(w, t);
    kh_lock_release(&w->lock);
    return again;
}

int64_t kh_wheel_count(kh_wheel *w)
{
    return w->count;
}

int kh_wheel_check(kh_wheel *w)
{
    int faults = 0;
    int64_t n = 0;
    lock_wheel(w);
    for (uint32_t b = 0; b <= BUCKETS; b++)
        for (kh_timer **at = &w->list[b]; *at; at = &(*at)->next, n++)
            faults += (*at)->pprev != at || (*at)->bucket != b;
    faults += n != w->count || w->op != OP_NONE;
    kh_lock_release(&w->lock);
    return faults;
}
