/* Where one message ends and the next begins in the bytes of a connection (RFC 3261 7.5, 18.3).
 *
 * Works on bytes as they come, whatever the size of the pieces: a state keeps what is known of the message at the
 * front, so no byte is looked at twice. Nothing is allocated.
 */
#ifndef KH_FRAME_H
#define KH_FRAME_H

#include "kh.h"

/* cdef */
enum kh_frame_flags {
    KH_FRAME_NO_CL = 1, /* a message without Content-Length has no body (tcp_accept_no_cl); else it is no message */
};

/* What is known of the message at the front; all zero: nothing. */
typedef struct kh_frame {
    uint32_t looked; /* bytes in which the empty line was searched */
    uint32_t length; /* of the message; 0: not known yet */
    uint32_t blanks; /* how far "CRLF CRLF" between messages has come: 0 to 3 */
} kh_frame;

/* Between messages: the number of line ends (and NULs, which some phones send to keep a NAT open) at the front.
 * Adds 1 to *pings for each double CRLF (RFC 5626 4.4.1), also when it comes in pieces. */
uint32_t kh_frame_blanks(kh_frame *f, const char *s, uint32_t len, uint32_t *pings);

/* Length of the message at the front when all of it is there. KH_EINCOMPLETE. KH_EMALFORMED: it begins with no letter or
 * digit, has no or a bad Content-Length, or two that differ. KH_ETOOBIG: its headers, or it by what Content-Length says,
 * are longer than `max`. The caller zeroes the state when it has taken the message. */
int kh_frame_next(kh_frame *f, const char *s, uint32_t len, uint32_t max, int flags);
/* end cdef */

#endif
