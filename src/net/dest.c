/* Where messages go: next hop of a request, way back of a reply. */
#include <stdbool.h>
#include <sys/socket.h>

#include "build.h"
#include "conn.h"
#include "nameaddr.h"
#include "uri.h"

int kh_is_stream(int proto) { return proto != KH_PROTO_UDP && proto != KH_PROTO_SCTP; }

int kh_dest_of_uri(kh_dest *d, const char *uri, uint32_t len, int proto) {
    kh_uri u;
    *d = (kh_dest){.sock = KH_NO_SOCK};
    if (kh_uri_parse(&u, uri, len) < 0 || (u.type != KH_URI_SIP && u.type != KH_URI_SIPS) || !u.host.len)
        return KH_EMALFORMED;
    d->to.proto = u.proto;
    d->to.port = u.port_no;
    bool web = u.proto == KH_PROTO_WS || u.proto == KH_PROTO_WSS;
    if (u.type == KH_URI_SIPS) {
        if (u.proto && !kh_is_stream(u.proto)) return KH_EMALFORMED; /* RFC 3261 26.2.2: nothing secures a datagram */
        d->to.proto = web ? KH_PROTO_WSS : KH_PROTO_TLS;
    }
    if (proto) d->to.proto = (uint8_t)proto;
    kh_span host = u.maddr_val.len ? u.maddr_val : u.host;
    if (kh_addr_parse(&d->to, uri + host.off, host.len) != KH_OK) return KH_ENOTFOUND;
    if (!d->to.proto) d->to.proto = KH_PROTO_UDP;
    if (!d->to.port) d->to.port = (uint16_t)kh_default_port(d->to.proto);
    return KH_OK;
}

/* URI of the first value of a Path or Route vector. */
static uint32_t first_uri(const char *s, uint32_t len, const char **uri) {
    kh_nameaddr a;
    if (kh_nameaddr_next(&a, s, 0, len) < 0) return 0;
    *uri = s + a.uri.off;
    return a.uri.len;
}

uint32_t kh_next_hop_uri(const kh_msg *m, const kh_edits *e, const char **uri) {
    kh_text dst = e->part[KH_EDP_DST_URI], path = e->part[KH_EDP_PATH];
    if (dst.off) {
        *uri = kh_text_ptr(e, dst);
        return dst.len;
    }
    uint32_t len = path.off ? first_uri(kh_text_ptr(e, path), path.len, uri) : 0;
    return len ? len : kh_ruri(m, e, uri);
}

static int choose_socket(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    int sock = kh_sock_pick(m, e, &d->to);
    if (sock < 0) return sock;
    d->sock = (uint16_t)sock;
    return KH_OK;
}

static uint16_t flags_of(const kh_edits *e, uint32_t no_connect, uint32_t close) {
    return (uint16_t)((e->flags & no_connect ? KH_DEST_NO_CONNECT : 0) | (e->flags & close ? KH_DEST_CLOSE : 0));
}

int kh_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    const char *uri;
    uint32_t len = kh_next_hop_uri(m, e, &uri);
    int rc = kh_dest_of_uri(d, uri, len, e->proto);
    d->flags = flags_of(e, KH_ED_FWD_NO_CONNECT, KH_ED_FWD_CLOSE);
    if (e->flags & KH_ED_USE_CONN) d->conn = e->conn;
    return rc < 0 ? rc : choose_socket(d, m, e);
}

static bool reply_to_via;

void kh_reply_options(int to_via) { reply_to_via = to_via; }

void kh_reply_dest(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    *d = (kh_dest){.to = m->rcv.src, .sock = m->rcv.sock, .conn = m->rcv.conn};
    if (e) d->flags = flags_of(e, KH_ED_RPL_NO_CONNECT, KH_ED_RPL_CLOSE);
    if (!m->n_via) return;
    if (kh_is_stream(d->to.proto)) { /* without its connection by a new one, to where the client listens (RFC 3261 18.2.2) */
        d->to.port = m->via1.port ? m->via1.port : (uint16_t)kh_default_port(d->to.proto);
        return;
    }
    if (!(m->via1.flags & KH_VIA_RPORT) && !(e && e->flags & KH_ED_FORCE_RPORT))
        d->to.port = m->via1.port ? m->via1.port : (uint16_t)kh_default_port(d->to.proto);
    if (!reply_to_via) return;
    if (kh_addr_parse(&d->to, m->buf + m->via1.host.off, m->via1.host.len) == KH_OK)
        d->to.port = m->via1.port ? m->via1.port : (uint16_t)kh_default_port(d->to.proto);
}

uint16_t kh_reply_flags(const kh_edits *e) {
    return flags_of(e, KH_ED_RPL_NO_CONNECT | KH_ED_FWD_NO_CONNECT, KH_ED_RPL_CLOSE | KH_ED_FWD_CLOSE);
}

static uint32_t mtu;

void kh_mtu_options(uint32_t bytes) { mtu = bytes; }

int kh_mtu_switch(kh_dest *d, const kh_msg *m, const kh_edits *e, int len) {
    static const struct { int flag, proto; } choices[] = {{KH_ED_MTU_TCP, KH_PROTO_TCP}, {KH_ED_MTU_TLS, KH_PROTO_TLS}};
    if (KH_LIKELY(!mtu) || len <= (int)mtu || d->to.proto != KH_PROTO_UDP) return 0;
    for (int i = 0; i < 2; i++) {
        kh_addr to = d->to;
        to.proto = (uint8_t)choices[i].proto;
        int sock = e->flags & (uint32_t)choices[i].flag ? kh_sock_pick(m, e, &to) : KH_ENOSOCK;
        if (sock < 0) continue;
        d->to = to;
        d->sock = (uint16_t)sock;
        d->flags |= KH_DEST_BY_LENGTH;
        return 1;
    }
    return 0;
}

void kh_mtu_switch_back(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    d->to.proto = KH_PROTO_UDP;
    int sock = kh_sock_pick(m, e, &d->to);
    d->sock = sock < 0 ? KH_NO_SOCK : (uint16_t)sock;
    d->flags &= (uint16_t)~KH_DEST_BY_LENGTH;
}

/* The number that our own Via has brought back (build.c, write_via): the connection that the request came by; 0 when it
 * is somebody else's: a reply may say what it likes. */
static uint32_t conn_of(const kh_msg *m, const kh_addr *peer) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < m->via1.i.len; i++) {
        char c = m->buf[m->via1.i.off + i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0 || n > UINT32_MAX >> 4) return 0;
        n = n << 4 | (uint32_t)digit;
    }
    const kh_conn *c = kh_conn_get((uint32_t)n);
    return c && peer && !kh_addr_same_ip(&c->peer, peer) ? 0 : (uint32_t)n;
}

int kh_reply_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    if (m->n_via < 2) return KH_EINVAL;
    const kh_via *v = &m->via2;
    kh_span host = v->maddr.len ? v->maddr : v->received.len ? v->received : v->host;
    *d = (kh_dest){.to.proto = v->proto, .sock = KH_NO_SOCK};
    d->flags = kh_reply_flags(e);
    int rc = kh_addr_parse(&d->to, m->buf + host.off, host.len);
    if (kh_is_stream(v->proto)) d->conn = conn_of(m, rc == KH_OK ? &d->to : NULL);
    if (!v->maddr.len && v->rport_no && !d->conn) d->to.port = v->rport_no;
    else if (v->port) d->to.port = v->port;
    else d->to.port = (uint16_t)kh_default_port(v->proto);
    if (rc != KH_OK) return KH_ENOTFOUND;
    return choose_socket(d, m, e);
}
