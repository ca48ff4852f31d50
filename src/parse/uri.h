/* SIP, SIPS, TEL and URN URIs, parsed from any bytes.
 *
 *   SIP-URI = "sip:" [ user [ ":" password ] "@" ] host [ ":" port ] *( ";" param ) [ "?" headers ]   RFC 3261 25.1
 *   telephone-uri = "tel:" number *( ";" param )                                                      RFC 3966
 *   urn = "urn:" NID ":" NSS                                                                          RFC 8141
 */
#ifndef KH_URI_H
#define KH_URI_H

#include "kh.h"

/* cdef */
enum kh_uri_type { KH_URI_ERROR, KH_URI_SIP, KH_URI_SIPS, KH_URI_TEL, KH_URI_TELS, KH_URI_URN, KH_URI_OTHER };

enum kh_uri_flags {
    KH_URI_IPV6 = 1,       /* the host is an IPv6 reference; the span has its brackets */
    KH_URI_USER_PHONE = 2, /* user=phone */
    KH_URI_LR = 4,         /* an lr parameter, with or without value */
    KH_URI_ESCAPED = 8,    /* a %HH in user or password */
    KH_URI_IPV4 = 16,      /* the host is a dotted quad */
};

/* Spans are relative to the URI's first byte. len 0: none (transport_val and so on: none or empty). */
typedef struct kh_uri {
    uint8_t type;  /* enum kh_uri_type */
    uint8_t proto; /* of the transport parameter, enum kh_proto; KH_PROTO_NONE without one; sips does not change it */
    uint8_t flags; /* enum kh_uri_flags */
    uint8_t pad;
    uint16_t port_no; /* 0: none given */
    uint16_t len;
    kh_span user;   /* as written (escapes kept); of tel: the number; of urn: the NID ("service") */
    kh_span passwd;
    kh_span host;   /* of urn: the NSS ("sos") */
    kh_span port;
    kh_span params; /* after the first ';', up to '?' */
    kh_span headers; /* after '?' */
    kh_span transport_val, ttl_val, user_param_val, maddr_val, method_val, lr_val, r2_val, gr_val, ob_val;
} kh_uri;

/* Parses exactly `len` bytes. KH_OK or KH_EMALFORMED (type is KH_URI_ERROR then, the rest undefined);
 * a URI of another scheme is KH_OK with type KH_URI_OTHER and no parts. */
int kh_uri_parse(kh_uri *u, const char *s, uint32_t len);
/* end cdef */

#endif
