#define _GNU_SOURCE
#include "tcp.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void set(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

/* Options that a system may refuse without harm are tried and not checked. */
static void set_options(int fd, int family, const kh_tcp_socket_options *o) {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1); /* a message is written as a whole, and wants to leave at once */
    if (o->tos >= 0 && family == AF_INET6) set(fd, IPPROTO_IPV6, IPV6_TCLASS, o->tos);
    else if (o->tos >= 0) set(fd, IPPROTO_IP, IP_TOS, o->tos);
    if (!o->keepalive) return;
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (o->keepidle > 0) set(fd, IPPROTO_TCP, TCP_KEEPIDLE, o->keepidle);
    if (o->keepintvl > 0) set(fd, IPPROTO_TCP, TCP_KEEPINTVL, o->keepintvl);
    if (o->keepcnt > 0) set(fd, IPPROTO_TCP, TCP_KEEPCNT, o->keepcnt);
}

void kh_tcp_keepalive(int fd, int idle, int cnt, int intvl) {
    set(fd, SOL_SOCKET, SO_KEEPALIVE, idle > 0);
    if (idle <= 0) return;
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, cnt);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, intvl);
}

static int failed(int fd) {
    int error = errno;
    close(fd);
    return -error;
}

int kh_tcp_listen(const kh_addr *a, const kh_tcp_socket_options *o) {
    struct sockaddr_storage sa;
    int fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (o->reuse_port) set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (o->free_bind) set(fd, IPPROTO_IP, IP_FREEBIND, 1);
    if (a->family == AF_INET6) set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_options(fd, a->family, o);
    if (bind(fd, (struct sockaddr *)&sa, kh_addr_to_sa(a, &sa)) < 0 || listen(fd, KH_TCP_BACKLOG) < 0) return failed(fd);
    return fd;
}

static void own_end(int fd, int proto, kh_addr *local) {
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    *local = (kh_addr){0};
    if (!getsockname(fd, (struct sockaddr *)&sa, &len)) kh_addr_from_sa(local, &sa, proto);
}

int kh_tcp_accept(int listening, int proto, const kh_tcp_socket_options *o, kh_addr *peer, kh_addr *local) {
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    int fd = accept4(listening, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return -errno;
    set_options(fd, sa.ss_family, o);
    kh_addr_from_sa(peer, &sa, proto);
    own_end(fd, proto, local);
    return fd;
}

int kh_tcp_error(int fd) {
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0) return -errno;
    return -error;
}

static int bind_source(int fd, const kh_addr *source, const kh_tcp_socket_options *o) {
    struct sockaddr_storage sa;
    if (!source->family) return 0;
    if (source->port) {
        set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
        if (o->reuse_port) set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    } else {
        set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1); /* else ports run out with the first 28,000 connections */
    }
    if (o->free_bind) set(fd, IPPROTO_IP, IP_FREEBIND, 1);
    return bind(fd, (struct sockaddr *)&sa, kh_addr_to_sa(source, &sa));
}

int kh_tcp_connect(const kh_addr *to, const kh_addr *source, const kh_tcp_socket_options *o, kh_addr *local) {
    struct sockaddr_storage sa;
    int fd = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    set_options(fd, to->family, o);
    if (bind_source(fd, source, o) < 0) return failed(fd);
    if (connect(fd, (struct sockaddr *)&sa, kh_addr_to_sa(to, &sa)) < 0 && errno != EINPROGRESS) return failed(fd);
    errno = -kh_tcp_error(fd); /* a refusal by this host has come by now */
    if (errno) return failed(fd);
    own_end(fd, to->proto, local);
    return fd;
}

static bool info(int fd, struct tcp_info *i) {
    socklen_t len = sizeof *i;
    *i = (struct tcp_info){0};
    return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, i, &len) &&
           len >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof i->tcpi_bytes_received;
}

/* A FIN takes a place in the peer's sequence of bytes, too. */
static bool peer_has_ended(uint8_t state) {
    enum { ESTABLISHED = 1, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2 }; /* the system's, <netinet/tcp.h> */
    return state > FIN_WAIT2;
}

int kh_tcp_position(int fd, uint64_t *read, uint64_t *written) {
    struct tcp_info before, after;
    int unread, unacked;
    for (int tries = 0; tries < 100; tries++) { /* until nothing moves meanwhile */
        if (!info(fd, &before) || ioctl(fd, SIOCINQ, &unread) < 0 || ioctl(fd, SIOCOUTQ, &unacked) < 0 ||
            !info(fd, &after))
            return KH_EINVAL;
        if (before.tcpi_bytes_acked != after.tcpi_bytes_acked || before.tcpi_state != after.tcpi_state ||
            before.tcpi_bytes_received != after.tcpi_bytes_received)
            continue;
        *read = after.tcpi_bytes_received - (uint64_t)unread - peer_has_ended(after.tcpi_state);
        *written = after.tcpi_bytes_acked + (uint64_t)unacked;
        return KH_OK;
    }
    return KH_EBUSY;
}
