#include "lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "counter.h"
#include "fault.h"
#include "proc.h"

#define WAITERS 0x80000000u
#define SPINS 100       /* a section behind a lock is shorter than a sleep */
#define WAIT_NS 1000000 /* how long to sleep before looking again, and asking whether the holder lives */

typedef _Atomic uint32_t word_t;

void kh_lock_init(kh_lock *l)
{
    l->word = 0;
    l->contended = 0;
}

static void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

static void sleep_on(word_t *word, uint32_t seen)
{
    struct timespec limit = {0, WAIT_NS};
    syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, NULL, 0);
}

/* Taken by somebody: wait, or take over from the dead. The waiter bit stays set, since others may sleep as well. */
static KH_RARE int get_contended(kh_lock *l)
{
    word_t *word = (word_t *)&l->word;
    uint32_t mine = kh_self | WAITERS;
    int slept = 0;
    for (int spin = 0;; spin++) {
        uint32_t seen = atomic_load_explicit(word, memory_order_relaxed);
        uint32_t holder = seen & KH_PROC_ID_MASK;
        if (!holder) {
            KH_STEP();
            if (atomic_compare_exchange_strong(word, &seen, slept ? mine : kh_self))
                break;
            continue;
        }
        if (!kh_proc_alive(holder) || (slept && kh_proc_gone(holder))) {
            if (!atomic_compare_exchange_strong(word, &seen, mine))
                continue;
            KH_STEP();
            kh_count(KH_CNT_LOCK_OWNER_DEAD);
            return KH_EOWNERDEAD;
        }
        if (spin < SPINS) {
            pause_cpu();
            continue;
        }
        if (!(seen & WAITERS) && !atomic_compare_exchange_strong(word, &seen, seen | WAITERS))
            continue;
        KH_STEP();
        sleep_on(word, seen | WAITERS);
        slept = 1;
    }
    l->contended++;
    kh_count(KH_CNT_LOCK_CONTENDED);
    return KH_OK;
}

int kh_lock_get(kh_lock *l)
{
    uint32_t seen = 0;
    if (KH_UNLIKELY(!kh_self))
        return KH_EINVAL;
    KH_STEP();
    if (KH_LIKELY(atomic_compare_exchange_strong((word_t *)&l->word, &seen, kh_self))) {
        KH_STEP();
        return KH_OK;
    }
    if ((seen & KH_PROC_ID_MASK) == kh_self)
        return KH_EBUSY;
    return get_contended(l);
}

int kh_lock_try(kh_lock *l)
{
    uint32_t seen = 0;
    if (!kh_self)
        return KH_EINVAL;
    if (atomic_compare_exchange_strong((word_t *)&l->word, &seen, kh_self))
        return KH_OK;
    if (kh_proc_alive(seen & KH_PROC_ID_MASK))
        return KH_EBUSY;
    if (!atomic_compare_exchange_strong((word_t *)&l->word, &seen, kh_self | WAITERS))
        return KH_EBUSY;
    kh_count(KH_CNT_LOCK_OWNER_DEAD);
    return KH_EOWNERDEAD;
}

/* Not the plain case: somebody sleeps, or it is not ours. */
static KH_RARE int release_contended(kh_lock *l)
{
    word_t *word = (word_t *)&l->word;
    if ((atomic_load_explicit(word, memory_order_relaxed) & KH_PROC_ID_MASK) != kh_self || !kh_self)
        return KH_EINVAL;
    KH_STEP();
    atomic_store_explicit(word, 0, memory_order_release);
    KH_STEP(); /* killed here, sleepers are not woken: they look for themselves after WAIT_NS */
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
    return KH_OK;
}

/* While it is ours nobody changes the word but to say that they wait, so a plain store will do where an exchange would
 * cost as much as the get. Who says so between the two instructions below is overwritten, and as a rule not asleep
 * yet: the futex call sees another word. At worst they look for themselves after WAIT_NS. */
int kh_lock_release(kh_lock *l)
{
    word_t *word = (word_t *)&l->word;
    if (KH_UNLIKELY(atomic_load_explicit(word, memory_order_relaxed) != kh_self || !kh_self))
        return release_contended(l);
    KH_STEP();
    atomic_store_explicit(word, 0, memory_order_release);
    KH_STEP();
    return KH_OK;
}

uint32_t kh_lock_owner(const kh_lock *l)
{
    return atomic_load_explicit((const word_t *)&l->word, memory_order_relaxed) & KH_PROC_ID_MASK;
}

int kh_lock_holder(const kh_lock *l)
{
    uint32_t id = kh_lock_owner(l);
    return id ? (int)KH_PROC_SLOT(id) : KH_ENOTFOUND;
}

kh_lock_set *kh_lock_set_new(uint32_t n)
{
    if (n < 1 || n > KH_LOCK_SET_MAX)
        return NULL;
    kh_lock_set *set = kh_shm_mallocz(sizeof *set + n * sizeof set->locks[0]);
    if (set)
        set->size = n;
    return set;
}

void kh_lock_set_delete(kh_lock_set *set)
{
    kh_shm_free(set);
}

int kh_lock_set_get(kh_lock_set *set, uint32_t i)
{
    return i < set->size ? kh_lock_get(&set->locks[i]) : KH_EINVAL;
}

int kh_lock_set_try(kh_lock_set *set, uint32_t i)
{
    return i < set->size ? kh_lock_try(&set->locks[i]) : KH_EINVAL;
}

int kh_lock_set_release(kh_lock_set *set, uint32_t i)
{
    return i < set->size ? kh_lock_release(&set->locks[i]) : KH_EINVAL;
}
