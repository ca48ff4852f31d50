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

enum op_kind { OP_NONE = 0, OP_PLACE = 1, OP_REMOVE = 2 };

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
    uint32_t level = 0;
    while (level + 1 < LEVELS && delta >= 1ull << ((level + 1) * BITS))
        level++;
    return level * SIZE + (uint32_t)(tick >> (level * BITS) & (SIZE - 1));
}

static uint64_t within_reach(const kh_wheel *w, uint64_t deadline_ms)
{
    uint64_t last = w->tick * KH_WHEEL_TICK_MS + KH_WHEEL_MAX_MS;
    return deadline_ms < last ? deadline_ms : last;
}

static void begin(kh_wheel *w, enum op_kind op, kh_timer *t, uint32_t bucket)
{
    w->op_timer = t;
    w->op_bucket = bucket;
    KH_STEP();
    w->op = op;
    KH_STEP();
}

static void end(kh_wheel *w)
{
    KH_STEP();
    w->op = OP_NONE;
    KH_STEP();
}

static void link_timer(kh_wheel *w, kh_timer *t, uint32_t bucket)
{
    kh_timer **head = &w->list[bucket];
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
}

static void unlink_timer(kh_wheel *w, kh_timer *t)
{
    *t->pprev = t->next;
    KH_STEP();
    if (t->next)
        t->next->pprev = t->pprev;
    t->state = KH_TIMER_IDLE;
    w->count--;
    KH_STEP();
}

/* Into a bucket, from nowhere or from another one: one change, so that no death in between loses the timer. */
static void place_in(kh_wheel *w, kh_timer *t, uint32_t bucket)
{
    begin(w, OP_PLACE, t, bucket);
    if (t->state != KH_TIMER_IDLE)
        unlink_timer(w, t);
    link_timer(w, t, bucket);
    end(w);
}

static void remove_timer(kh_wheel *w, kh_timer *t)
{
    begin(w, OP_REMOVE, t, 0);
    unlink_timer(w, t);
    end(w);
}

static void place(kh_wheel *w, kh_timer *t)
{
    place_in(w, t, bucket_for(w, t->deadline_ms));
}

/* The ticks of a level are over: its next bucket is spread over the levels below. Doing it twice does no harm. */
static void cascade(kh_wheel *w)
{
    for (uint32_t level = 1; level < LEVELS; level++) {
        if (w->tick & ((1ull << (level * BITS)) - 1))
            return;
        kh_timer **head = &w->list[level * SIZE + (w->tick >> (level * BITS) & (SIZE - 1))];
        while (*head)
            place(w, *head); /* nearer than this level by now: it lands below */
    }
}

/* After a holder's death: derive again what is derived, then finish what had begun. */
static void mend(kh_wheel *w)
{
    kh_timer *pending = w->op == OP_NONE ? NULL : w->op_timer;
    w->count = 0;
    if (pending)
        pending->state = KH_TIMER_IDLE; /* unless it is found linked */
    for (uint32_t b = 0; b <= BUCKETS; b++)
        for (kh_timer **at = &w->list[b]; *at; at = &(*at)->next) {
            kh_timer *t = *at;
            t->pprev = at;
            t->bucket = (uint16_t)b;
            if (b != FIRING_LIST)
                t->state = KH_TIMER_ARMED;
            else if (t->state != KH_TIMER_REARMED)
                t->state = KH_TIMER_FIRING;
            w->count++;
        }
    if (w->op == OP_PLACE)
        place_in(w, pending, w->op_bucket);
    else if (w->op == OP_REMOVE && pending->state != KH_TIMER_IDLE)
        remove_timer(w, pending);
    end(w);
    cascade(w); /* the dead one may have gone to this tick and no further */
}

static void lock_wheel(kh_wheel *w)
{
    if (kh_lock_get(&w->lock) == KH_EOWNERDEAD)
        mend(w);
}

/* What the dead process had in hand is due again. Others' timers are not in that list: there is one timer process. */
static void reap(uint32_t dead_id)
{
    for (int i = 0; i < WHEELS_MAX && wheels[i]; i++) {
        kh_wheel *w = wheels[i];
        lock_wheel(w);
        for (kh_timer *t = w->list[FIRING_LIST], *next; t; t = next) {
            next = t->next;
            if (t->user == dead_id)
                place(w, t);
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
    kh_lock_init(&w->lock);
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
    t->deadline_ms = deadline_ms = within_reach(w, deadline_ms);
    if (before == KH_TIMER_FIRING || before == KH_TIMER_REARMED) {
        t->state = KH_TIMER_REARMED;
    } else if (before == KH_TIMER_ARMED) {
        if (bucket_for(w, deadline_ms) != t->bucket)
            place(w, t);
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
        remove_timer(w, t);
        rc = 1;
    } else if (t->state == KH_TIMER_FIRING || t->state == KH_TIMER_REARMED) {
        t->state = KH_TIMER_FIRING; /* a deadline given meanwhile is withdrawn */
        rc = KH_EBUSY;
    }
    kh_lock_release(&w->lock);
    return rc;
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
            t->user = kh_self;
            place_in(w, t, FIRING_LIST);
            out[n++] = t;
        }
        if (*head)
            break;
        KH_STEP();
        w->tick++;
        KH_STEP();
        cascade(w);
    }
    kh_lock_release(&w->lock);
    return n;
}

int kh_timer_done(kh_wheel *w, kh_timer *t)
{
    lock_wheel(w);
    int again = t->state == KH_TIMER_REARMED;
    if (again)
        place(w, t);
    else if (t->state == KH_TIMER_FIRING)
        remove_timer(w, t);
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
