#include "proxy.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "chars.h"
#include "scan.h"

#define V1_MAX 107 /* bytes of a line, with its end */
static const char v2_sign[12] = "\r\n\r\n\0\r\nQUIT\n";

static bool word(const char *s, uint32_t *p, uint32_t end, kh_span *out) {
    uint32_t from = *p;
    while (*p < end && s[*p] != ' ') ++*p;
    *out = kh_span_of(from, *p);
    if (*p < end) ++*p;
    return out->len;
}

static bool port(const char *s, kh_span w, kh_addr *a) {
    int64_t n = kh_number(s, w.off, (uint32_t)w.off + w.len, 65535);
    a->port = (uint16_t)n;
    return n >= 0;
}

/* "PROXY TCP4 src dst sport dport" CRLF */
static int v1(const char *s, uint32_t len, kh_addr *src, kh_addr *dst) {
    uint32_t lf = kh_scan_lf(s, 0, len < V1_MAX ? len : V1_MAX), p = 6;
    if (lf == len) return len < V1_MAX ? KH_EINCOMPLETE : KH_EMALFORMED;
    if (lf == V1_MAX || s[lf - 1] != '\r') return KH_EMALFORMED;
    kh_span family, from, to, sport, dport;
    if (!word(s, &p, lf - 1, &family)) return KH_EMALFORMED;
    if (family.len == 7 && !memcmp(s + family.off, "UNKNOWN", 7)) return (int)lf + 1;
    bool six = family.len == 4 && !memcmp(s + family.off, "TCP6", 4);
    if (!six && !(family.len == 4 && !memcmp(s + family.off, "TCP4", 4))) return KH_EMALFORMED;
    if (!word(s, &p, lf - 1, &from) || !word(s, &p, lf - 1, &to) || !word(s, &p, lf - 1, &sport) ||
        !word(s, &p, lf - 1, &dport) || p != lf - 1)
        return KH_EMALFORMED;
    int wanted = six ? AF_INET6 : AF_INET;
    kh_addr a = {0}, b = {0};
    if (kh_addr_parse(&a, s + from.off, from.len) < 0 || kh_addr_parse(&b, s + to.off, to.len) < 0 ||
        a.family != wanted || b.family != wanted || !port(s, sport, &a) || !port(s, dport, &b))
        return KH_EMALFORMED;
    *src = a;
    *dst = b;
    return (int)lf + 1;
}

static uint16_t two(const char *s) { return (uint16_t)((uint8_t)s[0] << 8 | (uint8_t)s[1]); }

/* Signature, version and command, family and protocol, length, addresses, whatever else. */
static int v2(const char *s, uint32_t len, kh_addr *src, kh_addr *dst) {
    if (len < 16) return KH_EINCOMPLETE;
    uint32_t total = 16u + two(s + 14), size = s[13] == 0x11 ? 4 : s[13] == 0x21 ? 16 : 0;
    if ((s[12] != 0x20 && s[12] != 0x21) || total > KH_PROXY_MAX) return KH_EMALFORMED;
    if (s[12] == 0x21 && size && total < 16 + 2 * size + 4) return KH_EMALFORMED;
    if (len < total) return KH_EINCOMPLETE;
    if (s[12] == 0x20 || !size) return (int)total; /* LOCAL: the balancer's own; other families: no address for us */
    src->family = dst->family = size == 4 ? AF_INET : AF_INET6;
    memcpy(src->ip, s + 16, size);
    memcpy(dst->ip, s + 16 + size, size);
    src->port = two(s + 16 + 2 * size);
    dst->port = two(s + 18 + 2 * size);
    return (int)total;
}

int kh_proxy_header(const char *s, uint32_t len, kh_addr *src, kh_addr *dst) {
    uint32_t n = len < 12 ? len : 12, n1 = len < 6 ? len : 6;
    *src = *dst = (kh_addr){0};
    if (!memcmp(s, v2_sign, n)) return len < 12 ? KH_EINCOMPLETE : v2(s, len, src, dst);
    if (memcmp(s, "PROXY ", n1)) return KH_EMALFORMED;
    return len < 6 ? KH_EINCOMPLETE : v1(s, len, src, dst);
}
