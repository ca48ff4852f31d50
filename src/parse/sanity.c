#include "sanity.h"

#include "chars.h"
#include "uri.h"

static bool has(const kh_msg *m, int type) { return m->first[type] != KH_NO_HDR; }

static bool uri_ok(const kh_msg *m, kh_span s) {
    kh_uri u;
    return s.len && kh_uri_parse(&u, m->buf + s.off, s.len) == KH_OK;
}

static int check_uris(const kh_msg *m, int which) {
    if (which & KH_SN_URI_RURI && m->ruri.type == KH_URI_ERROR) return KH_SF_RURI;
    if (which & KH_SN_URI_FROM && !(m->from.body.len && uri_ok(m, m->from.uri))) return KH_SF_FROM;
    if (which & KH_SN_URI_TO && !(m->to.body.len && uri_ok(m, m->to.uri))) return KH_SF_TO;
    if (which & KH_SN_URI_CONTACT && has(m, KH_HDR_CONTACT) && !m->star)
        if (!(m->contact.body.len && uri_ok(m, m->contact.uri))) return KH_SF_CONTACT;
    return 0;
}

static int count_tags(const kh_msg *m, const kh_nameaddr *a) {
    int n = 0, next;
    if (!a->body.len) return 0;
    uint32_t off = a->params.off, end = off + a->params.len;
    kh_param p;
    while (off < end && (next = kh_param_next(&p, m->buf, off, end)) > 0) {
        if (p.name.len == 3 && kh_case_eq(m->buf + p.name.off, "tag", 3)) n++;
        off = (uint32_t)next;
    }
    return n;
}

static int check_headers(const kh_msg *m, int checks) {
    static const uint8_t required[] = {KH_HDR_TO, KH_HDR_FROM, KH_HDR_CSEQ, KH_HDR_CALLID, KH_HDR_VIA};
    if (checks & KH_SN_REQUIRED_HEADERS)
        for (unsigned i = 0; i < sizeof(required); i++)
            if (!has(m, required[i])) return KH_SF_MISSING;
    if (checks & KH_SN_CSEQ_METHOD && m->bad & KH_BAD_METHOD) return KH_SF_CSEQ_METHOD;
    if (checks & KH_SN_CSEQ_VALUE && m->bad & KH_BAD_CSEQ) return KH_SF_CSEQ_VALUE;
    if (checks & KH_SN_CONTENT_LENGTH && m->bad & KH_BAD_CLEN) return KH_SF_CONTENT_LENGTH;
    if (checks & KH_SN_EXPIRES && m->bad & KH_BAD_EXPIRES) return KH_SF_EXPIRES;
    return 0;
}

static int left_to_python(const kh_msg *m, int checks) {
    int left = 0;
    if (has(m, KH_HDR_PROXYREQUIRE)) left |= checks & KH_SN_PROXY_REQUIRE;
    if (has(m, KH_HDR_AUTHORIZATION) || has(m, KH_HDR_PROXYAUTH)) left |= checks & KH_SN_DIGEST;
    if (has(m, KH_HDR_AUTHORIZATION)) left |= checks & KH_SN_AUTHORIZATION;
    return left;
}

int kh_sanity(const kh_msg *m, int msg_checks, int uri_checks) {
    int rc;
    if (msg_checks & KH_SN_RURI_VERSION && m->bad & KH_BAD_VERSION) return KH_SF_VERSION;
    if (msg_checks & KH_SN_RURI_SCHEME && m->ruri.type == KH_URI_ERROR) return KH_SF_RURI;
    if (msg_checks & KH_SN_RURI_SCHEME && m->ruri.type == KH_URI_OTHER) return KH_SF_SCHEME;
    if ((rc = check_headers(m, msg_checks)) < 0) return rc;
    if (msg_checks & KH_SN_PARSE_URIS && (rc = check_uris(m, uri_checks)) < 0) return rc;
    if (msg_checks & KH_SN_DUPLICATE_TAGS && count_tags(m, &m->from) > 1) return KH_SF_FROM_TAGS;
    if (msg_checks & KH_SN_DUPLICATE_TAGS && count_tags(m, &m->to) > 1) return KH_SF_TO_TAGS;
    if (msg_checks & KH_SN_VIA1 && m->bad & KH_BAD_VIA) return KH_SF_VIA1;
    return left_to_python(m, msg_checks);
}
