/* Order of work: first line (fline.c), header index (this file), hot headers (hot.c). */
#include "msg.h"

#include <string.h>

#include "chars.h"
#include "lenient.h"
#include "msg_parts.h"
#include "scan.h"

/* The rest of a name that did not end at a colon: characters that the administrator allows, blanks before the colon. */
static __attribute__((noinline, cold)) uint32_t odd_name_end(const char *buf, uint32_t q, uint32_t end, uint32_t *colon) {
    while (q < end && (kh_is(buf[q], KH_C_TOKEN) || kh_name_extra[(uint8_t)buf[q]])) q++;
    uint32_t c = q;
    while (c < end && (buf[c] == ' ' || buf[c] == '\t')) c++;
    *colon = c;
    return c < end && buf[c] == ':' ? q : 0;
}

/*   message-header = header-name HCOLON header-value CRLF      header-name = token      RFC 3261 25.1
 *   HCOLON = *( SP / HTAB ) ":" SWS
 *
 * The name of the header line at p: its end, or 0 when the line is no header. */
static inline uint32_t name_end(const char *buf, uint32_t p, uint32_t end, uint32_t *colon) {
    uint32_t q = kh_skip(buf, p, end, KH_C_TOKEN);
    *colon = q;
    if (KH_UNLIKELY(q >= end || buf[q] != ':')) q = odd_name_end(buf, q, end, colon);
    return KH_UNLIKELY(q <= p || q - p > 255) ? 0 : q;
}

/* Adds one line [p, end) to the index; `last` is the latest header of each type. */
static inline void add_header(kh_msg *m, uint8_t *last, uint32_t p, uint32_t end) {
    const char *buf = m->buf;
    uint32_t colon = 0, name = name_end(buf, p, end, &colon);
    if (KH_UNLIKELY(!name)) {
        m->bad |= kh_lax(KH_LAX_LINE_WITHOUT_COLON) ? KH_BAD_HEADER : KH_BAD_HEADER | KH_BAD_STRICT;
        return;
    }
    if (KH_UNLIKELY(m->n_hdr == KH_MAX_HDRS)) {
        m->bad |= KH_BAD_TOO_MANY;
        return;
    }
    uint32_t body = kh_skip_lws(buf, colon + 1, end);
    uint8_t number = m->n_hdr++;
    kh_hdr *h = &m->hdr[number];
    h->type = (uint8_t)kh_hdr_classify(buf + p, name - p);
    h->next = KH_NO_HDR;
    h->name_len = (uint8_t)(name - p);
    h->pad = 0;
    h->off = (uint16_t)p;
    h->len = (uint16_t)(end - p);
    h->body_off = (uint16_t)body;
    h->body_len = (uint16_t)(kh_trim(buf, body, end) - body);
    if (h->type == KH_HDR_OTHER) {
        if (m->first[KH_HDR_OTHER] == KH_NO_HDR) m->first[KH_HDR_OTHER] = number;
        return;
    }
    if (m->first[h->type] == KH_NO_HDR) m->first[h->type] = number;
    else m->hdr[last[h->type]].next = number;
    last[h->type] = number;
}

/*   *( message-header ) CRLF      a line that begins with SP or HTAB continues the one before      RFC 3261 7.3.1 */
static void index_headers(kh_msg *m, uint32_t p) {
    const char *buf = m->buf;
    uint32_t end = m->len;
    uint8_t last[KH_HDR_TYPES];
    while (p < end) {
        if (buf[p] == '\n' || (buf[p] == '\r' && p + 1 < end && buf[p + 1] == '\n')) {
            m->eoh = (uint16_t)p;
            return;
        }
        uint32_t q = p;
        do { /* a line that begins with a blank continues the one before */
            q = kh_scan_lf(buf, q, end);
            if (KH_UNLIKELY(q >= end)) { /* cut off inside a line */
                m->bad |= KH_BAD_EOH;
                m->eoh = (uint16_t)end;
                return;
            }
            q++;
        } while (q < end && KH_UNLIKELY(buf[q] == ' ' || buf[q] == '\t'));
        add_header(m, last, p, q);
        p = q;
    }
    m->bad |= KH_BAD_EOH;
    m->eoh = (uint16_t)end;
}

/* With KH_LAX_BARE_LF off: each line of the head ends in CRLF. */
static void refuse_bare_lf(kh_msg *m) {
    uint32_t end = m->eoh < m->len && m->buf[m->eoh] == '\n' ? m->eoh + 1u : m->eoh;
    for (uint32_t p = kh_scan_lf(m->buf, 0, end); p < end; p = kh_scan_lf(m->buf, p + 1, end))
        if (!p || m->buf[p - 1] != '\r') m->bad |= KH_BAD_STRICT;
}

int kh_msg_index(kh_msg *m, const char *buf, uint32_t len) {
    if (len > KH_MSG_MAX) return KH_ETOOBIG;
    m->buf = buf;
    m->len = len;
    m->bad = 0;
    m->seen = 0;
    m->n_hdr = 0;
    m->eoh = (uint16_t)len;
    memset(m->first, KH_NO_HDR, sizeof(m->first));
    int after = kh_parse_fline(m);
    if (after < 0) return after;
    index_headers(m, (uint32_t)after);
    if (!kh_lax(KH_LAX_BARE_LF)) refuse_bare_lf(m);
    return KH_OK;
}

/*   SIP-message = Request / Response      Request = Request-Line *( message-header ) CRLF [ message-body ]
 *                                                                                            RFC 3261 7, 25.1 */
int kh_msg_parse(kh_msg *m, const char *buf, uint32_t len) {
    int rc = kh_msg_index(m, buf, len);
    if (rc < 0) { /* who looks at it nevertheless (event routes) finds nothing of the message before */
        memset(&m->type, 0, offsetof(kh_msg, first) - offsetof(kh_msg, type));
        m->type = KH_MSG_INVALID;
        return rc;
    }
    if (KH_LIKELY(m->fline_flags == KH_FLINE_SIP)) kh_parse_hot(m);
    else kh_parse_http(m);
    return KH_OK;
}

uint32_t kh_msg_size(const kh_msg *m) { return (uint32_t)(offsetof(kh_msg, hdr) + m->n_hdr * sizeof(kh_hdr)); }
