/* Datagrams in and out by the batch: recvmmsg blocks for the first and takes what else is there, replies and forwarded
 * messages are built into a queue, sendmmsg sends it when the batch is done.
 *
 * The worker's loop:  n = kh_udp_recv(sock); for i < n: kh_udp_take(m, e, i), route it.
 * kh_udp_recv flushes before it waits: a message left in the queue would be overtaken by the next ones.
 * All state is private to the process. Blocking without ppoll is worth 4 us a message, and without a receive timeout
 * another 1; a signal gets the worker out (its handler is installed without SA_RESTART, see signals.h). One that comes
 * between the look at the flags and the wait is seen with the next datagram: who sends signals sends a second one.
 */
#ifndef KH_UDP_BATCH_H
#define KH_UDP_BATCH_H

#include "addr.h"
#include "build.h"
#include "msg.h"

/* cdef */
#define KH_UDP_BATCH 8         /* datagrams a receive call: more only adds latency */
#define KH_UDP_QUEUE 64        /* messages waiting for flush; a full queue flushes itself */
#define KH_UDP_QUEUE_BYTES 524288

/* Counters of this process. */
typedef struct kh_udp_counters {
    uint64_t received, received_bytes, truncated, recv_errors;
    uint64_t sent, sent_bytes, send_errors, too_big, batches, flushes;
} kh_udp_counters;

/* Sends what is queued, then waits for datagrams on socket `sock` (index of the table). How many there are; 0 after
 * an error of the socket (counted); KH_EINTR. */
int kh_udp_recv(int sock);
/* Parses the i-th datagram of the batch into m, with m->rcv and m->id, and empties e. Counts it as request or reply.
 * Returns kh_msg_facts, or what kh_msg_parse says. */
int64_t kh_udp_take(kh_msg *m, kh_edits *e, int i);
/* Length of the i-th datagram, and its bytes. */
int kh_udp_len(int i);
const char *kh_udp_bytes(int i);

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

/* Opens and binds a datagram socket. Returns the fd, or -errno. Options: bytes wanted for the receive buffer (0: leave),
 * tos (-1: leave). The socket tells destination addresses when bound to a wildcard. */
int kh_udp_open(const kh_addr *a, int rcvbuf, int tos, int freebind);

kh_udp_counters *kh_udp_stats(void);
/* end cdef */

#endif
