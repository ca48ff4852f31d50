/* A lock between processes that survives the death of its holder.
 *
 * One 32-bit word: 0 is free, else the holder's identity (slot and generation, proc.h), with the top bit set while
 * somebody waits. A get is one compare-and-swap, a release one store; only waiting enters the kernel (futex). Who waits
 * for a dead holder takes the lock over and is told by KH_EOWNERDEAD: the data behind the lock may be half written,
 * repair it before use. If the one who repairs is killed as well, the next is told again.
 *
 * Not recursive: a second get by the holder returns KH_EBUSY instead of hanging. One thread a process takes locks.
 */
#ifndef KH_LOCK_H
#define KH_LOCK_H

#include "kh.h"

/* cdef */
typedef struct kh_lock {
    uint32_t word;
    uint32_t contended; /* gets that found it taken, since kh_lock_init; written by holders only */
} kh_lock;

typedef struct kh_lock_set {
    uint32_t size;
    uint32_t reserved;
    kh_lock locks[];
} kh_lock_set;

#define KH_LOCK_SET_MAX 65536 /* locks in a set */

void kh_lock_init(kh_lock *l);

/* Blocks until the lock is this process'. KH_OK; KH_EOWNERDEAD: it is yours, repair what it guards; not taken:
 * KH_EBUSY: this process holds it already, KH_EINVAL: no identity yet (kh_proc_attach). */
int kh_lock_get(kh_lock *l);

/* As kh_lock_get but never waits: KH_EBUSY when taken by a living process. */
int kh_lock_try(kh_lock *l);

/* KH_EINVAL when this process does not hold it (nothing changes then). */
int kh_lock_release(kh_lock *l);

/* Slot of the holder, or KH_ENOTFOUND when free. For reports: it may have changed already. */
int kh_lock_holder(const kh_lock *l);
uint32_t kh_lock_owner(const kh_lock *l); /* its identity (kh_proc.id), 0 when free */

/* n locks in shared memory, initialised; NULL when out of it or n is not in 1 .. KH_LOCK_SET_MAX. */
kh_lock_set *kh_lock_set_new(uint32_t n);
void kh_lock_set_delete(kh_lock_set *set);
int kh_lock_set_get(kh_lock_set *set, uint32_t i); /* as kh_lock_get; KH_EINVAL for a bad index */
int kh_lock_set_try(kh_lock_set *set, uint32_t i);
int kh_lock_set_release(kh_lock_set *set, uint32_t i);
/* end cdef */

_Static_assert(sizeof(kh_lock) == 8, "two words");

#endif
