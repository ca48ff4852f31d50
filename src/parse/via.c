#include "via.h"

#include "addr.h"
#include "chars.h"
#include "lenient.h"

/*   transport = "UDP" / "TCP" / "TLS" / "SCTP" / other-transport      RFC 3261 25.1; WS, WSS: RFC 7118 5.2 */
static uint8_t proto_of(const char *s, uint32_t len) {
    if (len == 3 && kh_case_eq(s, "udp", 3)) return KH_PROTO_UDP;
    if (len == 3 && kh_case_eq(s, "tcp", 3)) return KH_PROTO_TCP;
    if (len == 3 && kh_case_eq(s, "tls", 3)) return KH_PROTO_TLS;
    if (len == 3 && kh_case_eq(s, "wss", 3)) return KH_PROTO_WSS;
    if (len == 2 && kh_case_eq(s, "ws", 2)) return KH_PROTO_WS;
    if (len == 4 && kh_case_eq(s, "sctp", 4)) return KH_PROTO_SCTP;
    return KH_PROTO_OTHER;
}

/*   sent-protocol = protocol-name SLASH protocol-version SLASH transport      SLASH = SWS "/" SWS      RFC 3261 25.1
 *
 * Returns the offset after it. */
static int parse_protocol(kh_via *v, const char *buf, uint32_t off, uint32_t end) {
    for (int part = 0; part < 3; part++) {
        uint32_t from = off = kh_skip_lws(buf, off, end);
        off = kh_skip(buf, off, end, KH_C_TOKEN);
        uint32_t len = off - from;
        if (part == 0 && (len != 3 || !kh_case_eq(buf + from, "sip", 3))) return KH_EMALFORMED;
        if (part == 1 && (len != 3 || memcmp(buf + from, "2.0", 3) != 0)) v->flags |= KH_VIA_VERSION;
        if (part == 2) {
            if (!len) return KH_EMALFORMED;
            v->transport = kh_span_of(from, off);
            v->proto = proto_of(buf + from, len);
            return (int)off;
        }
        off = kh_skip_lws(buf, off, end);
        if (off >= end || buf[off] != '/') return KH_EMALFORMED;
        off++;
    }
    return KH_EMALFORMED;
}

/*   sent-by = host [ COLON port ]      COLON = SWS ":" SWS      RFC 3261 25.1
 *
 * Returns the offset after it and the blanks that follow. Leniency: KH_LAX_HOST_UNDERSCORE. */
static int parse_sent_by(kh_via *v, const char *buf, uint32_t off, uint32_t end) {
    uint32_t from = kh_skip_lws(buf, off, end);
    if (from == off) return KH_EMALFORMED; /* a blank must part it from the protocol */
    off = from;
    if (off < end && buf[off] == '[') {
        for (off++; off < end && (kh_is(buf[off], KH_C_HEX) || buf[off] == ':' || buf[off] == '.'); off++) {}
        if (off >= end || buf[off] != ']') return KH_EMALFORMED;
        off++;
        v->flags |= KH_VIA_IPV6;
    } else {
        off = kh_skip(buf, off, end, KH_C_HOST);
    }
    if (off == from) return KH_EMALFORMED;
    v->host = kh_span_of(from, off);
    off = kh_skip_lws(buf, off, end);
    if (off < end && buf[off] == ':') {
        from = off = kh_skip_lws(buf, off + 1, end);
        off = kh_skip(buf, off, end, KH_C_DIGIT);
        int64_t port = kh_number(buf, from, off, 65535);
        if (port < 0) return KH_EMALFORMED;
        v->port = (uint16_t)port;
        off = kh_skip_lws(buf, off, end);
    }
    return (int)off;
}

/*   via-params = via-ttl / via-maddr / via-received / via-branch / via-extension      RFC 3261 25.1
 *   response-port = "rport" [ EQUAL 1*DIGIT ]      RFC 3581 3      alias: RFC 5923 */
static int parse_param(kh_via *v, const char *buf, uint32_t off, uint32_t end) {
    kh_param p;
    int next = kh_param_next(&p, buf, off, end);
    if (next < 0) return next;
    const char *name = buf + p.name.off;
    int64_t n;
    switch (p.name.len) {
        case 1:
            if ((*name | 0x20) == 'i') v->i = p.value;
            break;
        case 3:
            if (!kh_case_eq(name, "ttl", 3)) break;
            n = kh_number(buf, p.value.off, p.value.off + p.value.len, 255);
            if (n >= 0) v->ttl = (uint8_t)n;
            break;
        case 5:
            if (kh_case_eq(name, "rport", 5)) {
                v->flags |= KH_VIA_RPORT;
                v->rport = p.value;
                n = kh_number(buf, p.value.off, p.value.off + p.value.len, 65535);
                if (n >= 0) v->rport_no = (uint16_t)n;
            } else if (kh_case_eq(name, "maddr", 5)) {
                v->maddr = p.value;
            } else if (kh_case_eq(name, "alias", 5)) {
                v->flags |= KH_VIA_ALIAS;
            }
            break;
        case 6:
            if (!kh_case_eq(name, "branch", 6)) break;
            v->branch = p.value;
            if (p.value.len > 7 && kh_case_eq(buf + p.value.off, "z9hg4bk", 7)) v->flags |= KH_VIA_COOKIE;
            break;
        case 8:
            if (kh_case_eq(name, "received", 8)) v->received = p.value;
            break;
    }
    return next;
}

/*   via-parm = sent-protocol LWS sent-by *( SEMI via-params )      RFC 3261 25.1 */
int kh_via_next(kh_via *out, const char *buf, uint32_t off, uint32_t end) {
    if (end > KH_MSG_MAX) return KH_ETOOBIG;
    kh_via v = {0};
    uint32_t start = off = kh_skip_lws(buf, off, end);
    int after = parse_protocol(&v, buf, off, end);
    if (after < 0 || (after = parse_sent_by(&v, buf, (uint32_t)after, end)) < 0) return KH_EMALFORMED;
    off = (uint32_t)after;
    if (off < end && buf[off] == ';') {
        uint32_t params = ++off;
        if (KH_UNLIKELY(off == end) && !kh_lax(KH_LAX_EMPTY_PARAMS)) return KH_EMALFORMED;
        while (off < end && buf[off] != ',') {
            after = parse_param(&v, buf, off, end);
            if (after == KH_ENOTFOUND) {
                off = end;
                break;
            }
            if (after < 0) return KH_EMALFORMED;
            off = (uint32_t)after;
        }
        v.params = kh_span_of(params, kh_trim(buf, params, off));
    } else if (off < end && buf[off] != ',') {
        return KH_EMALFORMED;
    }
    v.body = kh_span_of(start, kh_trim(buf, start, off));
    v.hdr = out->hdr;
    *out = v;
    return off < end ? (int)off + 1 : (int)end;
}
