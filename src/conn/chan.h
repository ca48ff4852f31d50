/* How processes reach those that own connections: file descriptors over a socket, and a bell.
 *
 * Made by the main process before the fork and inherited by all, so a process that takes another's place has its
 * channel too, with what was sent to the dead one. A place is 0 to n - 1: the receivers, and last the keeper (n - 1).
 */
#ifndef KH_CHAN_H
#define KH_CHAN_H

#include "kh.h"

/* cdef */
#define KH_CHAN_MAX 250 /* places: fewer than there can be processes */

enum kh_chan_kind {
    KH_CHAN_CONN = 1,    /* with a descriptor: of the connection `number` */
    KH_CHAN_WANT = 2,    /* to the keeper: send those of place `number` */
    KH_CHAN_DONE = 3,    /* from the keeper: that was all of them */
    KH_CHAN_KEEP = 4,    /* from a new keeper to a receiver: send yours */
};

/* Main process, before the fork. KH_OK; KH_ETOOBIG, KH_EINVAL (the system refused). */
int kh_chan_open(int places);
void kh_chan_close(void); /* forgets all; for tests and the end */
int kh_chan_places(void);

/* Any process; never waits. KH_OK; KH_EBUSY: the place has too much to read already; KH_EINVAL. `fd` -1: none. It stays
 * open here. */
int kh_chan_send(int place, int kind, uint32_t number, int fd);

/* The process of that place; never waits. The kind, with *number and *fd (-1: none; now the caller's); KH_EINCOMPLETE:
 * nothing there; KH_EINVAL. */
int kh_chan_recv(int place, uint32_t *number, int *fd);

int kh_chan_fd(int place);      /* readable: there is something for kh_chan_recv */
int kh_chan_send_fd(int place); /* writable: kh_chan_send may succeed again */
int kh_chan_bell_fd(int place); /* readable: somebody rang */

/* Any process: the place is to look at its marks, once kh_chan_ring_out is called: one write for however many. */
void kh_chan_ring(int place);
void kh_chan_ring_out(void);
void kh_chan_heard(int place); /* by the process of that place: silence the bell, then look */
/* end cdef */

#endif
