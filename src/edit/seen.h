/* A message as it reads with its edits, for the core parameter edits_visible.
 *
 * What is received stays what replies, transactions and the build look at. What is *seen* is a second kh_msg: the
 * message with its edits applied and parsed. It is made when somebody asks and the edits have changed since, which costs
 * one build and one parse; nobody who does not ask pays anything.
 * An edit that is given the seen message counts its offsets there. It is carried over to the received one: what falls on
 * received bytes becomes a lump on them; what falls on text that an earlier edit added cuts that text. Several edits may
 * be made one after the other in offsets of the same seen message, until kh_seen is called again.
 *
 *   received   Via: a CRLF X: 1 CRLF Y: 2 CRLF       pieces   MSG   LUMP  MSG
 *   edits             ^del "X: 1 CRLF" ^add "Z: 3"            |     |     |
 *   seen       Via: a CRLF Y: 2 CRLF Z: 3 CRLF                Via..  Z..   the rest
 *
 * A part that depends on the socket (Record-Route) is seen with the socket that is known so far: the one forced, else
 * the one the message came in on. It is still decided when the message is sent, unless an edit cut into it.
 */
#ifndef KH_SEEN_H
#define KH_SEEN_H

#include "kh.h"
#include "lump.h"
#include "msg.h"

/* cdef */
/* The message with its edits, parsed; `m` itself when there are none, or when the result is no message (longer than
 * KH_MSG_MAX, first line destroyed). Points to memory of this process that lasts until the next call. */
const kh_msg *kh_seen(const kh_msg *m, kh_edits *e);
/* end cdef */

/* kh_replace in offsets of a seen message. */
int kh_seen_replace(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, const char *s, uint32_t n, int htype);

#endif
