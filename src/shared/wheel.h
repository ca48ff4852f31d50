/* Timers shared by all processes: a hierarchical wheel, four levels of 256 buckets, 10 ms a tick.
 *
 * A kh_timer is embedded in what it times. Any process arms, moves or stops it in O(1) under the wheel's lock; a moved
 * timer is relinked at once, whether its new deadline is nearer or farther. One process (the timer) asks for what is due.
 *
 * Due timers are "firing": they belong to the timer process until it says kh_timer_done. What others do meanwhile:
 * kh_timer_add is remembered and takes effect at kh_timer_done; kh_timer_del returns KH_EBUSY, so the entity must not be
 * freed yet: its handler is about to look at it. If the timer process dies, its successor gets the same timers again.
 */
#ifndef KH_WHEEL_H
#define KH_WHEEL_H

#include "lock.h"

/* cdef */
#define KH_WHEEL_TICK_MS 10
#define KH_WHEEL_MAX_MS 42949672950 /* farther deadlines are cut to it: 497 days */

enum kh_timer_state {
    KH_TIMER_IDLE = 0,
    KH_TIMER_ARMED = 1,
    KH_TIMER_FIRING = 2,  /* handed to the timer process */
    KH_TIMER_REARMED = 3, /* firing, and somebody gave it a new deadline meanwhile */
};

typedef struct kh_timer {
    struct kh_timer *next;
    struct kh_timer **pprev; /* what points here */
    uint64_t deadline_ms;    /* CLOCK_MONOTONIC, kh_now_ms() */
    uint16_t bucket;         /* where it is linked: level * 256 + index */
    uint8_t state;           /* kh_timer_state */
    uint8_t kind;            /* the owner's: which handler */
    uint32_t user;           /* identity of the process that has it in hand while it fires */
} kh_timer;

typedef struct kh_wheel kh_wheel;

/* Main process, before the fork. NULL when out of shared memory. */
kh_wheel *kh_wheel_new(uint64_t now_ms);
void kh_wheel_delete(kh_wheel *w); /* timers still armed in it are forgotten */

void kh_timer_init(kh_timer *t, int kind);

/* Arm, or move if armed. A deadline that has passed fires at the next expire. Returns the state it had. */
int kh_timer_add(kh_wheel *w, kh_timer *t, uint64_t deadline_ms);

/* 1: stopped. 0: was not armed. KH_EBUSY: firing in another process; leave the entity to it. */
int kh_timer_del(kh_wheel *w, kh_timer *t);

/* Timer process: up to `max` timers with deadline <= now_ms, now firing. Fewer than max: nothing else is due. */
int kh_wheel_expire(kh_wheel *w, uint64_t now_ms, kh_timer **out, int max);

/* Timer process, when it has dealt with a firing timer, and before its entity is freed: 1 when it is armed again. */
int kh_timer_done(kh_wheel *w, kh_timer *t);

int64_t kh_wheel_count(kh_wheel *w); /* armed or firing */
int kh_wheel_check(kh_wheel *w);     /* number of faults in its lists; 0 is good */
/* end cdef */

_Static_assert(sizeof(kh_timer) == 32, "embedded everywhere: keep it small");

#endif
