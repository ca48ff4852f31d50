#include "sock.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_MAX_LEN 255 /* of a host name (RFC 1035) */

typedef struct alias {
    uint16_t port;
    uint8_t proto;
    uint8_t len;
    char host[NAME_MAX_LEN];
} alias;

static kh_sock table[KH_MAX_SOCKS];
static int n_socks;
static alias aliases[KH_MAX_ALIASES];
static int n_aliases;
static int use_route; /* mhomed */

static uint16_t put_port(char *out, const char *host, int len, int port, int proto) {
    int at = 0;
    memcpy(out, host, (size_t)len);
    at = len;
    if (port == kh_default_port(proto)) return (uint16_t)at;
    char digits[8];
    int n = 0;
    do digits[n++] = (char)('0' + port % 10);
    while (port /= 10);
    out[at++] = ':';
    while (n) out[at++] = digits[--n];
    return (uint16_t)at;
}

static void write_texts(kh_sock *s, int proto) {
    const char *lower = kh_proto_lower[proto], *upper = kh_proto_upper[proto];
    s->hostport_len = put_port(s->hostport, s->host, s->host_len, s->port, proto);
    memcpy(s->uri, s->hostport, s->hostport_len);
    s->uri_len = s->hostport_len;
    if (proto != KH_PROTO_UDP) {
        memcpy(s->uri + s->uri_len, ";transport=", 11);
        memcpy(s->uri + s->uri_len + 11, lower, strlen(lower));
        s->uri_len = (uint16_t)(s->uri_len + 11 + strlen(lower));
    }
    char *p = s->via;
    memcpy(p, "Via: SIP/2.0/", 13);
    p += 13;
    memcpy(p, upper, strlen(upper));
    p += strlen(upper);
    *p++ = ' ';
    memcpy(p, s->hostport, s->hostport_len);
    p += s->hostport_len;
    memcpy(p, ";branch=", 8);
    s->via_len = (uint16_t)(p + 8 - s->via);
}

int kh_sock_add(int fd, const kh_addr *addr, int flags, const char *host, int adv_port, const char *name) {
    size_t host_len = strlen(host), name_len = strlen(name);
    if (n_socks == KH_MAX_SOCKS) return KH_ETOOBIG;
    kh_sock *s = &table[n_socks];
    if (host_len > NAME_MAX_LEN - 32 || name_len >= sizeof s->name) return KH_EINVAL;
    if (addr->proto == KH_PROTO_NONE || addr->proto >= KH_PROTO_OTHER) return KH_EINVAL;
    memset(s, 0, sizeof *s);
    s->fd = fd;
    s->addr = *addr;
    s->flags = (uint8_t)(flags | (host_len || adv_port ? KH_SOCK_ADVERTISED : 0));
    s->port = adv_port ? (uint16_t)adv_port : addr->port;
    s->host_len = (uint16_t)host_len;
    memcpy(s->host, host, host_len);
    if (!host_len) s->host_len = (uint16_t)kh_addr_text(addr, s->host, 1);
    memcpy(s->name, name, name_len);
    s->name_len = (uint16_t)name_len;
    write_texts(s, addr->proto);
    return n_socks++;
}

void kh_sock_clear(void) { n_socks = n_aliases = use_route = 0; }

int kh_sock_count(void) { return n_socks; }

kh_sock *kh_sock_get(int index) { return index < 0 || index >= n_socks ? NULL : &table[index]; }

int kh_alias_add(const char *host, uint32_t len, int port, int proto) {
    if (n_aliases == KH_MAX_ALIASES) return KH_ETOOBIG;
    if (!len || len > NAME_MAX_LEN) return KH_EINVAL;
    alias *a = &aliases[n_aliases++];
    a->port = (uint16_t)port;
    a->proto = (uint8_t)proto;
    a->len = (uint8_t)len;
    memcpy(a->host, host, len);
    return KH_OK;
}

static int same_host(const char *a, uint32_t a_len, const char *b, uint32_t b_len) {
    return a_len == b_len && (!memcmp(a, b, a_len) || !strncasecmp(a, b, a_len));
}

/* 1 when the socket is reached by this host text or address; ports are not looked at. */
static int sock_has_host(const kh_sock *s, const char *host, uint32_t len, const kh_addr *literal) {
    return same_host(s->host, s->host_len, host, len) || (literal->family && kh_addr_same_ip(&s->addr, literal));
}

int kh_sock_find(const char *host, uint32_t len, int port, int proto) {
    kh_addr literal = {0};
    if (kh_addr_parse(&literal, host, len) != KH_OK) literal.family = 0;
    for (int i = 0; i < n_socks; i++) {
        const kh_sock *s = &table[i];
        if (proto && s->addr.proto != proto) continue;
        if (port && port != s->addr.port && port != s->port) continue;
        if (sock_has_host(s, host, len, &literal)) return i;
    }
    return KH_ENOTFOUND;
}

int kh_is_self(const char *host, uint32_t len, int port, int proto) {
    if (kh_sock_find(host, len, port, proto) >= 0) return 1;
    for (int i = 0; i < n_aliases; i++) {
        const alias *a = &aliases[i];
        if (proto && a->proto && a->proto != proto) continue;
        if (port && a->port && a->port != port) continue;
        if (same_host(a->host, a->len, host, len)) return 1;
    }
    return 0;
}

void kh_sock_options(int mhomed) { use_route = mhomed; }

/* Address the kernel would send from, asked by connecting a datagram socket; 0 when there is no route. */
static int source_address(const kh_addr *to, kh_addr *from) {
    struct sockaddr_storage sa;
    socklen_t len = kh_addr_to_sa(to, &sa);
    int fd = socket(to->family, SOCK_DGRAM | SOCK_CLOEXEC, 0), ok = 0;
    if (fd < 0) return 0;
    if (!connect(fd, (struct sockaddr *)&sa, len)) {
        len = sizeof sa;
        ok = !getsockname(fd, (struct sockaddr *)&sa, &len);
        if (ok) kh_addr_from_sa(from, &sa, to->proto);
    }
    close(fd);
    return ok;
}

static int fits(int index, const kh_addr *to) {
    return index < n_socks && table[index].addr.proto == to->proto && table[index].addr.family == to->family;
}

/* The forced socket; when it has another protocol than the destination, the one with its address and port that has
 * the right one. */
static int forced(const kh_edits *e, const kh_addr *to) {
    if (!e || e->sock >= n_socks || table[e->sock].addr.family != to->family) return KH_ENOTFOUND;
    const kh_addr *a = &table[e->sock].addr;
    if (a->proto == to->proto) return e->sock;
    for (int i = 0; i < n_socks; i++)
        if (fits(i, to) && table[i].addr.port == a->port && kh_addr_same_ip(&table[i].addr, a)) return i;
    return KH_ENOTFOUND;
}

int kh_sock_pick(const kh_msg *m, const kh_edits *e, const kh_addr *to) {
    kh_addr from;
    int sock = forced(e, to);
    if (sock >= 0) return sock;
    if (use_route && source_address(to, &from))
        for (int i = 0; i < n_socks; i++)
            if (fits(i, to) && kh_addr_same_ip(&table[i].addr, &from)) return i;
    if (m && fits(m->rcv.sock, to)) return m->rcv.sock;
    for (int i = 0; i < n_socks; i++)
        if (fits(i, to)) return i;
    return KH_ENOSOCK;
}
