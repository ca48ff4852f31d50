/* Messages over connections (RFC 3261 18.1, 18.2), whichever process has them.
 */
#ifndef KH_STREAM_H
#define KH_STREAM_H

#include "addr.h"

/* cdef */
/* Any process. Hands a message to a connection: d->conn, else one to d->to, else a new one. len; KH_ESEND when there is
 * none and none can be made. */
int kh_stream_send(const kh_dest *d, const char *buf, uint32_t len);
/* Sees to it that what was handed over leaves. */
void kh_stream_flush(void);
/* end cdef */

#endif
