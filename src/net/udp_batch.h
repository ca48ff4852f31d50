/* Datagrams in, one at a time, and out, by the batch: replies and forwarded messages are built into a queue; what one
 * message led to leaves together (sendmmsg) before the next is waited for.
 *
 * The worker's loop:  facts = kh_udp_recv(sock, m, e); route m.
 * Receiving several at once would save half a microsecond a message under pressure, but the messages at the end of a
 * batch wait while another worker already routes what came after them: a BYE overtakes its ACK.
 * All state is private to the process. Blocking without ppoll is worth 4 us a message; a signal gets the worker out (its
 * handler is installed without SA_RESTART, see signals.h).
 */
#ifndef KH_UDP_BATCH_H
#define KH_UDP_BATCH_H

#include "addr.h"
#include "build.h"
#include "msg.h"

/* cdef */
#define KH_UDP_QUEUE 64        /* messages waiting for flush; a full queue flushes itself */
#define KH_UDP_QUEUE_BYTES 524288

/* Counters of this process. */
typedef struct kh_udp_counters {
    uint64_t received, received_bytes, recv_errors;
    uint64_t sent, sent_bytes, send_errors, too_big, flushes;
} kh_udp_counters;

/* Sends what is queued, then waits for a datagram on socket `sock` (index of the table), parses it into m with m->rcv
 * and m->id, empties e, and counts it. Returns kh_msg_facts (> 0), what kh_msg_parse says of no message (KH_EMALFORMED,
 * also for HTTP, which has no business on UDP and is counted; KH_ETOOBIG), 0 after an error of the socket (counted),
 * KH_EINTR. */
int64_t kh_udp_recv(int sock, kh_msg *m, kh_edits *e);

/* Room for one message of any size in the queue; write to it, then commit. Never NULL (flushes when full). */
char *kh_udp_reserve(void);
int kh_udp_commit(const kh_dest *d, uint32_t len); /* len, or KH_EINVAL */
/* Queues a copy. Bytes or KH_E*. */
int kh_udp_send(int sock, const kh_addr *to, const char *buf, uint32_t len);
/* Sends what is queued; the number of messages the kernel took. */
int kh_udp_flush(void);
/* Sends one at once, for processes without a batch (timers). Bytes or KH_ESEND. */
int kh_udp_send_now(int sock, const kh_addr *to, const char *buf, uint32_t len);

/* For tests of scripts: while held, nothing leaves this process and what would be sent stays in the queue (the oldest
 * are lost when it is full). `kh_udp_held` counts them; the i-th one's bytes, length and destination; `forget` empties. */
void kh_udp_hold(int on);
int kh_udp_held(void);
const char *kh_udp_held_bytes(int i, kh_addr *to);
int kh_udp_held_len(int i);
void kh_udp_forget(void);

/* Opens and binds a datagram socket. Returns the fd, or -errno. Options: bytes that the receive buffer is to have at
 * least (0: leave), tos (-1: leave). The socket tells destination addresses when bound to a wildcard. */
int kh_udp_open(const kh_addr *a, int rcvbuf, int tos, int freebind);

kh_udp_counters *kh_udp_stats(void);
/* end cdef */

#endif
