/* What waits to be written to a connection: a chain of messages, each a block of shared memory.
 *
 * Any process appends, the owner alone takes away. A message knows its position in the stream of bytes, so how much of it
 * has left follows from one number, kh_conn.written, however the owner dies: its successor asks the system (kh_tcp_position).
 */
#ifndef KH_WQUEUE_H
#define KH_WQUEUE_H

#include "conn.h"

/* cdef */
/* Any process: appends a message. KH_OK; KH_ENOTFOUND: the connection is gone or takes no more; KH_ESEND: a limit
 * (tcp:sendq_full counts), or out of memory. One message of any length fits into an empty queue. `last`: the connection is
 * closed when it is written. The owner is marked. */
int kh_conn_put(uint32_t id, const char *s, uint32_t len, int last);

/* Any process: it takes no more messages, and is closed when what waits is written. KH_ENOTFOUND. */
int kh_conn_finish(uint32_t id);

enum kh_conn_written {
    KH_WRITTEN_ALL = 0,
    KH_WRITTEN_SOME = 1, /* the socket takes no more now */
    KH_WRITTEN_LAST = 2, /* all, and the connection is to be closed */
};

/* Bytes that may wait until the owner has its turn. Once the socket takes no more, the limit is tcp_conn_wq_max: as in
 * Kamailio, where the sender writes, the limit is not of what one process queues while another is at work. */
#define KH_CONN_TURN_BYTES 262144

/* The owner: the socket takes no more. (kh_conn_write says so by itself.) */
void kh_conn_stalled(uint32_t id);

/* The owner: writes what the socket takes. enum kh_conn_written, KH_ECLOSED, KH_ENOTFOUND. */
int kh_conn_write(uint32_t id, int fd);

/* The same for who writes by other means: the bytes at the front of the queue (0: none), and that n of them have left. */
uint32_t kh_conn_front(uint32_t id, const char **s);
int kh_conn_wrote(uint32_t id, uint32_t n); /* enum kh_conn_written */

/* The owner, of a connection that kh_conn_close was called for: takes the first message that has not left, or not as a
 * whole, out of the queue. Its bytes are in out (KH_MSG_MAX); their number, 0: there is none, KH_ENOTFOUND. */
int kh_conn_unsent(uint32_t id, char *out);
/* end cdef */

/* Under the connection's lock. */
void kh_wq_repair(kh_conn *c); /* whoever had the lock died */
void kh_wq_clear(kh_conn *c);  /* frees all */
void kh_wq_wrote(kh_conn *c, uint64_t written); /* frees what lies before this position */
int kh_wq_sound(const kh_conn *c); /* 1 when chain, tail and positions agree */

#endif
