/* Messages over connections (RFC 3261 18.1, 18.2), whichever process has them.
 */
#ifndef KH_STREAM_H
#define KH_STREAM_H

#include "addr.h"

/* cdef */
/* Any process. Hands a message to a connection: d->conn, else one to d->to, else a new one. len; KH_ESEND when there is
 * none and none can be made. */
int kh_stream_send(const kh_dest *d, const char *buf, uint32_t len);
/* Connections that this process opens from now on carry these bytes for their transport (core/net/transports.py): `once`,
 * the next one alone. len 0: none. KH_OK; KH_ETOOBIG (KH_CONN_LABEL). */
int kh_stream_label(const char *s, uint32_t len, int once);
/* Sees to it that what was handed over leaves. */
void kh_stream_flush(void);
/* end cdef */

#endif
