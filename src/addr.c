#include "addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

const char *const kh_proto_lower[8] = {"none", "udp", "tcp", "tls", "sctp", "ws", "wss", "other"};
const char *const kh_proto_upper[8] = {"NONE", "UDP", "TCP", "TLS", "SCTP", "WS", "WSS", "OTHER"};

/*   IPv4address = 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT      RFC 3261 25.1
 *
 * inet_pton wants a terminated copy, and this is on the message path. */
static int parse_ipv4(uint8_t *ip, const char *s, uint32_t len) {
    uint32_t p = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t value = 0, from = p;
        while (p < len && p - from < 3 && s[p] >= '0' && s[p] <= '9') value = value * 10 + (uint32_t)(s[p++] - '0');
        if (p == from || value > 255) return KH_ENOTFOUND;
        ip[part] = (uint8_t)value;
        if (part < 3 && (p >= len || s[p++] != '.')) return KH_ENOTFOUND;
    }
    return p == len ? KH_OK : KH_ENOTFOUND;
}

/*   IPv4address / IPv6address / IPv6reference = "[" IPv6address "]"      RFC 3261 25.1, RFC 5954 4.1 for IPv6address */
int kh_addr_parse(kh_addr *a, const char *s, uint32_t len) {
    uint8_t ip[16] = {0};
    char text[INET6_ADDRSTRLEN];
    if (len >= 7 && len <= 15 && parse_ipv4(ip, s, len) == KH_OK) {
        memcpy(a->ip, ip, 16);
        a->family = AF_INET;
        return KH_OK;
    }
    if (len > 2 && s[0] == '[' && s[len - 1] == ']') s++, len -= 2;
    if (len < 2 || len >= sizeof text || !memchr(s, ':', len)) return KH_ENOTFOUND;
    memcpy(text, s, len);
    text[len] = 0;
    if (inet_pton(AF_INET6, text, ip) != 1) return KH_ENOTFOUND;
    memcpy(a->ip, ip, 16);
    a->family = AF_INET6;
    return KH_OK;
}

static int put_u8(char *out, unsigned n) {
    int len = 0;
    if (n >= 100) out[len++] = (char)('0' + n / 100);
    if (n >= 10) out[len++] = (char)('0' + n / 10 % 10);
    out[len++] = (char)('0' + n % 10);
    return len;
}

int kh_addr_text(const kh_addr *a, char *out, int brackets) {
    if (a->family == AF_INET6) {
        char text[INET6_ADDRSTRLEN];
        int at = 0;
        if (!inet_ntop(AF_INET6, a->ip, text, sizeof text)) return 0;
        int len = (int)strlen(text);
        if (brackets) out[at++] = '[';
        memcpy(out + at, text, (size_t)len);
        at += len;
        if (brackets) out[at++] = ']';
        return at;
    }
    int at = put_u8(out, a->ip[0]);
    for (int i = 1; i < 4; i++) {
        out[at++] = '.';
        at += put_u8(out + at, a->ip[i]);
    }
    return at;
}

int kh_addr_same_ip(const kh_addr *a, const kh_addr *b) {
    return a->family == b->family && !memcmp(a->ip, b->ip, a->family == AF_INET6 ? 16 : 4);
}

int kh_default_port(int proto) {
    switch (proto) {
    case KH_PROTO_TLS: return 5061;
    case KH_PROTO_WS: return 80;
    case KH_PROTO_WSS: return 443;
    default: return 5060;
    }
}

/*   transport = "UDP" / "TCP" / "TLS" / "SCTP" / "WS" / "WSS" / other-transport      RFC 3261 25.1, RFC 7118 5.2 */
int kh_proto_of(const char *name, uint32_t len) {
    for (int p = KH_PROTO_UDP; p < KH_PROTO_OTHER; p++)
        if (strlen(kh_proto_lower[p]) == len && !strncasecmp(name, kh_proto_lower[p], len)) return p;
    return KH_PROTO_OTHER;
}

uint32_t kh_addr_to_sa(const kh_addr *a, struct sockaddr_storage *sa) {
    if (a->family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;
        memset(in6, 0, sizeof *in6);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(a->port);
        memcpy(&in6->sin6_addr, a->ip, 16);
        return sizeof *in6;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)sa;
    memset(in, 0, sizeof *in);
    in->sin_family = AF_INET;
    in->sin_port = htons(a->port);
    memcpy(&in->sin_addr, a->ip, 4);
    return sizeof *in;
}

void kh_addr_from_sa(kh_addr *a, const struct sockaddr_storage *sa, int proto) {
    memset(a->ip, 0, sizeof a->ip);
    a->family = (uint8_t)sa->ss_family;
    a->proto = (uint8_t)proto;
    if (sa->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
        a->port = ntohs(in6->sin6_port);
        memcpy(a->ip, &in6->sin6_addr, 16);
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
        a->port = ntohs(in->sin_port);
        memcpy(a->ip, &in->sin_addr, 4);
    }
}
