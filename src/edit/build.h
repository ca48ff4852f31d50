/* Messages built in one pass: buffer + edits in, bytes out. Nothing is allocated; `out` must not overlap the message.
 *
 * Build functions return the number of bytes, KH_ETOOBIG when `cap` is too small, KH_EINVAL when the message lacks what
 * is needed (no parsed Via, From, To, CSeq or Call-ID), KH_ESEND when there is no socket for the destination.
 * They need a kh_msg and kh_edits only, so a clone of both does as well as the message in hand.
 */
#ifndef KH_BUILD_H
#define KH_BUILD_H

#include "addr.h"
#include "lump.h"
#include "msg.h"
#include "sock.h"

/* cdef */
/* Reads where a URI leads, without DNS (RFC 3263 4 for literal addresses): maddr or host, port, transport.
 * KH_OK: d->to is complete. KH_ENOTFOUND: the host is a name; d->to has proto (NONE: the URI names none, sips: TLS) and
 * port (0: none). KH_EMALFORMED: no SIP URI. */
int kh_dest_of_uri(kh_dest *d, const char *uri, uint32_t len);

/* The next hop of the message in hand: dst_uri, else first Path value, else the Request-URI; then the socket.
 * Returns as kh_dest_of_uri, and KH_ESEND. */
int kh_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e);

/* The URI that kh_next_hop looks at. Returns its length. */
uint32_t kh_next_hop_uri(const kh_msg *m, const kh_edits *e, const char **uri);

/* Hash of what identifies a request over retransmission, its CANCEL and the ACK to its failure: top Via branch and
 * sent-by, Call-ID, From tag, CSeq number, Request-URI as received (RFC 3261 16.11). */
uint64_t kh_request_hash(const kh_msg *m);

/* The request as it leaves: our Via on top, received and rport in the one below, edits, Request-URI.
 * uri NULL: the effective Request-URI. branch NULL: a stateless one from kh_request_hash; else the whole parameter
 * value with its z9hG4bK. d->sock must be chosen. */
int kh_build_request(const kh_msg *m, const kh_edits *e, const kh_dest *d, const char *uri, uint32_t uri_len,
                     const char *branch, uint32_t branch_len, char *out, uint32_t cap);

/* The message with edits applied and nothing else: no Via, no received (msg_apply_changes). */
int kh_build_plain(const kh_msg *m, const kh_edits *e, char *out, uint32_t cap);

/* A reply without our Via, with edits. */
int kh_build_forwarded_reply(const kh_msg *m, const kh_edits *e, char *out, uint32_t cap);

/* A reply to a request: Via lines, From, To (with `to_tag` if it has none and the code is above 100), Call-ID, CSeq,
 * Record-Route when 101..299, Timestamp of a 100, reply lumps of e (may be NULL), `extra` (complete lines), body. */
int kh_build_reply(const kh_msg *m, const kh_edits *e, int code, const char *reason, uint32_t reason_len,
                   const char *to_tag, uint32_t to_tag_len, const char *extra, uint32_t extra_len, char *out,
                   uint32_t cap);

/* CANCEL or ACK for a request that was sent (`m`: parse of the sent bytes): its Request-URI, top Via alone, From,
 * Call-ID, CSeq number, Route, Max-Forwards (RFC 3261 9.1, 17.1.1.3). `to`: body of the To header, NULL for the
 * request's own. `extra`: complete lines. */
int kh_build_hop(const kh_msg *m, const char *method, uint32_t method_len, const char *to, uint32_t to_len,
                 const char *extra, uint32_t extra_len, char *out, uint32_t cap);

/* With `to_via`, replies made here go to the address that the Via names, where it is an address (reply_to_via). Before
 * fork. */
void kh_reply_options(int to_via);

/* Where a reply made here goes (RFC 3261 18.2.2, RFC 3581 4): the source address; its port with rport or forced, else
 * that of the Via. */
void kh_reply_dest(kh_dest *d, const kh_msg *m, const kh_edits *e);

/* Where a received reply goes on to: the second Via (received, rport, maddr). KH_ENOTFOUND: the host is a name.
 * KH_EINVAL: there is no second Via. */
int kh_reply_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e);

/* Length of the body in the request after edits. */
uint32_t kh_body_len(const kh_msg *m, const kh_edits *e);
/* end cdef */

#endif
