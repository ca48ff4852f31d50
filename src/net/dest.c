/* Where messages go: next hop of a request, way back of a reply. */
#include <stdbool.h>
#include <sys/socket.h>

#include "build.h"
#include "nameaddr.h"
#include "uri.h"

int kh_dest_of_uri(kh_dest *d, const char *uri, uint32_t len) {
    kh_uri u;
    d->to = (kh_addr){0};
    d->sock = KH_NO_SOCK;
    if (kh_uri_parse(&u, uri, len) < 0 || (u.type != KH_URI_SIP && u.type != KH_URI_SIPS) || !u.host.len)
        return KH_EMALFORMED;
    d->to.proto = u.proto;
    d->to.port = u.port_no;
    bool web = u.proto == KH_PROTO_WS || u.proto == KH_PROTO_WSS;
    if (u.type == KH_URI_SIPS) d->to.proto = web ? KH_PROTO_WSS : KH_PROTO_TLS;
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

int kh_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    const char *uri;
    uint32_t len = kh_next_hop_uri(m, e, &uri);
    int rc = kh_dest_of_uri(d, uri, len);
    return rc < 0 ? rc : choose_socket(d, m, e);
}

static bool reply_to_via;

void kh_reply_options(int to_via) { reply_to_via = to_via; }

void kh_reply_dest(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    d->to = m->rcv.src;
    d->sock = m->rcv.sock;
    if (m->rcv.conn || !m->n_via) return; /* back over the connection */
    if (!(m->via1.flags & KH_VIA_RPORT) && !(e && e->flags & KH_ED_FORCE_RPORT))
        d->to.port = m->via1.port ? m->via1.port : (uint16_t)kh_default_port(d->to.proto);
    if (!reply_to_via) return;
    if (kh_addr_parse(&d->to, m->buf + m->via1.host.off, m->via1.host.len) == KH_OK)
        d->to.port = m->via1.port ? m->via1.port : (uint16_t)kh_default_port(d->to.proto);
}

int kh_reply_next_hop(kh_dest *d, const kh_msg *m, const kh_edits *e) {
    if (m->n_via < 2) return KH_EINVAL;
    const kh_via *v = &m->via2;
    kh_span host = v->maddr.len ? v->maddr : v->received.len ? v->received : v->host;
    d->to = (kh_addr){.proto = v->proto};
    d->sock = KH_NO_SOCK;
    if (!v->maddr.len && v->rport_no) d->to.port = v->rport_no;
    else if (v->port) d->to.port = v->port;
    else d->to.port = (uint16_t)kh_default_port(v->proto);
    if (kh_addr_parse(&d->to, m->buf + host.off, host.len) != KH_OK) return KH_ENOTFOUND;
    return choose_socket(d, m, e);
}
