#include "stream.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chan.h"
#include "conn.h"
#include "counter.h"
#include "sock.h"
#include "wqueue.h"

/* Where a connection of this socket is made from: the address that was set for it, or the socket's own. */
static kh_addr source_of(const kh_sock *s) {
    const kh_conn_options *o = kh_conn_opts();
    kh_addr from = s->addr.family == AF_INET6 ? o->source6 : o->source4;
    if (!from.family && !(s->flags & KH_SOCK_WILDCARD)) from = s->addr;
    from.port = o->socket.reuse_port && from.family ? s->addr.port : 0;
    return from;
}

/* What new connections of this process carry. */
static struct {
    char s[KH_CONN_LABEL];
    uint8_t len;
    bool once;
} label;

int kh_stream_label(const char *s, uint32_t len, int once) {
    if (len > sizeof label.s) return KH_ETOOBIG;
    memcpy(label.s, s, len);
    label.len = (uint8_t)len;
    label.once = once;
    return KH_OK;
}

static void put_label(uint32_t id) {
    kh_conn *c = kh_conn_get(id);
    if (!c || !label.len) return;
    memcpy(c->label, label.s, label.len);
    c->label_len = label.len;
    if (label.once) label.len = 0;
}

/* Gives a new connection's descriptor to its owner and to the keeper. */
static bool hand_over(uint32_t id, int fd) {
    const kh_conn *c = kh_conn_get(id);
    if (!c || kh_chan_send(c->owner, KH_CHAN_CONN, id, fd) < 0) return false;
    kh_chan_send(kh_conn_owner_count(), KH_CHAN_CONN, id, fd); /* without, it only does not survive its owner */
    return true;
}

static int connect_and_send(const kh_dest *d, const kh_sock *s, const char *buf, uint32_t len) {
    kh_addr local, source = source_of(s), to = d->to;
    to.proto = s->addr.proto;
    int fd = kh_tcp_connect(&to, &source, &kh_conn_opts()->socket, &local);
    if (fd < 0) {
        kh_count(KH_CNT_TCP_CONNECT_FAILED);
        return KH_ESEND;
    }
    int64_t id = kh_conn_new(&to, &local, d->sock, 0);
    if (id > 0) put_label((uint32_t)id);
    int rc = id < 0 ? KH_ESEND : kh_conn_put((uint32_t)id, buf, len, d->flags & KH_DEST_CLOSE);
    if (rc == KH_OK && !hand_over((uint32_t)id, fd)) rc = KH_ESEND;
    if (rc < 0 && id > 0) kh_conn_free((uint32_t)id);
    close(fd);
    return rc < 0 ? KH_ESEND : (int)len;
}

int kh_stream_send(const kh_dest *d, const char *buf, uint32_t len) {
    const kh_sock *s = kh_sock_get(d->sock);
    const kh_conn_options *o = kh_conn_opts();
    int last = d->flags & KH_DEST_CLOSE;
    if (!s || !o) return KH_ESEND;
    int rc = d->conn ? kh_conn_put(d->conn, buf, len, last) : KH_ENOTFOUND;
    if (rc == KH_ENOTFOUND) {
        kh_addr to = d->to;
        to.proto = s->addr.proto;
        uint32_t id = kh_conn_find(&to);
        if (id) rc = kh_conn_put(id, buf, len, last);
    }
    if (rc != KH_ENOTFOUND) return rc < 0 ? KH_ESEND : (int)len;
    if (o->no_connect || d->flags & KH_DEST_NO_CONNECT) {
        kh_count(KH_CNT_TCP_LOCAL_REJECT);
        return KH_ESEND;
    }
    return connect_and_send(d, s, buf, len);
}

void kh_stream_flush(void) { kh_chan_ring_out(); }
