/* The headers that every request and reply needs, parsed right after the index is made: of SIP all that routing looks
 * at, of HTTP the length of the body. */
#include "chars.h"
#include "lenient.h"
#include "msg_parts.h"

/* The first header of a type, NULL when there is none. */
static inline const kh_hdr *first(const kh_msg *m, int type) {
    return m->first[type] == KH_NO_HDR ? NULL : &m->hdr[m->first[type]];
}

/* The only header of a type: NULL, and `bit` set, when it is missing or repeated. */
static inline const kh_hdr *single(kh_msg *m, int type, uint32_t bit) {
    const kh_hdr *h = first(m, type);
    if (KH_UNLIKELY(!h || h->next != KH_NO_HDR) && !(h && kh_lax(KH_LAX_REPEATED_HEADERS))) m->bad |= bit;
    return h;
}

/* The top Via is malformed: if its beginning at least can be read, the sender can be told (RFC 4475 3.1.2). */
static void salvage_via(kh_msg *m, const kh_hdr *h) {
    uint32_t p = h->body_off, end = p + h->body_len;
    while (p < end && m->buf[p] != ';' && m->buf[p] != ',') p++;
    m->n_via = kh_via_next(&m->via1, m->buf, h->body_off, p) >= 0;
    m->bad |= KH_BAD_VIA;
}

/*   Via = ( "Via" / "v" ) HCOLON via-parm *( COMMA via-parm )      RFC 3261 25.1
 *
 * The two topmost values, wherever they stand. */
static void parse_vias(kh_msg *m) {
    const kh_hdr *h = first(m, KH_HDR_VIA);
    m->n_via = 0;
    if (!h) {
        m->bad |= KH_BAD_VIA;
        return;
    }
    m->via1.hdr = m->first[KH_HDR_VIA];
    int end = h->body_off + h->body_len, next = kh_via_next(&m->via1, m->buf, h->body_off, (uint32_t)end);
    if (next < 0) {
        salvage_via(m, h);
        return;
    }
    if (m->via1.flags & KH_VIA_VERSION) m->bad |= KH_BAD_VIA;
    m->n_via = 1;
    if (next == end) { /* no comma: the second Via is in the next header */
        if (h->next == KH_NO_HDR) return;
        m->via2.hdr = h->next;
        h = &m->hdr[h->next];
        next = h->body_off;
        end = h->body_off + h->body_len;
    } else {
        m->via2.hdr = m->via1.hdr;
    }
    if (kh_via_next(&m->via2, m->buf, (uint32_t)next, (uint32_t)end) < 0) m->bad |= KH_BAD_VIA2;
    else m->n_via = 2;
}

/*   From = ( "From" / "f" ) HCOLON from-spec      from-spec = ( name-addr / addr-spec ) *( SEMI from-param )
 *   To = ( "To" / "t" ) HCOLON ( name-addr / addr-spec ) *( SEMI to-param )      RFC 3261 25.1
 *
 * Exactly one header with one value. Leniency: KH_LAX_REPEATED_HEADERS. */
static void parse_party(kh_msg *m, int type, kh_nameaddr *a, uint32_t bit) {
    const kh_hdr *h = single(m, type, bit);
    *a = (kh_nameaddr){0};
    if (!h) return;
    uint32_t end = h->body_off + h->body_len;
    if (kh_nameaddr_next(a, m->buf, h->body_off, end) != (int)end) m->bad |= bit;
}

/*   CSeq = "CSeq" HCOLON 1*DIGIT LWS Method      RFC 3261 25.1; below 2^31 (8.1.1.5)
 *
 * Leniency: KH_LAX_REPEATED_HEADERS. */
static void parse_cseq(kh_msg *m) {
    const kh_hdr *h = single(m, KH_HDR_CSEQ, KH_BAD_CSEQ);
    m->cseq_num = 0;
    m->cseq_method_id = KH_M_UNDEF;
    m->cseq_method = (kh_span){0, 0};
    if (!h) return;
    uint32_t p = h->body_off, end = p + h->body_len;
    uint32_t q = kh_skip(m->buf, p, end, KH_C_DIGIT), name = kh_skip_lws(m->buf, q, end);
    int64_t n = kh_number(m->buf, p, q, INT32_MAX);
    if (n < 0 || name == q || name == end || kh_skip(m->buf, name, end, KH_C_TOKEN) != end) {
        m->bad |= KH_BAD_CSEQ;
        return;
    }
    m->cseq_num = (uint32_t)n;
    m->cseq_method = kh_span_of(name, end);
    if (m->type == KH_REPLY) {
        m->method = m->cseq_method_id = kh_method_id(m->buf + name, end - name);
    } else if (end - name == m->method_s.len && memcmp(m->buf + name, m->buf + m->method_s.off, end - name) == 0) {
        m->cseq_method_id = m->method;
    } else {
        m->cseq_method_id = kh_method_id(m->buf + name, end - name);
        m->bad |= KH_BAD_METHOD;
    }
}

/*   Call-ID = ( "Call-ID" / "i" ) HCOLON callid      callid = word [ "@" word ]      RFC 3261 25.1
 *
 * Compared byte by byte and passed on, so anything that is not empty will do. Leniency: KH_LAX_REPEATED_HEADERS. */
static void parse_callid(kh_msg *m) {
    const kh_hdr *h = single(m, KH_HDR_CALLID, KH_BAD_CALLID);
    m->callid = h ? (kh_span){h->body_off, h->body_len} : (kh_span){0, 0};
    if (!m->callid.len) m->bad |= KH_BAD_CALLID;
}

/*   Max-Forwards = "Max-Forwards" HCOLON 1*DIGIT      Expires = "Expires" HCOLON delta-seconds
 *   Content-Length = ( "Content-Length" / "l" ) HCOLON 1*DIGIT      RFC 3261 25.1
 *
 * -1 when there is none or it is malformed. */
static int64_t parse_number(kh_msg *m, int type, int64_t max, uint32_t bit) {
    const kh_hdr *h = first(m, type);
    if (!h) return -1;
    int64_t n = kh_number(m->buf, h->body_off, (uint32_t)h->body_off + h->body_len, max);
    if (n >= 0) return n;
    m->bad |= bit;
    return -1;
}

/* The body: what Content-Length says when it can be true, else what is left (RFC 3261 18.3). */
static void frame_body(kh_msg *m) {
    uint32_t start = m->eoh, end = m->len;
    if (start < end) start += m->buf[start] == '\r' ? 2 : 1;
    int64_t n = parse_number(m, KH_HDR_CONTENTLENGTH, INT32_MAX, KH_BAD_CLEN);
    m->content_length = (int32_t)n;
    if (n > (int64_t)(end - start)) m->bad |= KH_BAD_CLEN;
    else if (n >= 0) end = start + (uint32_t)n;
    m->body = kh_span_of(start, end);
    if (m->first[KH_HDR_CONTENTLENGTH] == KH_NO_HDR) return;
    for (uint8_t i = m->hdr[m->first[KH_HDR_CONTENTLENGTH]].next; i != KH_NO_HDR; i = m->hdr[i].next) {
        uint32_t off = m->hdr[i].body_off;
        bool same = kh_number(m->buf, off, off + m->hdr[i].body_len, INT32_MAX) == n;
        if (!same || !kh_lax(KH_LAX_SAME_LENGTH)) m->bad |= KH_BAD_CLEN;
    }
}

/*   Route = "Route" HCOLON route-param *( COMMA route-param )      Record-Route likewise      RFC 3261 25.1
 *
 * The first value of a list of addresses. */
static void parse_first(kh_msg *m, int type, kh_nameaddr *a, uint32_t bit) {
    const kh_hdr *h = first(m, type);
    *a = (kh_nameaddr){0};
    if (h && kh_nameaddr_next(a, m->buf, h->body_off, (uint32_t)h->body_off + h->body_len) < 0) m->bad |= bit;
}

/*   Contact = ( "Contact" / "m" ) HCOLON ( STAR / ( contact-param *( COMMA contact-param ) ) )      RFC 3261 25.1 */
static void parse_contact(kh_msg *m) {
    const kh_hdr *h = first(m, KH_HDR_CONTACT);
    m->star = h && h->body_len == 1 && m->buf[h->body_off] == '*';
    m->contact = (kh_nameaddr){0};
    if (h && !m->star) parse_first(m, KH_HDR_CONTACT, &m->contact, KH_BAD_CONTACT);
}

/*   Request-URI = SIP-URI / SIPS-URI / absoluteURI      RFC 3261 25.1; without headers (19.1.1) */
static void parse_ruri(kh_msg *m) {
    if (m->type != KH_REQUEST) m->ruri.type = KH_URI_ERROR;
    else if (kh_uri_parse(&m->ruri, m->buf + m->uri.off, m->uri.len) < 0 || m->ruri.headers.len) m->bad |= KH_BAD_URI;
}

void kh_parse_http(kh_msg *m) {
    m->ruri.type = KH_URI_ERROR;
    m->n_via = m->star = 0;
    m->from.body.len = m->from.tag.len = m->to.body.len = m->to.tag.len = 0;
    m->contact.body.len = m->route.body.len = m->rr.body.len = 0;
    m->callid = m->cseq_method = (kh_span){0, 0};
    m->cseq_num = 0;
    m->cseq_method_id = KH_M_UNDEF;
    m->maxfwd = -1;
    m->expires = -1; /* a date there, not seconds */
    frame_body(m);
    /* a request without a length has no body: what follows is the next one */
    if (m->type == KH_REQUEST && m->first[KH_HDR_CONTENTLENGTH] == KH_NO_HDR) m->body.len = 0;
}

void kh_parse_hot(kh_msg *m) {
    parse_ruri(m);
    parse_vias(m);
    parse_party(m, KH_HDR_FROM, &m->from, KH_BAD_FROM);
    parse_party(m, KH_HDR_TO, &m->to, KH_BAD_TO);
    parse_cseq(m);
    parse_callid(m);
    m->maxfwd = (int32_t)parse_number(m, KH_HDR_MAXFORWARDS, INT32_MAX, KH_BAD_MAXFWD);
    if (KH_UNLIKELY(m->maxfwd > 255) && !kh_lax(KH_LAX_BIG_MAXFWD)) m->bad |= KH_BAD_MAXFWD;
    m->expires = parse_number(m, KH_HDR_EXPIRES, UINT32_MAX, KH_BAD_EXPIRES);
    frame_body(m);
    parse_contact(m);
    parse_first(m, KH_HDR_ROUTE, &m->route, KH_BAD_ROUTE);
    parse_first(m, KH_HDR_RECORDROUTE, &m->rr, KH_BAD_RR);
}
