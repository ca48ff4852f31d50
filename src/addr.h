/* Addresses and where a message came from. */
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
/* end cdef */

#endif
