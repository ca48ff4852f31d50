#include "hdr.h"

#include <string.h>

#include "chars.h"

/* Long names in lower case. The lookup table is made of this list before main(), so a row is all a new header needs. */
static const struct name {
    const char *s;
    uint8_t len;
    uint8_t type;
} names[] = {
#define N(s, t) {s, sizeof(s) - 1, KH_HDR_##t}
    N("via", VIA), N("to", TO), N("from", FROM), N("cseq", CSEQ), N("call-id", CALLID), N("contact", CONTACT),
    N("max-forwards", MAXFORWARDS), N("route", ROUTE), N("record-route", RECORDROUTE), N("content-type", CONTENTTYPE),
    N("content-length", CONTENTLENGTH), N("authorization", AUTHORIZATION), N("expires", EXPIRES),
    N("min-expires", MIN_EXPIRES), N("proxy-authorization", PROXYAUTH), N("supported", SUPPORTED),
    N("require", REQUIRE), N("proxy-require", PROXYREQUIRE), N("unsupported", UNSUPPORTED), N("allow", ALLOW),
    N("event", EVENT), N("accept", ACCEPT), N("accept-language", ACCEPTLANGUAGE), N("organization", ORGANIZATION),
    N("priority", PRIORITY), N("subject", SUBJECT), N("user-agent", USERAGENT), N("server", SERVER),
    N("content-disposition", CONTENTDISPOSITION), N("diversion", DIVERSION), N("remote-party-id", RPID),
    N("refer-to", REFER_TO), N("sip-if-match", SIPIFMATCH), N("session-expires", SESSIONEXPIRES), N("min-se", MIN_SE),
    N("subscription-state", SUBSCRIPTION_STATE), N("accept-contact", ACCEPTCONTACT), N("allow-events", ALLOWEVENTS),
    N("content-encoding", CONTENTENCODING), N("referred-by", REFERREDBY), N("reject-contact", REJECTCONTACT),
    N("request-disposition", REQUESTDISPOSITION), N("www-authenticate", WWW_AUTHENTICATE),
    N("proxy-authenticate", PROXY_AUTHENTICATE), N("date", DATE), N("identity", IDENTITY),
    N("identity-info", IDENTITY_INFO), N("retry-after", RETRY_AFTER), N("p-preferred-identity", PPI),
    N("p-asserted-identity", PAI), N("path", PATH), N("privacy", PRIVACY), N("reason", REASON),
    N("call-info", CALLINFO),
#undef N
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]), MAX_NAME = 24, NONE = 255 };

/* Compact names (RFC 3261 7.3.3 and later): letter - 'a' is the index. */
static const uint8_t compact[26] = {
    ['a' - 'a'] = KH_HDR_ACCEPTCONTACT,   ['b' - 'a'] = KH_HDR_REFERREDBY,
    ['c' - 'a'] = KH_HDR_CONTENTTYPE,     ['d' - 'a'] = KH_HDR_REQUESTDISPOSITION,
    ['e' - 'a'] = KH_HDR_CONTENTENCODING, ['f' - 'a'] = KH_HDR_FROM,
    ['i' - 'a'] = KH_HDR_CALLID,          ['j' - 'a'] = KH_HDR_REJECTCONTACT,
    ['k' - 'a'] = KH_HDR_SUPPORTED,       ['l' - 'a'] = KH_HDR_CONTENTLENGTH,
    ['m' - 'a'] = KH_HDR_CONTACT,         ['n' - 'a'] = KH_HDR_IDENTITY_INFO,
    ['o' - 'a'] = KH_HDR_EVENT,           ['r' - 'a'] = KH_HDR_REFER_TO,
    ['s' - 'a'] = KH_HDR_SUBJECT,         ['t' - 'a'] = KH_HDR_TO,
    ['u' - 'a'] = KH_HDR_ALLOWEVENTS,     ['v' - 'a'] = KH_HDR_VIA,
    ['x' - 'a'] = KH_HDR_SESSIONEXPIRES,  ['y' - 'a'] = KH_HDR_IDENTITY,
};

static uint8_t head[MAX_NAME][32]; /* by length and first letter: number in names[] */
static uint8_t chain[N_NAMES];     /* the next with the same length and first letter */

__attribute__((constructor)) static void build_table(void) {
    memset(head, NONE, sizeof(head));
    for (unsigned i = 0; i < N_NAMES; i++) {
        uint8_t *slot = &head[names[i].len][names[i].s[0] & 31];
        chain[i] = *slot;
        *slot = (uint8_t)i;
    }
}

/* Eight letters at a time, the last eight overlapping; reads nothing outside [s, s + len). */
static inline bool name_eq(const char *s, const char *lower, uint32_t len) {
    const uint64_t to_lower = 0x2020202020202020u;
    uint64_t a, b;
    if (len < 8) return kh_case_eq(s, lower, len);
    for (uint32_t i = 0; i + 8 < len; i += 8) {
        memcpy(&a, s + i, 8);
        memcpy(&b, lower + i, 8);
        if ((a | to_lower) != b) return false;
    }
    memcpy(&a, s + len - 8, 8);
    memcpy(&b, lower + len - 8, 8);
    return (a | to_lower) == b;
}

/*   header-name = token      the names of RFC 3261 20 and its extensions, compact forms 7.3.3 */
int kh_hdr_classify(const char *name, uint32_t len) {
    if (len == 1) return kh_is(*name, KH_C_ALPHA) ? compact[(*name | 0x20) - 'a'] : KH_HDR_OTHER;
    if (len == 0 || len >= MAX_NAME) return KH_HDR_OTHER;
    for (unsigned i = head[len][*name & 31]; i != NONE; i = chain[i])
        if (name_eq(name, names[i].s, len)) return names[i].type;
    return KH_HDR_OTHER;
}
