/* What Python asks of a parsed message: facts in one int, a part or a header body as packed offset and length. */
#include "chars.h"
#include "msg.h"

static inline int64_t pack(kh_span s) { return (int64_t)s.off << 16 | s.len; }

static inline int64_t some(kh_span s) { return s.len ? pack(s) : -1; }

int64_t kh_msg_facts(const kh_msg *m) {
    int64_t f = m->method | (int64_t)m->status << KH_F_STATUS_SHIFT;
    f |= m->type == KH_REQUEST ? (int64_t)KH_F_REQUEST : (int64_t)KH_F_REPLY;
    if (m->to.tag.len) f |= KH_F_TO_TAG;
    if (m->from.tag.len) f |= KH_F_FROM_TAG;
    if (m->first[KH_HDR_ROUTE] != KH_NO_HDR) f |= KH_F_ROUTE;
    if (m->first[KH_HDR_RECORDROUTE] != KH_NO_HDR) f |= KH_F_RECORD_ROUTE;
    if (m->first[KH_HDR_CONTACT] != KH_NO_HDR) f |= KH_F_CONTACT;
    if (m->first[KH_HDR_MAXFORWARDS] != KH_NO_HDR) f |= KH_F_MAXFWD;
    if (m->first[KH_HDR_PATH] != KH_NO_HDR) f |= KH_F_PATH;
    if (m->n_via == 2) f |= KH_F_VIA2;
    if (m->n_via && m->via1.flags & KH_VIA_RPORT) f |= KH_F_RPORT;
    if (m->body.len) f |= KH_F_BODY;
    if (m->content_length >= 0) f |= KH_F_CLEN;
    if (m->expires >= 0) f |= KH_F_EXPIRES;
    if (m->first[KH_HDR_AUTHORIZATION] != KH_NO_HDR || m->first[KH_HDR_PROXYAUTH] != KH_NO_HDR) f |= KH_F_AUTH;
    if (m->bad) f |= m->bad & KH_BAD_VITAL ? KH_F_BAD | KH_F_MALFORMED : KH_F_BAD;
    if (KH_UNLIKELY(m->fline_flags != KH_FLINE_SIP)) f |= KH_F_HTTP;
    return f;
}

static int64_t of_address(const kh_nameaddr *a, int part) {
    if (!a->body.len) return -1;
    switch (part) {
        case 0: return pack(a->body);
        case 1: return some(a->display);
        case 2: return pack(a->uri);
        case 3: return some(a->tag);
        default: return some(a->params);
    }
}

static int64_t of_via(const kh_via *v, int field) {
    switch (field) {
        case KH_FLD_VIA1: case KH_FLD_VIA2: return pack(v->body);
        case KH_FLD_VIA1_HOST: case KH_FLD_VIA2_HOST: return pack(v->host);
        case KH_FLD_VIA1_BRANCH: case KH_FLD_VIA2_BRANCH: return some(v->branch);
        case KH_FLD_VIA1_RECEIVED: return some(v->received);
        case KH_FLD_VIA1_RPORT: return some(v->rport);
        default: return some(v->params);
    }
}

int64_t kh_msg_field(const kh_msg *m, int field) {
    switch (field) {
        case KH_FLD_METHOD: return some(m->method_s);
        case KH_FLD_URI: return some(m->uri);
        case KH_FLD_VERSION: return some(m->version);
        case KH_FLD_STATUS: return some(m->status_s);
        case KH_FLD_REASON: return m->type == KH_REPLY ? pack(m->reason) : -1;
        case KH_FLD_BODY: return some(m->body);
        case KH_FLD_CALLID: return some(m->callid);
        case KH_FLD_CSEQ_METHOD: return some(m->cseq_method);
        case KH_FLD_FROM: return of_address(&m->from, 0);
        case KH_FLD_FROM_DISPLAY: return of_address(&m->from, 1);
        case KH_FLD_FROM_URI: return of_address(&m->from, 2);
        case KH_FLD_FROM_TAG: return of_address(&m->from, 3);
        case KH_FLD_FROM_PARAMS: return of_address(&m->from, 4);
        case KH_FLD_TO: return of_address(&m->to, 0);
        case KH_FLD_TO_DISPLAY: return of_address(&m->to, 1);
        case KH_FLD_TO_URI: return of_address(&m->to, 2);
        case KH_FLD_TO_TAG: return of_address(&m->to, 3);
        case KH_FLD_TO_PARAMS: return of_address(&m->to, 4);
        case KH_FLD_CONTACT: return of_address(&m->contact, 0);
        case KH_FLD_CONTACT_DISPLAY: return of_address(&m->contact, 1);
        case KH_FLD_CONTACT_URI: return of_address(&m->contact, 2);
        case KH_FLD_CONTACT_PARAMS: return of_address(&m->contact, 4);
        case KH_FLD_ROUTE: return of_address(&m->route, 0);
        case KH_FLD_ROUTE_URI: return of_address(&m->route, 2);
        case KH_FLD_RR: return of_address(&m->rr, 0);
        case KH_FLD_RR_URI: return of_address(&m->rr, 2);
        case KH_FLD_HEADERS: return pack(kh_span_of(m->fline_len, m->eoh));
    }
    if (field >= KH_FLD_VIA1 && field <= KH_FLD_VIA1_PARAMS) return m->n_via ? of_via(&m->via1, field) : -1;
    if (field >= KH_FLD_VIA2 && field <= KH_FLD_VIA2_BRANCH) return m->n_via == 2 ? of_via(&m->via2, field) : -1;
    return -1;
}

/* KH_HDR_OTHER has no chain of its own; with it only kh_msg_hdr_find makes sense. */
int kh_msg_hdr_count(const kh_msg *m, int type) {
    int n = 0;
    if (type <= KH_HDR_OTHER || type >= KH_HDR_TYPES) return 0;
    for (uint8_t i = m->first[type]; i != KH_NO_HDR; i = m->hdr[i].next) n++;
    return n;
}

static int64_t body_of(const kh_msg *m, int number) {
    return number < 0 ? -1 : (int64_t)m->hdr[number].body_off << 16 | m->hdr[number].body_len;
}

static int number_of_type(const kh_msg *m, int type, int index) {
    if (type <= KH_HDR_OTHER || type >= KH_HDR_TYPES) return -1;
    if (index < 0 && (index += kh_msg_hdr_count(m, type)) < 0) return -1;
    uint8_t i = m->first[type];
    while (i != KH_NO_HDR && index-- > 0) i = m->hdr[i].next;
    return i == KH_NO_HDR ? -1 : i;
}

int64_t kh_msg_hdr(const kh_msg *m, int type, int index) { return body_of(m, number_of_type(m, type, index)); }

static bool same_name(const char *a, const char *b, uint32_t len) {
    for (uint32_t i = 0; i < len; i++)
        if (a[i] != b[i] && (!kh_is(a[i], KH_C_ALPHA) || (a[i] | 0x20) != (b[i] | 0x20))) return false;
    return true;
}

int kh_msg_hdr_find(const kh_msg *m, const char *name, uint32_t name_len, int after) {
    int type = kh_hdr_classify(name, name_len);
    for (int i = after + 1; i < m->n_hdr; i++) {
        const kh_hdr *h = &m->hdr[i];
        if (h->type != type) continue;
        if (type != KH_HDR_OTHER || (h->name_len == name_len && same_name(m->buf + h->off, name, name_len))) return i;
    }
    return -1;
}

int kh_msg_hdr_number(const kh_msg *m, const char *name, uint32_t name_len, int index) {
    int type = kh_hdr_classify(name, name_len);
    if (type != KH_HDR_OTHER) return number_of_type(m, type, index);
    int i = -1;
    if (index < 0) {
        while ((i = kh_msg_hdr_find(m, name, name_len, i)) >= 0) index++;
        if (index < 0) return -1;
    }
    do i = kh_msg_hdr_find(m, name, name_len, i);
    while (i >= 0 && index-- > 0);
    return i;
}

int64_t kh_msg_hdr_name(const kh_msg *m, const char *name, uint32_t name_len, int index) {
    return body_of(m, kh_msg_hdr_number(m, name, name_len, index));
}
