/* Counters: each process adds to its own slots in shared memory, a reader sums them. No lock, no atomic, no shared
 * cache line on the hot path. A process that dies leaves its counts behind; its successor in the slot goes on adding.
 *
 * Names are registered before the fork, so a counter has the same small id in every process. The first ids are fixed:
 * they are the ones that C itself counts.
 */
#ifndef KH_COUNTER_H
#define KH_COUNTER_H

#include "kh.h"

/* cdef */
#define KH_COUNTER_MAX 1024 /* counters of the whole server; 8 KB a process */
#define KH_COUNTER_GROUP 24 /* bytes of a group's name, with its final 0 */
#define KH_COUNTER_NAME 40

enum kh_counter_id {
    KH_CNT_RCV_REQUESTS = 0, /* group "core", Kamailio's names */
    KH_CNT_RCV_REPLIES,
    KH_CNT_FWD_REQUESTS,
    KH_CNT_FWD_REPLIES,
    KH_CNT_DROP_REQUESTS,
    KH_CNT_DROP_REPLIES,
    KH_CNT_ERR_REQUESTS,
    KH_CNT_ERR_REPLIES,
    KH_CNT_BAD_URIS_RCVD,
    KH_CNT_UNSUPPORTED_METHODS,
    KH_CNT_BAD_MSG_HDR,
    KH_CNT_HTTP_OVER_UDP, /* datagrams whose first line is HTTP's: dropped */
    KH_CNT_TCP_ESTABLISHED, /* group "tcp": accepted and connected; Kamailio's names up to sendq_full */
    KH_CNT_TCP_PASSIVE_OPEN,
    KH_CNT_TCP_CONNECT_SUCCESS,
    KH_CNT_TCP_CONNECT_FAILED,
    KH_CNT_TCP_CON_TIMEOUT,
    KH_CNT_TCP_CON_RESET,
    KH_CNT_TCP_SEND_TIMEOUT,
    KH_CNT_TCP_LOCAL_REJECT, /* not accepted or not made, because of a limit */
    KH_CNT_TCP_SENDQ_FULL,
    KH_CNT_TCP_BAD_FRAMES, /* what came was no message: the connection was closed */
    KH_CNT_TCP_PINGS,
    KH_CNT_TCP_REPEATED, /* messages routed again because the receiver that had them died */
    KH_CNT_TCP_DROPPED,  /* messages that receivers died of */
    KH_CNT_TCP_LOST,     /* connections that went down with a receiver */
    KH_CNT_LOCK_CONTENDED, /* group "lock": gets that had to wait */
    KH_CNT_LOCK_OWNER_DEAD,
    KH_CNT_SHM_REFILLS, /* group "shmem": a magazine was filled from the arena */
    KH_CNT_SHM_FLUSHES,
    KH_CNT_SHM_FAILED, /* allocations refused: out of shared memory */
    KH_CNT_SHM_BAD_FREES, /* frees of what is no block, or is free already */
    KH_CNT_FIXED, /* first id for kh_counter_register */
};

/* Main process, before the fork. The id of `group:name`, registered now or earlier; KH_ETOOBIG, KH_EINVAL (name). */
int kh_counter_register(const char *group, const char *name);

/* The id of a registered counter, or KH_ENOTFOUND. */
int kh_counter_find(const char *group, const char *name);

int kh_counter_count(void);                /* ids are 0 .. count - 1 */
const char *kh_counter_group(int id);      /* NULL for an unknown id */
const char *kh_counter_name(int id);

void kh_counter_add(int id, int64_t n);    /* any attached process; an unknown id is ignored */
int64_t kh_counter_sum(int id);            /* over all processes, since the last reset; 0 for an unknown id */
int kh_counter_reset(int id);              /* later sums start at 0 again */
/* end cdef */

/* Where this process counts; before kh_proc_attach a private array that nobody reads. */
extern int64_t *kh_counts;

/* For ids known to be valid. */
static inline void kh_count(int id)
{
    kh_counts[id]++;
}

typedef struct kh_counter_table {
    uint32_t count;
    uint32_t reserved;
    int64_t base[KH_COUNTER_MAX]; /* subtracted from the sum: what a reset set aside */
    struct {
        char group[KH_COUNTER_GROUP];
        char name[KH_COUNTER_NAME];
    } names[KH_COUNTER_MAX];
} kh_counter_table;

/* Called by the segment, with the table and one row of counts a process slot: `fresh` registers the fixed ids. */
void kh_counter_attach(kh_counter_table *table, int64_t (*rows)[KH_COUNTER_MAX], int fresh);

/* Called by kh_proc_attach: this process counts in the row of its slot. */
void kh_counter_use(int slot);

#endif
