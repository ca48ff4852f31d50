#define _GNU_SOURCE
#include "udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "counter.h"
#include "sendq.h"
#include "signals.h"
#include "sock.h"

#define CONTROL_BYTES 64 /* room for one IP_PKTINFO or IPV6_PKTINFO */

static struct {
    struct sockaddr_storage from;
    char control[CONTROL_BYTES];
    char data[KH_MSG_MAX + 1]; /* one more, so that a longer datagram shows */
    uint32_t id;               /* of the message received last */
} in;

static kh_udp_counters counters;

kh_udp_counters *kh_udp_stats(void) { return &counters; }

static void destination(const struct msghdr *h, kh_addr *dst) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR((struct msghdr *)h, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(dst->ip, &info.ipi_addr, 4);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(dst->ip, &info.ipi6_addr, 16);
        }
    }
}

/* One datagram and, from a wildcard socket, the address that it was sent to. Its length or minus the error. */
static long receive(const kh_sock *s, kh_addr *dst) {
    *dst = s->addr;
    if (!(s->flags & KH_SOCK_WILDCARD)) {
        socklen_t len = sizeof in.from;
        return kh_signals_recv(s->fd, in.data, sizeof in.data, (struct sockaddr *)&in.from, &len);
    }
    struct iovec iov = {in.data, sizeof in.data};
    struct msghdr h = {.msg_name = &in.from, .msg_namelen = sizeof in.from, .msg_iov = &iov, .msg_iovlen = 1,
                       .msg_control = in.control, .msg_controllen = sizeof in.control};
    long n = kh_signals_recvmsg(s->fd, &h);
    if (n >= 0) destination(&h, dst);
    return n;
}

int64_t kh_udp_recv(int sock, kh_msg *m, kh_edits *e) {
    const kh_sock *s = kh_sock_get(sock);
    if (!s) return KH_EINVAL;
    kh_send_flush();
    long n = receive(s, &m->rcv.dst);
    if (n < 0) {
        if (n == -EINTR) return KH_EINTR;
        counters.recv_errors++; /* an ICMP error of an earlier send, for example */
        return 0;
    }
    m->rcv.sock = (uint16_t)sock;
    m->rcv.conn = 0;
    kh_addr_from_sa(&m->rcv.src, &in.from, KH_PROTO_UDP);
    m->id = ++in.id;
    counters.received++;
    counters.received_bytes += (uint64_t)n;
    int rc = kh_msg_parse(m, in.data, (uint32_t)n);
    if (rc < 0) {
        kh_count(KH_CNT_BAD_MSG_HDR);
        return rc;
    }
    if (KH_UNLIKELY(m->fline_flags != KH_FLINE_SIP)) {
        kh_count(KH_CNT_HTTP_OVER_UDP);
        return KH_EMALFORMED;
    }
    kh_count(m->type == KH_REQUEST ? KH_CNT_RCV_REQUESTS : KH_CNT_RCV_REPLIES);
    kh_edits_reset(e);
    return kh_msg_facts(m);
}

static bool is_wildcard(const kh_addr *a) {
    static const uint8_t zero[16];
    return !memcmp(a->ip, zero, a->family == AF_INET6 ? 16 : 4);
}

/* As Kamailio: a buffer that is larger already stays. Linux gives, and shows, twice what is asked for. */
static void enlarge_buffer(int fd, int bytes) {
    int now = 0;
    socklen_t len = sizeof now;
    if (bytes <= 0 || (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &now, &len) == 0 && now >= bytes)) return;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/* Options that a system may refuse without harm are tried and not checked. */
static void set_options(int fd, const kh_addr *a, int rcvbuf, int tos, int freebind) {
    int on = 1;
    bool v6 = a->family == AF_INET6;
    if (v6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    enlarge_buffer(fd, rcvbuf);
    if (tos >= 0 && v6) setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
    else if (tos >= 0) setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    if (freebind) setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
    if (!is_wildcard(a)) return;
    if (v6) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    else setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

int kh_udp_open(const kh_addr *a, int rcvbuf, int tos, int freebind) {
    struct sockaddr_storage sa;
    int fd = socket(a->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    set_options(fd, a, rcvbuf, tos, freebind);
    if (bind(fd, (struct sockaddr *)&sa, kh_addr_to_sa(a, &sa)) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}
