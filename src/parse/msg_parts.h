/* The steps of kh_msg_parse, for the parser's own files and its benchmark. */
#ifndef KH_MSG_PARTS_H
#define KH_MSG_PARTS_H

#include "msg.h"

/* First line of m->buf: fills type, fline_flags, method, uri, version, status, reason; returns the offset after its line
 * end, KH_EMALFORMED for what is neither SIP nor HTTP. */
int kh_parse_fline(kh_msg *m);

/* cdef */
/* First line and header index only, no header body is looked at: for the benchmark. */
int kh_msg_index(kh_msg *m, const char *buf, uint32_t len);
/* end cdef */

/* The bodies of the hot headers, after the index is made; notes in m->bad what is missing or malformed. */
void kh_parse_hot(kh_msg *m);

/* The same for HTTP (RFC 9112 6.3): the body is framed, all that is SIP's own becomes absent. */
void kh_parse_http(kh_msg *m);

#endif
