/* The processes of the server, as shared memory knows them.
 *
 * Every process owns a slot. What it holds (locks, half-done allocations, its magazine of free blocks) is marked with
 * its identity: slot and generation in 31 bits. When it dies, the main process calls kh_proc_reap(), which returns
 * what it held; the slot then serves the replacement under the next generation, so a mark left by the dead one can
 * never be taken for its successor's.
 *
 * A child calls kh_proc_attach() before anything else: until then it has no identity and may neither lock nor allocate.
 */
#ifndef KH_PROC_H
#define KH_PROC_H

#include "kh.h"

/* cdef */
#define KH_PROC_MAX 256 /* slots; slot 0 is the main process */
#define KH_PROC_DESC 64 /* bytes of a description, with its final 0 */

enum kh_proc_state {
    KH_PROC_FREE = 0,
    KH_PROC_STARTING = 1, /* has a slot, not attached yet */
    KH_PROC_ALIVE = 2,
    KH_PROC_DEAD = 3, /* reaped: the slot waits for its replacement */
};

typedef struct kh_proc {
    uint32_t id; /* generation << 10 | slot; 0 before the first attach */
    uint32_t state;
    int32_t pid;
    int32_t rank;
    uint32_t starts; /* how often a process attached here */
    uint32_t birth; /* start time as /proc has it: tells the process from a later one with the same pid */
    uint64_t started_ms; /* CLOCK_MONOTONIC */
    uint32_t slots;      /* in slot 0 only: kh_proc_slots */
    char desc[KH_PROC_DESC];
} kh_proc;

/* Main process, before the fork: a free slot, >= 0, or KH_ETOOBIG. */
int kh_proc_alloc(int rank, const char *desc);

/* The child, first thing after the fork: take the slot's next generation. Returns the slot. */
int kh_proc_attach(int slot);

/* Main process, after wait() said that the slot's process is gone: run the repairs of every structure, return its
 * magazines and the blocks it only held. Returns the number of blocks returned. */
int kh_proc_reap(int slot);

/* Main process: the slot is not going to be used again (its process was reaped). */
int kh_proc_free(int slot);

/* NULL for a slot out of range. The struct is shared: read, do not write. */
kh_proc *kh_proc_get(int slot);

/* 1 when the process with this identity can still be running, 0 when it is known to be gone. */
int kh_proc_alive(uint32_t id);

/* As the opposite of kh_proc_alive, but asks the operating system too, so a dead process that nobody waited for yet
 * counts as gone. Slow: for those who wait for it. */
int kh_proc_gone(uint32_t id);

int kh_proc_self(void); /* own slot, or KH_EINVAL before kh_proc_attach */

void kh_clock_skew(uint64_t ms); /* tests of scripts: this process's kh_now_ms runs that much ahead */
uint64_t kh_now_ms(void); /* CLOCK_MONOTONIC: the clock of every deadline in shared memory */
/* end cdef */

/* Slots from this one on were never given out: where a walk over all processes may end. */
int kh_proc_slots(void);

#define KH_PROC_SLOT_BITS 10
#define KH_PROC_SLOT(id) ((id) & ((1u << KH_PROC_SLOT_BITS) - 1))
#define KH_PROC_ID_MASK 0x7fffffffu

_Static_assert(KH_PROC_MAX <= 1 << KH_PROC_SLOT_BITS, "a slot fits its bits");

/* This process' identity; 0 before it attached. */
extern uint32_t kh_self;

/* A structure's repair: runs in the main process for a dead one, after which none of its locks may be held by the
 * dead and every block that it links is marked as kept (kh_shm_keep). Register before the fork; the same function
 * counts once. KH_ETOOBIG when KH_REAP_HOOKS is reached. */
#define KH_REAP_HOOKS 16
typedef void (*kh_reap_fn)(uint32_t dead_id);
int kh_proc_on_reap(kh_reap_fn fn);

/* Called once by the segment when it is mapped: where the slots are. Main becomes slot 0. */
void kh_proc_table(kh_proc *table);

#endif
