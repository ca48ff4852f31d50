#include "uri.h"

#include "addr.h"
#include "chars.h"
#include "lenient.h"

/*   transport-param = "transport=" ( "udp" / "tcp" / "sctp" / "tls" / other-transport )      RFC 3261 25.1, RFC 7118 */
static uint8_t proto_of(const char *s, uint32_t len) {
    static const struct { const char *name; uint8_t len, proto; } protos[] = {
        {"udp", 3, KH_PROTO_UDP}, {"tcp", 3, KH_PROTO_TCP}, {"tls", 3, KH_PROTO_TLS},
        {"ws", 2, KH_PROTO_WS},   {"wss", 3, KH_PROTO_WSS}, {"sctp", 4, KH_PROTO_SCTP},
    };
    for (unsigned i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
        if (protos[i].len == len && kh_case_eq(s, protos[i].name, len)) return protos[i].proto;
    return len ? KH_PROTO_OTHER : KH_PROTO_NONE;
}

/* The parameters that routing looks at; others stay in `params`. The first of a repeated one counts, if one may be
 * (KH_LAX_REPEATED_PARAMS): false else. */
static bool known_param(kh_uri *u, const char *s, kh_span name, kh_span value) {
    const char *n = s + name.off;
    kh_span *to = NULL;
    switch (name.len) {
        case 2:
            if (kh_case_eq(n, "lr", 2)) {
                u->flags |= KH_URI_LR;
                to = &u->lr_val;
            } else if (kh_case_eq(n, "r2", 2)) {
                to = &u->r2_val;
            } else if (kh_case_eq(n, "gr", 2)) {
                to = &u->gr_val;
            } else if (kh_case_eq(n, "ob", 2)) {
                to = &u->ob_val;
            }
            break;
        case 3:
            if (kh_case_eq(n, "ttl", 3)) to = &u->ttl_val;
            break;
        case 4:
            if (kh_case_eq(n, "user", 4)) {
                to = &u->user_param_val;
                if (value.len == 5 && kh_case_eq(s + value.off, "phone", 5)) u->flags |= KH_URI_USER_PHONE;
            }
            break;
        case 5:
            if (kh_case_eq(n, "maddr", 5)) to = &u->maddr_val;
            break;
        case 6:
            if (kh_case_eq(n, "method", 6)) to = &u->method_val;
            break;
        case 9:
            if (kh_case_eq(n, "transport", 9)) {
                to = &u->transport_val;
                if (!to->len) u->proto = proto_of(s + value.off, value.len);
            }
            break;
    }
    if (!to) return true;
    if (to->len) return kh_lax(KH_LAX_REPEATED_PARAMS);
    *to = value;
    return true;
}

/*   pname = 1*paramchar      pvalue = 1*paramchar      paramchar = param-unreserved / unreserved / escaped
 *   param-unreserved = "[" / "]" / "/" / ":" / "&" / "+" / "$"      RFC 3261 25.1 */
static bool is_paramchars(const char *s, uint32_t p, uint32_t end) {
    while (p < end && (kh_is(s[p], KH_C_TOKEN) ? s[p] != '`' : memchr("[]/:&+$()", s[p], 9) != NULL)) p++;
    return p == end;
}

/*   uri-parameters = *( ";" pname [ "=" pvalue ] )      RFC 3261 25.1
 *
 * p stands after a ";". Leniencies: KH_LAX_EMPTY_PARAMS, KH_LAX_PARAM_CHARS. */
static int parse_params(kh_uri *u, const char *s, uint32_t p, uint32_t end) {
    while (p < end) {
        uint32_t name = p, eq = 0;
        for (; p < end && s[p] != ';'; p++) {
            if (s[p] == '=' && !eq) eq = p;
            else if (!kh_is(s[p], KH_C_USER) && s[p] != ':' && s[p] != '@') return KH_EMALFORMED;
        }
        if (p > name && eq != name) {
            uint32_t name_end = eq ? eq : p;
            if (KH_UNLIKELY(!kh_lax(KH_LAX_PARAM_CHARS)) &&
                !(is_paramchars(s, name, name_end) && (!eq || is_paramchars(s, eq + 1, p))))
                return KH_EMALFORMED;
            kh_span value = eq ? kh_span_of(eq + 1, p) : (kh_span){0, 0};
            if (!known_param(u, s, kh_span_of(name, name_end), value)) return KH_EMALFORMED;
        } else if (eq) {
            return KH_EMALFORMED; /* "=value" without a name */
        } else if (!kh_lax(KH_LAX_EMPTY_PARAMS)) {
            return KH_EMALFORMED;
        }
        p++;
    }
    if (s[end - 1] == ';' && !kh_lax(KH_LAX_EMPTY_PARAMS)) return KH_EMALFORMED;
    return KH_OK;
}

/*   IPv6reference = "[" IPv6address "]"      RFC 3261 25.1, RFC 5954 4.1
 *
 * Digits, colons and at most a dotted quad; the full check is inet_pton's, when the address is used. */
static int64_t parse_ipv6(const char *s, uint32_t p, uint32_t end) {
    uint32_t colons = 0, from = p;
    for (p++; p < end && s[p] != ']'; p++) {
        if (s[p] == ':') colons++;
        else if (!kh_is(s[p], KH_C_HEX) && s[p] != '.') return KH_EMALFORMED;
    }
    if (p >= end || colons < 2 || p - from < 3) return KH_EMALFORMED;
    return p + 1;
}

static bool is_ipv4(const char *s, uint32_t p, uint32_t end) {
    int dots = 0;
    for (; p < end; p++) {
        if (s[p] == '.') dots++;
        else if (!kh_is(s[p], KH_C_DIGIT)) return false;
    }
    return dots == 3;
}

/*   hostport = host [ ":" port ]      host = hostname / IPv4address / IPv6reference      RFC 3261 25.1
 *   headers = "?" header *( "&" header )
 *
 * hostport [ ";" params ] [ headers ] from p to end. Leniency: KH_LAX_HOST_UNDERSCORE. */
static int parse_rest(kh_uri *u, const char *s, uint32_t p, uint32_t end) {
    uint32_t host = p;
    if (p < end && s[p] == '[') {
        int64_t after = parse_ipv6(s, p, end);
        if (after < 0) return KH_EMALFORMED;
        p = (uint32_t)after;
        u->flags |= KH_URI_IPV6;
    } else {
        p = kh_skip(s, p, end, KH_C_HOST);
        if (is_ipv4(s, host, p)) u->flags |= KH_URI_IPV4;
    }
    if (p == host) return KH_EMALFORMED;
    u->host = kh_span_of(host, p);
    if (p < end && s[p] == ':') {
        uint32_t port = ++p;
        p = kh_skip(s, p, end, KH_C_DIGIT);
        int64_t n = kh_number(s, port, p, 65535);
        if (n < 0) return KH_EMALFORMED;
        u->port = kh_span_of(port, p);
        u->port_no = (uint16_t)n;
    }
    if (p < end && s[p] == ';') {
        const char *q = memchr(s + p, '?', end - p);
        uint32_t to = q ? (uint32_t)(q - s) : end;
        u->params = kh_span_of(p + 1, to);
        if (parse_params(u, s, p + 1, to) < 0) return KH_EMALFORMED;
        p = to;
    }
    if (p < end && s[p] == '?') {
        u->headers = kh_span_of(p + 1, end);
        for (p++; p < end; p++)
            if (!kh_is(s[p], KH_C_USER) && s[p] != ':' && s[p] != '@') return KH_EMALFORMED;
    }
    return p == end ? KH_OK : KH_EMALFORMED;
}

/*   escaped = "%" HEXDIG HEXDIG      RFC 3261 25.1 */
static bool is_escaped(const char *s, uint32_t p, uint32_t end) {
    return p + 2 < end && kh_is(s[p + 1], KH_C_HEX) && kh_is(s[p + 2], KH_C_HEX);
}

/*   SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]      userinfo = user [ ":" password ] "@"
 *   user = 1*( unreserved / escaped / user-unreserved )      user-unreserved = "&=+$,;?/"      RFC 3261 25.1
 *
 * p stands after the scheme. The user part may hold ; ? / and so on, so the first '@' decides. Leniencies:
 * KH_LAX_USER_CHARS, KH_LAX_BARE_PERCENT. */
static int parse_sip(kh_uri *u, const char *s, uint32_t p, uint32_t end) {
    const char *at = memchr(s + p, '@', end - p);
    if (at) {
        uint32_t stop = (uint32_t)(at - s), user = p, colon = 0;
        for (; p < stop; p++) {
            if (s[p] == ':' && !colon) colon = p;
            else if (!kh_is(s[p], KH_C_USER)) return KH_EMALFORMED;
            else if (s[p] == '%') {
                u->flags |= KH_URI_ESCAPED;
                if (!kh_lax(KH_LAX_BARE_PERCENT) && !is_escaped(s, p, stop)) return KH_EMALFORMED;
            }
        }
        u->user = kh_span_of(user, colon ? colon : stop);
        if (!u->user.len) return KH_EMALFORMED; /* user = 1*( ... ) */
        if (colon) u->passwd = kh_span_of(colon + 1, stop);
        p = stop + 1;
    }
    return parse_rest(u, s, p, end);
}

/*   telephone-uri = "tel:" telephone-subscriber      telephone-subscriber = global-number / local-number
 *   global-number = "+" *phonedigit DIGIT *phonedigit *par      phonedigit = DIGIT / visual-separator      RFC 3966 3
 *
 * Visual separators are kept; local digits may be hexadecimal, "*" and "#"; parameters as in SIP. */
static int parse_tel(kh_uri *u, const char *s, uint32_t p, uint32_t end) {
    const char *semi = memchr(s + p, ';', end - p);
    uint32_t stop = semi ? (uint32_t)(semi - s) : end;
    u->user = kh_span_of(p, stop);
    if (!u->user.len) return KH_EMALFORMED;
    for (; p < stop; p++)
        if (!kh_is(s[p], KH_C_HEX) && !memchr("+-.()*#", s[p], 7)) return KH_EMALFORMED;
    if (stop == end) return KH_OK;
    u->params = kh_span_of(stop + 1, end);
    return parse_params(u, s, stop + 1, end);
}

/*   assigned-name = "urn" ":" NID ":" NSS      RFC 8141 2 */
static int parse_urn(kh_uri *u, const char *s, uint32_t p, uint32_t end) {
    const char *colon = memchr(s + p, ':', end - p);
    if (!colon || colon == s + p || colon == s + end - 1) return KH_EMALFORMED;
    u->user = kh_span_of(p, (uint32_t)(colon - s));
    u->host = kh_span_of((uint32_t)(colon - s) + 1, end);
    for (; p < end; p++)
        if (!kh_is(s[p], KH_C_USER) && s[p] != ':' && s[p] != '@') return KH_EMALFORMED;
    return KH_OK;
}

/*   absoluteURI = scheme ":" ( hier-part / opaque-part )      RFC 3261 25.1 (RFC 2396) */
static int parse_other(kh_uri *u, const char *s, uint32_t len) {
    uint32_t p = 0;
    if (!len || !kh_is(s[0], KH_C_ALPHA)) return KH_EMALFORMED;
    while (p < len && kh_is(s[p], KH_C_TOKEN)) p++;
    if (p + 1 >= len || s[p] != ':') return KH_EMALFORMED;
    for (; p < len; p++)
        if (!kh_is(s[p], KH_C_USER) && s[p] != ':' && s[p] != '@') return KH_EMALFORMED;
    return KH_OK;
}

/*   addr-spec = SIP-URI / SIPS-URI / absoluteURI      RFC 3261 25.1; tel: RFC 3966, urn: RFC 8141 */
int kh_uri_parse(kh_uri *out, const char *s, uint32_t len) {
    kh_uri u = {0};
    int rc;
    if (len > KH_MSG_MAX) return KH_ETOOBIG;
    u.len = (uint16_t)len;
    if (len > 4 && kh_case_eq(s, "sip:", 4)) {
        u.type = KH_URI_SIP;
        rc = parse_sip(&u, s, 4, len);
    } else if (len > 5 && kh_case_eq(s, "sips:", 5)) {
        u.type = KH_URI_SIPS;
        rc = parse_sip(&u, s, 5, len);
    } else if (len > 4 && kh_case_eq(s, "tel:", 4)) {
        u.type = KH_URI_TEL;
        rc = parse_tel(&u, s, 4, len);
    } else if (len > 5 && kh_case_eq(s, "tels:", 5)) {
        u.type = KH_URI_TELS;
        rc = parse_tel(&u, s, 5, len);
    } else if (len > 4 && kh_case_eq(s, "urn:", 4)) {
        u.type = KH_URI_URN;
        rc = parse_urn(&u, s, 4, len);
    } else {
        u.type = KH_URI_OTHER;
        rc = parse_other(&u, s, len);
    }
    if (rc < 0) {
        out->type = KH_URI_ERROR;
        return KH_EMALFORMED;
    }
    *out = u;
    return KH_OK;
}
