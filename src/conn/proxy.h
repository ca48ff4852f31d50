/* The PROXY protocol: a header before the first byte of a connection, by which a load balancer says who the peer really is
 * (https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt), versions 1 and 2.
 */
#ifndef KH_PROXY_H
#define KH_PROXY_H

#include "addr.h"

/* cdef */
#define KH_PROXY_MAX 552 /* bytes of a header: more is refused */

/* Length of the header at the front; src and dst get ip and port, or family 0 when it names none (LOCAL, UNKNOWN).
 * KH_EINCOMPLETE; KH_EMALFORMED. */
int kh_proxy_header(const char *s, uint32_t len, kh_addr *src, kh_addr *dst);
/* end cdef */

#endif
