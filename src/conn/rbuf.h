/* What came over a connection and is not done with. For its owner alone; it lies in shared memory so that the successor
 * of an owner that was killed goes on with it: bytes that the system has handed over come only once.
 */
#ifndef KH_RBUF_H
#define KH_RBUF_H

#include "build.h"
#include "conn.h"
#include "msg.h"

/* cdef */
#define KH_RBUF_FIRST 4000 /* bytes of a buffer that is made before a message is known to be longer */

/* Takes over a connection whose descriptor has come. The first owner notes where its bytes begin; a successor finds out
 * what the dead one has read and written and not noted. KH_OK; KH_ENOTFOUND: the number is not (any more) one of place
 * `place`; KH_ECLOSED: what the peer has got or sent is not known (TLS; or the system does not say), or it was being
 * closed: to be closed. */
int kh_conn_adopt(uint32_t id, int fd, int place);

/* The owner: it is established (after CONNECTING), or what it began with is over (OPENING). KH_ENOTFOUND. */
int kh_conn_established(uint32_t id, int fd);

/* Reads what the socket has, as far as there is room. Bytes; 0: the peer has ended; KH_EINCOMPLETE: nothing now;
 * KH_ECLOSED: reset; KH_ENOMEM; KH_ENOTFOUND. */
int kh_conn_read(uint32_t id, int fd);

/* The same for who reads by other means: free bytes at *p (KH_ENOMEM, KH_ENOTFOUND), and that n bytes have come there. */
int kh_conn_room(uint32_t id, char **p);
int kh_conn_took(uint32_t id, uint32_t n);

/* The next message, parsed: m and m->rcv filled (m->buf is in shared memory until kh_conn_next_done), e emptied, counted.
 * Line ends between messages are passed over; a double one is answered (crlf_ping). kh_msg_facts (> 0); KH_EINCOMPLETE; to
 * be closed: KH_EMALFORMED (no SIP; counted as tcp:bad_frames), KH_ETOOBIG (the same), KH_ENOTFOUND. A message that was in
 * hand when KH_CONN_DEAD_TRIES receivers died is passed over (tcp:dropped). */
int64_t kh_conn_next(uint32_t id, kh_msg *m, kh_edits *e);
void kh_conn_next_done(uint32_t id);

/* State OPENING with KH_CONN_PROXY: reads the PROXY header and nothing behind it. KH_OK: done, peer and local are what it
 * says; KH_EINCOMPLETE; KH_EMALFORMED; KH_ECLOSED; KH_ENOTFOUND. */
int kh_conn_read_proxy(uint32_t id, int fd);
/* end cdef */

/* Frees the buffer: when the connection is closed. */
void kh_rbuf_clear(kh_conn *c);

#endif
