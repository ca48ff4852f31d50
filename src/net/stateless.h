/* The stateless steps of a worker, each one coarse call: build into the send queue and be done.
 *
 * Process-private: they use the send queue of sendq.h.
 */
#ifndef KH_STATELESS_H
#define KH_STATELESS_H

#include "build.h"

/* cdef */
/* The line(s) put into each reply made here ("Server: ..." with line end), and the key of the to-tags of stateless
 * replies. Main process, before fork: all workers must know the same tag. KH_EINVAL when too long (512). */
int kh_sl_setup(const char *server, uint32_t len, uint64_t tag_key);

/* Replies of this status code are counted by this counter (counter.h). Before fork. KH_EINVAL. */
int kh_sl_count_as(int code, int counter);

/* Answers the request without state. Returns bytes queued or KH_E*. */
int kh_sl_reply(const kh_msg *m, const kh_edits *e, int code, const char *reason, uint32_t reason_len);

#define KH_SL_TAG 40 /* bytes that hold a to-tag */
/* The to-tag that kh_sl_reply gives to this request; returns its length (out: KH_SL_TAG bytes). */
int kh_sl_tag(const kh_msg *m, char *out);

/* 1 when the to-tag of this ACK is one that kh_sl_reply made for the same Call-ID and From tag: absorb it. */
int kh_sl_is_ack(const kh_msg *m);

/* Forwards the request to its next hop. Bytes queued; KH_ENOTFOUND: resolve the host and call kh_forward_to. */
int kh_forward(const kh_msg *m, const kh_edits *e);
int kh_forward_to(const kh_msg *m, const kh_edits *e, kh_dest *d);

/* The same for a reply, by its second Via. */
int kh_forward_reply(const kh_msg *m, const kh_edits *e);
int kh_forward_reply_to(const kh_msg *m, const kh_edits *e, kh_dest *d);

/* With a stream or a long name the destination needs Python; this one struct serves it. */
kh_dest *kh_scratch_dest(void);
/* end cdef */

#endif
