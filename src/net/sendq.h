/* What leaves this process: replies and forwarded messages are built into a queue; what one message led to leaves
 * together (sendmmsg) before the next is waited for. Messages for streams go to their connection instead (stream.h), and
 * leave at the same moment.
 *
 * All state is private to the process.
 */
#ifndef KH_SENDQ_H
#define KH_SENDQ_H

#include "addr.h"

/* cdef */
#define KH_SEND_QUEUE 64        /* datagrams waiting for flush; a full queue flushes itself */
#define KH_SEND_QUEUE_BYTES 524288

/* Counters of this process, of datagrams. */
typedef struct kh_send_counters {
    uint64_t sent, sent_bytes, send_errors, too_big, flushes;
} kh_send_counters;

/* Room for one message of any size in the queue; write to it, then commit. Never NULL (flushes when full). */
char *kh_send_reserve(void);
/* len; KH_EINVAL; of a stream KH_ESEND and what else kh_stream_send says. */
int kh_send_commit(const kh_dest *d, uint32_t len);
/* Queues a copy. Bytes or KH_E*. */
int kh_send(const kh_dest *d, const char *buf, uint32_t len);
/* Sends what is queued; the number of datagrams the kernel took. */
int kh_send_flush(void);
/* Sends one at once, for processes without a batch (timers). Bytes or KH_ESEND. */
int kh_send_now(const kh_dest *d, const char *buf, uint32_t len);

/* For tests of scripts: while held, nothing leaves this process and what would be sent stays in the queue (the oldest
 * are lost when it is full). `kh_send_held` counts them; the i-th one's bytes, length and destination; `forget` empties. */
#define KH_SEND_PEERS 64
void kh_send_hold(int on);
/* While held, there is a connection `conn` to this peer, and messages for it show its number; 0: it takes none. Of several
 * with one address the last counts. KH_ETOOBIG: KH_SEND_PEERS. `kh_send_hold` forgets them. */
int kh_send_peer(const kh_addr *peer, uint32_t conn);
/* That connection is lost. */
void kh_send_peer_lost(uint32_t conn);
int kh_send_held(void);
const char *kh_send_held_bytes(int i, kh_dest *to);
int kh_send_held_len(int i);
void kh_send_forget(void);

kh_send_counters *kh_send_stats(void);
/* end cdef */

#endif
