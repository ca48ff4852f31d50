#define _GNU_SOURCE
#include "sendq.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "sock.h"
#include "stream.h"

static struct {
    struct mmsghdr hdr[KH_SEND_QUEUE];
    struct iovec iov[KH_SEND_QUEUE];
    struct sockaddr_storage to[KH_SEND_QUEUE];
    kh_dest dest[KH_SEND_QUEUE];
    int fd[KH_SEND_QUEUE];
    int n;
    uint32_t used;
    char data[KH_SEND_QUEUE_BYTES];
} out;

static bool hold; /* kh_send_hold */
static struct {
    kh_addr addr;
    uint32_t conn;
} peers[KH_SEND_PEERS]; /* kh_send_peer */
static int n_peers;
static kh_send_counters counters;

kh_send_counters *kh_send_stats(void) { return &counters; }

char *kh_send_reserve(void) {
    if (out.n == KH_SEND_QUEUE || out.used > KH_SEND_QUEUE_BYTES - KH_MSG_MAX) kh_send_flush();
    return out.data + out.used;
}

/* As kh_stream_send would choose, among the peers of the test. KH_ESEND. */
static int held_connection(kh_dest *d) {
    for (int i = n_peers - 1; i >= 0 && d->conn; i--)
        if (peers[i].conn == d->conn) return KH_OK;
    d->conn = 0;
    for (int i = n_peers - 1; i >= 0; i--) {
        if (peers[i].addr.proto != d->to.proto || peers[i].addr.port != d->to.port) continue;
        if (!kh_addr_same_ip(&peers[i].addr, &d->to)) continue;
        d->conn = peers[i].conn;
        return d->conn ? KH_OK : KH_ESEND;
    }
    return d->flags & KH_DEST_NO_CONNECT ? KH_ESEND : KH_OK;
}

int kh_send_commit(const kh_dest *d, uint32_t len) {
    kh_dest held;
    const kh_sock *s = kh_sock_get(d->sock);
    if (!s || len > KH_MSG_MAX || d->to.family != s->addr.family) return KH_EINVAL;
    if (s->addr.proto != KH_PROTO_UDP) {
        if (!hold) return kh_stream_send(d, out.data + out.used, len);
        held = *d;
        d = &held;
        if (held_connection(&held) < 0) return KH_ESEND;
    }
    int i = out.n++;
    out.fd[i] = s->fd;
    out.dest[i] = *d;
    out.iov[i] = (struct iovec){out.data + out.used, len};
    out.hdr[i].msg_hdr = (struct msghdr){
        .msg_name = &out.to[i],
        .msg_namelen = kh_addr_to_sa(&d->to, &out.to[i]),
        .msg_iov = &out.iov[i],
        .msg_iovlen = 1,
    };
    out.used += (len + 15) & ~15u;
    return (int)len;
}

int kh_send(const kh_dest *d, const char *buf, uint32_t len) {
    if (len > KH_MSG_MAX) {
        counters.too_big++;
        return KH_ETOOBIG;
    }
    memcpy(kh_send_reserve(), buf, len);
    return kh_send_commit(d, len);
}

static ssize_t send_to(int fd, const void *buf, size_t len, const struct sockaddr *to, socklen_t to_len) {
    ssize_t n;
    do n = sendto(fd, buf, len, 0, to, to_len);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        counters.send_errors++;
    } else {
        counters.sent++;
        counters.sent_bytes += (uint64_t)n;
    }
    return n;
}

/* Sends [from, to), all of one socket; a message that the kernel refuses is counted and passed over. */
static int send_run(int from, int to) {
    int sent = 0;
    if (to - from == 1) { /* sendto costs 0.2 us less */
        const struct msghdr *h = &out.hdr[from].msg_hdr;
        ssize_t n = send_to(out.fd[from], out.iov[from].iov_base, out.iov[from].iov_len, h->msg_name, h->msg_namelen);
        return n >= 0;
    }
    while (from < to) {
        int n = sendmmsg(out.fd[from], out.hdr + from, (unsigned)(to - from), 0);
        if (n < 0) {
            if (errno == EINTR) continue;
            counters.send_errors++;
            from++;
            continue;
        }
        for (int i = from; i < from + n; i++) counters.sent_bytes += out.hdr[i].msg_len;
        counters.sent += (uint64_t)n;
        sent += n;
        from += n;
    }
    return sent;
}

int kh_send_flush(void) {
    int sent = 0, n = out.n;
    if (hold && n < KH_SEND_QUEUE && out.used <= KH_SEND_QUEUE_BYTES - KH_MSG_MAX) return 0;
    if (hold) n = 0;
    else kh_stream_flush();
    for (int from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && out.fd[to] == out.fd[from]; to++) {}
        sent += send_run(from, to);
    }
    if (n) counters.flushes++;
    out.n = 0;
    out.used = 0;
    return sent;
}

int kh_send_now(const kh_dest *d, const char *buf, uint32_t len) {
    struct sockaddr_storage sa;
    const kh_sock *s = kh_sock_get(d->sock);
    if (!s || d->to.family != s->addr.family) return KH_EINVAL;
    if (hold) return kh_send(d, buf, len);
    if (s->addr.proto != KH_PROTO_UDP) {
        int rc = kh_stream_send(d, buf, len);
        kh_stream_flush();
        return rc;
    }
    socklen_t sa_len = kh_addr_to_sa(&d->to, &sa);
    ssize_t n = send_to(s->fd, buf, len, (struct sockaddr *)&sa, sa_len);
    return n < 0 ? KH_ESEND : (int)n;
}

void kh_send_hold(int on) {
    hold = on;
    n_peers = 0;
    kh_send_forget();
}

int kh_send_peer(const kh_addr *peer, uint32_t conn) {
    if (n_peers == KH_SEND_PEERS) return KH_ETOOBIG;
    peers[n_peers].addr = *peer;
    peers[n_peers++].conn = conn;
    return KH_OK;
}

void kh_send_peer_lost(uint32_t conn) {
    int n = 0;
    for (int i = 0; i < n_peers; i++)
        if (peers[i].conn != conn) peers[n++] = peers[i];
    n_peers = n;
}

int kh_send_held(void) { return out.n; }

const char *kh_send_held_bytes(int i, kh_dest *to) {
    if (i < 0 || i >= out.n) return NULL;
    *to = out.dest[i];
    return out.iov[i].iov_base;
}

int kh_send_held_len(int i) { return i < 0 || i >= out.n ? KH_EINVAL : (int)out.iov[i].iov_len; }

void kh_send_forget(void) {
    out.n = 0;
    out.used = 0;
}
