/* TCP as the system has it: sockets made, accepted and connected, and how far a connection has come.
 *
 * Knows no message and no table. Process-private.
 */
#ifndef KH_TCP_H
#define KH_TCP_H

#include "addr.h"

/* cdef */
/* What every connection's socket gets. */
typedef struct kh_tcp_socket_options {
    int32_t tos;       /* -1: leave */
    int32_t keepalive; /* with idle, intvl (seconds) and cnt; 0: leave */
    int32_t keepidle, keepintvl, keepcnt;
    int32_t reuse_port; /* outgoing connections leave from the port that is listened on */
    int32_t free_bind;
} kh_tcp_socket_options;

#define KH_TCP_BACKLOG 1024 /* connections that wait to be accepted */

/* A listening socket. The fd, or -errno. */
int kh_tcp_listen(const kh_addr *a, const kh_tcp_socket_options *o);

/* The next connection that waits; peer and local get its two ends. The fd (non-blocking), or -errno (EAGAIN: none). */
int kh_tcp_accept(int listening, int proto, const kh_tcp_socket_options *o, kh_addr *peer, kh_addr *local);

/* Begins to connect from `source` (family 0: whatever the system takes; port 0: any). The fd (non-blocking), its
 * connection established or on the way; local gets its own end. -errno when it is refused at once. */
int kh_tcp_connect(const kh_addr *to, const kh_addr *source, const kh_tcp_socket_options *o, kh_addr *local);

/* Keepalive of a socket, whatever its options said: seconds until the first probe (0: none is sent), probes that may be
 * lost, seconds between two. */
void kh_tcp_keepalive(int fd, int idle, int cnt, int intvl);

/* The outcome of a connect that was on the way: 0, or -errno. */
int kh_tcp_error(int fd);

/* How many bytes this end has read and written since the connection was made, whoever did it: what the system has
 * received less what nobody has read, what was acknowledged and what was not. Each may begin at 0 or 1, so only
 * differences count. KH_EINVAL when the system does not say. */
int kh_tcp_position(int fd, uint64_t *read, uint64_t *written);
/* end cdef */

#endif
