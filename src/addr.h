/* Addresses, where a message came from, and their text forms. */
#ifndef KH_ADDR_H
#define KH_ADDR_H

#include "kh.h"

/* cdef */
enum kh_proto {
    KH_PROTO_NONE, KH_PROTO_UDP, KH_PROTO_TCP, KH_PROTO_TLS, KH_PROTO_SCTP, KH_PROTO_WS, KH_PROTO_WSS, KH_PROTO_OTHER,
};

/* An IP address with port and protocol; family is AF_INET or AF_INET6, port in host order. */
typedef struct kh_addr {
    uint8_t family;
    uint8_t proto; /* enum kh_proto */
    uint16_t port;
    uint8_t ip[16]; /* network order, an IPv4 address in the first four */
} kh_addr;

/* How a message was received. */
typedef struct kh_rcv {
    kh_addr src, dst;
    uint16_t sock; /* index into the socket table */
    uint32_t conn; /* number of the stream connection, 0 for datagrams */
} kh_rcv;

/* Where a message goes: the address, the socket it leaves by, and for streams the connection. */
typedef struct kh_dest {
    kh_addr to;
    uint16_t sock; /* index, or KH_NO_SOCK: not chosen yet */
    uint16_t flags; /* enum kh_dest_flags */
    uint32_t conn; /* number of the connection to prefer, 0: one to this address, or a new one */
} kh_dest;

enum kh_dest_flags {
    KH_DEST_NO_CONNECT = 1, /* over a connection that exists, or not at all */
    KH_DEST_CLOSE = 2,      /* close the connection after it */
    KH_DEST_BY_LENGTH = 4,  /* too long for the datagram that was wanted: a stream instead */
};

#define KH_NO_SOCK 65535 /* no index of the socket table: not chosen, not forced */
#define KH_ADDR_TEXT 48 /* bytes that hold the text of any IP address, brackets included */

/* Reads an IPv4 dotted quad or an IPv6 address, with or without brackets; port and proto stay as they are.
 * KH_OK, or KH_ENOTFOUND when the text is no address (a host name). */
int kh_addr_parse(kh_addr *a, const char *s, uint32_t len);

/* Writes the address without port, not terminated, IPv6 in RFC 5952 form; with `brackets` as in a URI.
 * Returns its length (<= KH_ADDR_TEXT - 1). */
int kh_addr_text(const kh_addr *a, char *out, int brackets);

/* 1 when family and IP are equal, whatever port and proto. */
int kh_addr_same_ip(const kh_addr *a, const kh_addr *b);

/* Default port of a protocol: 5061 for TLS, 80 and 443 for WebSocket, else 5060. */
int kh_default_port(int proto);

/* enum kh_proto of a name ("udp", any case); KH_PROTO_OTHER when unknown. */
int kh_proto_of(const char *name, uint32_t len);
/* end cdef */

struct sockaddr_storage;

/* To and from the kernel's form; kh_addr_to_sa returns the length to hand to it. */
uint32_t kh_addr_to_sa(const kh_addr *a, struct sockaddr_storage *sa);
void kh_addr_from_sa(kh_addr *a, const struct sockaddr_storage *sa, int proto);

/* Names in lower and upper case ("udp", "UDP"), as long as kh_proto_name_len says. */
extern const char *const kh_proto_lower[8];
extern const char *const kh_proto_upper[8];

#endif
