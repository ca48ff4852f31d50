/* Header names: the types that the index knows, and the classification of a name.
 *
 * Numbers are Kamailio 5.6's HDR_*_T (users see them nowhere, but the devel guide's flags HDR_*_F = 1 << type are built
 * from them, so all fit 64 bits).
 */
#ifndef KH_HDR_H
#define KH_HDR_H

#include "kh.h"

/* cdef */
enum kh_hdr_type {
    KH_HDR_OTHER = 0,
    KH_HDR_VIA = 1,
    KH_HDR_VIA2 = 2, /* never in the index: every Via is KH_HDR_VIA there */
    KH_HDR_TO = 3,
    KH_HDR_FROM = 4,
    KH_HDR_CSEQ = 5,
    KH_HDR_CALLID = 6,
    KH_HDR_CONTACT = 7,
    KH_HDR_MAXFORWARDS = 8,
    KH_HDR_ROUTE = 9,
    KH_HDR_RECORDROUTE = 10,
    KH_HDR_CONTENTTYPE = 11,
    KH_HDR_CONTENTLENGTH = 12,
    KH_HDR_AUTHORIZATION = 13,
    KH_HDR_EXPIRES = 14,
    KH_HDR_MIN_EXPIRES = 15,
    KH_HDR_PROXYAUTH = 16,
    KH_HDR_SUPPORTED = 17,
    KH_HDR_REQUIRE = 18,
    KH_HDR_PROXYREQUIRE = 19,
    KH_HDR_UNSUPPORTED = 20,
    KH_HDR_ALLOW = 21,
    KH_HDR_EVENT = 22,
    KH_HDR_ACCEPT = 23,
    KH_HDR_ACCEPTLANGUAGE = 24,
    KH_HDR_ORGANIZATION = 25,
    KH_HDR_PRIORITY = 26,
    KH_HDR_SUBJECT = 27,
    KH_HDR_USERAGENT = 28,
    KH_HDR_SERVER = 29,
    KH_HDR_CONTENTDISPOSITION = 30,
    KH_HDR_DIVERSION = 31,
    KH_HDR_RPID = 32,
    KH_HDR_REFER_TO = 33,
    KH_HDR_SIPIFMATCH = 34,
    KH_HDR_SESSIONEXPIRES = 35,
    KH_HDR_MIN_SE = 36,
    KH_HDR_SUBSCRIPTION_STATE = 37,
    KH_HDR_ACCEPTCONTACT = 38,
    KH_HDR_ALLOWEVENTS = 39,
    KH_HDR_CONTENTENCODING = 40,
    KH_HDR_REFERREDBY = 41,
    KH_HDR_REJECTCONTACT = 42,
    KH_HDR_REQUESTDISPOSITION = 43,
    KH_HDR_WWW_AUTHENTICATE = 44,
    KH_HDR_PROXY_AUTHENTICATE = 45,
    KH_HDR_DATE = 46,
    KH_HDR_IDENTITY = 47,
    KH_HDR_IDENTITY_INFO = 48,
    KH_HDR_RETRY_AFTER = 49,
    KH_HDR_PPI = 50,
    KH_HDR_PAI = 51,
    KH_HDR_PATH = 52,
    KH_HDR_PRIVACY = 53,
    KH_HDR_REASON = 54,
    KH_HDR_CALLINFO = 55,
    KH_HDR_EOH = 56,
};

#define KH_HDR_TYPES 64 /* size of the first[] table: the types, rounded up to a cache line */

/* The type of a header name (long or compact, any case, no blanks): enum kh_hdr_type. */
int kh_hdr_classify(const char *name, uint32_t len);
/* end cdef */

#endif
