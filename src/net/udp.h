/* Datagrams in, one at a time.
 *
 * The worker's loop:  facts = kh_udp_recv(sock, m, e); route m.
 * Receiving several at once would save half a microsecond a message under pressure, but the messages at the end of a
 * batch wait while another worker already routes what came after them: a BYE overtakes its ACK.
 * All state is private to the process. Blocking without ppoll is worth 4 us a message; a signal gets the worker out (its
 * handler is installed without SA_RESTART, see signals.h).
 */
#ifndef KH_UDP_H
#define KH_UDP_H

#include "addr.h"
#include "build.h"
#include "msg.h"

/* cdef */
/* Counters of this process. */
typedef struct kh_udp_counters {
    uint64_t received, received_bytes, recv_errors;
} kh_udp_counters;

/* Sends what is queued, then waits for a datagram on socket `sock` (index of the table), parses it into m with m->rcv
 * and m->id, empties e, and counts it. Returns kh_msg_facts (> 0), what kh_msg_parse says of no message (KH_EMALFORMED,
 * also for HTTP, which has no business on UDP and is counted; KH_ETOOBIG), 0 after an error of the socket (counted),
 * KH_EINTR. */
int64_t kh_udp_recv(int sock, kh_msg *m, kh_edits *e);

/* Opens and binds a datagram socket. Returns the fd, or -errno. Options: bytes that the receive buffer is to have at
 * least (0: leave), tos (-1: leave). The socket tells destination addresses when bound to a wildcard. */
int kh_udp_open(const kh_addr *a, int rcvbuf, int tos, int freebind);

kh_udp_counters *kh_udp_stats(void);
/* end cdef */

#endif
