/* Request-Line = Method SP Request-URI SP SIP-Version CRLF        RFC 3261 7.1
 * Status-Line  = SIP-Version SP Status-Code SP Reason-Phrase CRLF RFC 3261 7.2
 * HTTP has the same lines with a version of its own               RFC 9112 3, 4
 *
 * A line that is recognisably SIP but not as the grammar wants it is taken apart as well as it goes and marked
 * KH_BAD_FLINE, so that the sender can be told.
 */
#include "chars.h"
#include "lenient.h"
#include "msg_parts.h"
#include "scan.h"

/*   Method = INVITEm / ACKm / ... / extension-method      extension-method = token      RFC 3261 25.1, case-sensitive */
uint32_t kh_method_id(const char *s, uint32_t len) {
    static const struct { const char *name; uint32_t id; } methods[][4] = {
        [3] = {{"ACK", KH_M_ACK}, {"BYE", KH_M_BYE}, {"GET", KH_M_GET}, {"PUT", KH_M_PUT}},
        [4] = {{"INFO", KH_M_INFO}, {"KDMQ", KH_M_KDMQ}, {"POST", KH_M_POST}},
        [5] = {{"PRACK", KH_M_PRACK}, {"REFER", KH_M_REFER}},
        [6] = {{"INVITE", KH_M_INVITE}, {"CANCEL", KH_M_CANCEL}, {"NOTIFY", KH_M_NOTIFY}, {"UPDATE", KH_M_UPDATE}},
        [7] = {{"OPTIONS", KH_M_OPTIONS}, {"MESSAGE", KH_M_MESSAGE}, {"PUBLISH", KH_M_PUBLISH}},
        [8] = {{"REGISTER", KH_M_REGISTER}},
        [9] = {{"SUBSCRIBE", KH_M_SUBSCRIBE}},
    };
    if (len == 0) return KH_M_UNDEF;
    if (len < 10)
        for (unsigned i = 0; i < 4 && methods[len][i].name; i++)
            if (memcmp(s, methods[len][i].name, len) == 0) return methods[len][i].id;
    if (len == 6 && memcmp(s, "DELETE", 6) == 0) return KH_M_DELETE;
    return KH_M_OTHER;
}

/*   SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT      RFC 3261 25.1; HTTP-version likewise (RFC 9112 2.3)
 *
 * Whose it is (enum kh_fline_flags), 0: nobody's. */
static uint8_t protocol_of(const char *s, uint32_t len) {
    if (len >= 5 && kh_case_eq(s, "sip/", 4)) return KH_FLINE_SIP;
    if (len >= 6 && kh_case_eq(s, "http/", 5)) return s[5] == '2' ? KH_FLINE_HTTP2 : KH_FLINE_HTTP;
    return 0;
}

static bool is_known_version(const kh_msg *m) {
    const char *s = m->buf + m->version.off;
    if (m->fline_flags == KH_FLINE_SIP) return m->version.len == 7 && memcmp(s + 4, "2.0", 3) == 0;
    if (m->fline_flags == KH_FLINE_HTTP2) return m->version.len == 8 && memcmp(s + 5, "2.0", 3) == 0;
    return m->version.len == 8 && (memcmp(s + 5, "1.1", 3) == 0 || memcmp(s + 5, "1.0", 3) == 0);
}

/*   Request-Line = Method SP Request-URI SP SIP-Version CRLF      RFC 3261 7.1 */
static void parse_request(kh_msg *m, uint32_t p, uint32_t end) {
    const char *buf = m->buf;
    uint32_t q = kh_skip(buf, p, end, KH_C_TOKEN);
    m->type = KH_REQUEST;
    m->status = 0;
    m->status_s = m->reason = (kh_span){0, 0};
    m->method_s = kh_span_of(p, q);
    m->method = kh_method_id(buf + p, q - p);

    uint32_t last = kh_trim(buf, q, end); /* blanks at the end of the line are passed over and marked */
    uint32_t version = last;
    while (version > q && !kh_is(buf[version - 1], KH_C_LWS)) version--;
    m->version = kh_span_of(version, last);
    uint32_t uri = kh_skip_lws(buf, q, version), uri_end = kh_trim(buf, uri, version);
    m->uri = kh_span_of(uri, uri_end);
    if (uri != q + 1 || uri_end + 1 != version || uri == uri_end || last != end || buf[uri] == '<' ||
        kh_skip_until(buf, uri, uri_end, KH_C_LWS) != uri_end)
        m->bad |= KH_BAD_FLINE;
    if (!is_known_version(m)) m->bad |= KH_BAD_VERSION;
}

/*   Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF      Status-Code = 3DIGIT      RFC 3261 7.2
 *
 * Leniency: KH_LAX_NO_REASON_BLANK. */
static void parse_reply(kh_msg *m, uint32_t p, uint32_t end) {
    const char *buf = m->buf;
    uint32_t q = kh_skip_until(buf, p, end, KH_C_LWS);
    m->type = KH_REPLY;
    m->method_s = m->uri = (kh_span){0, 0};
    m->method = KH_M_UNDEF; /* known when CSeq is */
    m->version = kh_span_of(p, q);
    if (!is_known_version(m)) m->bad |= KH_BAD_VERSION;
    uint32_t code = kh_skip_lws(buf, q, end), code_end = kh_skip_until(buf, code, end, KH_C_LWS);
    int64_t n = kh_number(buf, code, code_end, 699);
    m->status_s = kh_span_of(code, code_end);
    m->status = n >= 100 && code_end - code == 3 ? (uint16_t)n : 0;
    if (!m->status || code != q + 1) m->bad |= KH_BAD_FLINE;
    if (KH_UNLIKELY(code_end == end) && !kh_lax(KH_LAX_NO_REASON_BLANK)) m->bad |= KH_BAD_FLINE;
    uint32_t reason = code_end < end ? code_end + 1 : code_end;
    m->reason = kh_span_of(reason, end);
}

/* The mark of a request line is the version at its end: whose it is, 0 when the line is none. */
static uint8_t request_protocol(const char *buf, uint32_t p, uint32_t end) {
    uint32_t e = kh_trim(buf, p, end), v = e;
    while (v > p && !kh_is(buf[v - 1], KH_C_LWS)) v--;
    return v > p && kh_is(buf[p], KH_C_TOKEN) ? protocol_of(buf + v, e - v) : 0;
}

/*   *CRLF ( Request-Line / Status-Line )      RFC 3261 7, 7.5 */
int kh_parse_fline(kh_msg *m) {
    const char *buf = m->buf;
    uint32_t p = 0;
    while (p < m->len && (buf[p] == '\r' || buf[p] == '\n')) p++; /* RFC 3261 7.5: ignore CRLF before the start-line */
    uint32_t lf = kh_scan_lf(buf, p, m->len);
    if (lf >= m->len) return KH_EMALFORMED;
    uint32_t end = lf > p && buf[lf - 1] == '\r' ? lf - 1 : lf;
    if ((m->fline_flags = protocol_of(buf + p, end - p)) != 0) parse_reply(m, p, end);
    else if ((m->fline_flags = request_protocol(buf, p, end)) != 0) parse_request(m, p, end);
    else return KH_EMALFORMED;
    m->fline_len = (uint16_t)(lf + 1);
    return (int)lf + 1;
}
