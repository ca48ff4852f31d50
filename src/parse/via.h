/* Via:  via-parm = sent-protocol LWS sent-by *( SEMI via-params )           RFC 3261 25.1, RFC 3581 (rport)
 *       sent-protocol = protocol-name SLASH protocol-version SLASH transport
 *       sent-by = host [ COLON port ]
 */
#ifndef KH_VIA_H
#define KH_VIA_H

#include "kh.h"
#include "nameaddr.h"

/* cdef */
enum kh_via_flags {
    KH_VIA_RPORT = 1,  /* an rport parameter is there, with or without value */
    KH_VIA_IPV6 = 2,   /* the host is an IPv6 reference; the span has its brackets */
    KH_VIA_ALIAS = 4,  /* alias (RFC 5923) */
    KH_VIA_COOKIE = 8, /* branch begins with z9hG4bK */
    KH_VIA_VERSION = 16, /* the version is not 2.0: malformed, but a 505 can find its way */
};

typedef struct kh_via {
    kh_span body;     /* this value alone: no comma, no blanks at its ends */
    kh_span transport; /* as written: "UDP" */
    kh_span host;
    kh_span params;   /* from after the first ';' */
    kh_span branch;
    kh_span received;
    kh_span rport;    /* its value; len 0: none */
    kh_span maddr;
    kh_span i;        /* number of the stream connection */
    uint16_t port;    /* 0: none given */
    uint16_t rport_no; /* 0: none given */
    uint8_t proto;    /* enum kh_proto; KH_PROTO_OTHER when unknown */
    uint8_t flags;    /* enum kh_via_flags */
    uint8_t hdr;      /* number of its header line in the message's index */
    uint8_t ttl;      /* 0: none */
} kh_via;

/* Parses the value at `off` of a header body that ends before `end` (both offsets into buf).
 * Returns the offset of the next value (after the comma), or `end` when this was the last; KH_EMALFORMED. */
int kh_via_next(kh_via *v, const char *buf, uint32_t off, uint32_t end);
/* end cdef */

#endif
