#include "frame.h"

#include "chars.h"
#include "scan.h"

uint32_t kh_frame_blanks(kh_frame *f, const char *s, uint32_t len, uint32_t *pings) {
    uint32_t i = 0;
    for (; i < len && (s[i] == '\r' || s[i] == '\n' || !s[i]); i++) {
        if (s[i] != "\r\n"[f->blanks & 1]) {
            f->blanks = s[i] == '\r';
        } else if (++f->blanks == 4) {
            f->blanks = 0;
            ++*pings;
        }
    }
    if (i < len) f->blanks = 0;
    return i;
}

/* First byte behind the empty line, 0 when it is not there yet. f->looked: up to where there is none. */
static uint32_t end_of_headers(kh_frame *f, const char *s, uint32_t len) {
    for (uint32_t at = f->looked, lf; (lf = kh_scan_lf(s, at, len)) < len; at = lf + 1) {
        f->looked = lf; /* the line end is looked at again: what follows may not be here yet */
        if (lf + 1 < len && s[lf + 1] == '\n') return lf + 2;
        if (lf + 2 < len && s[lf + 1] == '\r' && s[lf + 2] == '\n') return lf + 3;
        if (lf + 2 >= len) return 0;
        f->looked = lf + 1;
    }
    f->looked = len;
    return 0;
}

/*   Content-Length = ( "Content-Length" / "l" ) HCOLON 1*DIGIT      RFC 3261 25.1
 *
 * Value of the line [p, end) when it is that, else -1; KH_EMALFORMED. Saturates: what is too big stays too big. */
static int64_t content_length(const char *s, uint32_t p, uint32_t end) {
    uint32_t name_end = kh_skip(s, p, end, KH_C_TOKEN), name_len = name_end - p, at = kh_skip_lws(s, name_end, end);
    if (at == end || s[at] != ':') return -1;
    if (!(name_len == 14 && kh_case_eq(s + p, "content-length", 14)) && !(name_len == 1 && kh_case_eq(s + p, "l", 1)))
        return -1;
    at = kh_skip_lws(s, at + 1, end);
    end = kh_trim(s, at, end);
    int64_t n = 0;
    if (at == end) return KH_EMALFORMED;
    for (; at < end; at++) {
        if (!kh_is(s[at], KH_C_DIGIT)) return KH_EMALFORMED;
        if (n <= KH_MSG_MAX) n = n * 10 + (s[at] - '0');
    }
    return n;
}

/* What the headers [0, end) say; -1: nothing. */
static int64_t body_length(const char *s, uint32_t end) {
    int64_t found = -1;
    uint32_t p = kh_scan_lf(s, 0, end) + 1; /* behind the first line */
    while (p < end) {
        uint32_t next = kh_scan_lf(s, p, end) + 1;
        while (next < end && (s[next] == ' ' || s[next] == '\t')) next = kh_scan_lf(s, next, end) + 1;
        char first = s[p] | 0x20;
        int64_t n = first == 'c' || first == 'l' ? content_length(s, p, next < end ? next : end) : -1;
        if (n == KH_EMALFORMED || (n >= 0 && found >= 0 && n != found)) return KH_EMALFORMED;
        if (n >= 0) found = n;
        p = next;
    }
    return found;
}

/*   The empty line and Content-Length end a message      RFC 3261 7.5, 18.3, 20.14 */
int kh_frame_next(kh_frame *f, const char *s, uint32_t len, uint32_t max, int flags) {
    if (!len) return KH_EINCOMPLETE;
    if (!f->length) {
        if (!kh_is(s[0], KH_C_TOKEN)) return KH_EMALFORMED;
        uint32_t end = end_of_headers(f, s, len);
        if (!end) return len < max ? KH_EINCOMPLETE : KH_ETOOBIG;
        int64_t body = body_length(s, end);
        if (body < 0 && (body == KH_EMALFORMED || !(flags & KH_FRAME_NO_CL))) return KH_EMALFORMED;
        if (end > max || body > (int64_t)(max - end)) return KH_ETOOBIG;
        f->length = end + (body > 0 ? (uint32_t)body : 0);
    }
    return len < f->length ? KH_EINCOMPLETE : (int)f->length;
}
