/* Well-formedness checks of a request, those that need no policy. */
#ifndef KH_SANITY_H
#define KH_SANITY_H

#include "msg.h"

/* cdef */
/* Bits of msg_checks, numbered as Kamailio's sanity module. */
enum kh_sanity_check {
    KH_SN_RURI_VERSION = 1,
    KH_SN_RURI_SCHEME = 2,
    KH_SN_REQUIRED_HEADERS = 4,
    KH_SN_VIA_VERSION = 8,   /* does nothing, as there */
    KH_SN_VIA_PROTOCOL = 16, /* does nothing, as there */
    KH_SN_CSEQ_METHOD = 32,
    KH_SN_CSEQ_VALUE = 64,
    KH_SN_CONTENT_LENGTH = 128,
    KH_SN_EXPIRES = 256,
    KH_SN_PROXY_REQUIRE = 512,
    KH_SN_PARSE_URIS = 1024,
    KH_SN_DIGEST = 2048,
    KH_SN_DUPLICATE_TAGS = 4096,
    KH_SN_AUTHORIZATION = 8192,
    KH_SN_VIA1 = 16384,
};

/* Bits of uri_checks. */
enum kh_sanity_uri { KH_SN_URI_RURI = 1, KH_SN_URI_FROM = 2, KH_SN_URI_TO = 4, KH_SN_URI_CONTACT = 8 };

/* What was found, as negative numbers so that they stand beside a mask. */
enum kh_sanity_fault {
    KH_SF_VERSION = -1,
    KH_SF_SCHEME = -2,
    KH_SF_RURI = -3,
    KH_SF_MISSING = -4,
    KH_SF_CSEQ_METHOD = -5,
    KH_SF_CSEQ_VALUE = -6,
    KH_SF_CONTENT_LENGTH = -7,
    KH_SF_EXPIRES = -8,
    KH_SF_FROM = -9,
    KH_SF_TO = -10,
    KH_SF_CONTACT = -11,
    KH_SF_FROM_TAGS = -12,
    KH_SF_TO_TAGS = -13,
    KH_SF_VIA1 = -14,
};

/* Runs the checks of the mask in the order of their bits. < 0: the first fault. >= 0: no fault here; the mask of those
 * checks whose headers are there and whose judgement needs Python (PROXY_REQUIRE, DIGEST, AUTHORIZATION). */
int kh_sanity(const kh_msg *m, int msg_checks, int uri_checks);
/* end cdef */

#endif
