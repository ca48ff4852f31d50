/* Messages built in one pass: buffer + edits in, bytes out. Nothing is allocated; `out` must not overlap the message.
 *
 * Build functions return the number of bytes, KH_ETOOBIG when `cap` is too small, KH_EINVAL when the message lacks what
 * is needed (no parsed Via, From, To, CSeq or Call-ID), KH_ENOSOCK when there is no socket for the destination.
 * They need a kh_msg and kh_edits only, so a clone of both does as well as the message in hand.
 */
#ifndef KH_BUILD_H
#define KH_BUILD_H

#include "addr.h"
#include "lump.h"
#include "msg.h"
#include "sock.h"

/* cdef */
/* Reads where a URI leads, without DNS (RFC 3263 4 for literal addresses): maddr or host, port, transport; with `proto`
 * (enum kh_proto, 0: none) by that one, whatever the URI says.
 * KH_OK: d->to is complete. KH_ENOTFOUND: the host is a name; d->to has proto (NONE: the URI names none, sips: TLS) and
 * port (0: none). KH_EMALFORMED: no SIP URI, or sips: by datagrams. */
int kh_dest_of_uri(kh_dest *d, const char *uri, uint32_t len, int proto);

/* The next hop of the message in hand: dst_uri, else first Path value, else the Request-URI; then the socket.
 * What the script forces goes first: protocol, socket, connection, flags. Returns as kh_dest_of_uri, and KH_ENOSOCK. */
int kh_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e);

/* Requests longer than `mtu` bytes (udp_mtu; 0: no limit) go by a stream where the edits say which. Before fork. */
void kh_mtu_options(uint32_t mtu);
/* RFC 3261 18.1.1: 1 when the request, `len` bytes as built, is too long for the datagram it was to be: d has a stream
 * and its socket now, and what is built again shows it in the Via alone, as in Kamailio. 0: d stays. */
int kh_mtu_switch(kh_dest *d, const kh_msg *m, const kh_edits *e, int len);
/* That stream cannot be had: d is the datagram again, for the next build. */
void kh_mtu_switch_back(kh_dest *d, const kh_msg *m, const kh_edits *e);

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

/* A reply without our Via, with edits. `stream`: it goes to a stream, so it needs a Content-Length (RFC 3261 18.3). */
int kh_build_forwarded_reply(const kh_msg *m, const kh_edits *e, int stream, char *out, uint32_t cap);
/* 1 for protocols whose messages follow one another without bounds: all but UDP and SCTP. They are reliable, too. */
int kh_is_stream(int proto);

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

/* Where a reply made here goes (RFC 3261 18.2.2, RFC 3581 4): over the connection that the request came by, or the source
 * address; its port with rport or forced, else that of the Via, which is also where a lost connection is made anew. */
void kh_reply_dest(kh_dest *d, const kh_msg *m, const kh_edits *e);

/* enum kh_dest_flags that set_reply_..() and set_forward_..() ask for in a route of replies. */
uint16_t kh_reply_flags(const kh_edits *e);

/* Where a received reply goes on to: the second Via (received, rport, maddr), by the connection that our own Via names.
 * KH_ENOTFOUND: the host is a name. KH_EINVAL: there is no second Via. KH_ENOSOCK. */
int kh_reply_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e);

/* Length of the body in the request after edits. */
uint32_t kh_body_len(const kh_msg *m, const kh_edits *e);
/* end cdef */

#endif
