#include "nameaddr.h"

#include "chars.h"

/*   generic-param = token [ EQUAL gen-value ]     gen-value = token / host / quoted-string     RFC 3261 25.1
 *
 * Leniencies: a value may hold any character but ; , LWS and quotes (IPv6 with or without brackets, URIs in
 * Diversion); an empty parameter (";;") is passed over; a name may be anything up to a delimiter. */
int kh_param_next(kh_param *p, const char *buf, uint32_t off, uint32_t end) {
    if (end > KH_MSG_MAX) return KH_ETOOBIG;
    for (;;) { /* leniency: empty parameters */
        off = kh_skip_lws(buf, off, end);
        if (off >= end) return KH_ENOTFOUND;
        if (buf[off] != ';') break;
        off++;
    }
    uint32_t name = off;
    off = kh_skip_until(buf, off, end, KH_C_PARAM);
    if (off == name) return KH_EMALFORMED;
    kh_param out = {kh_span_of(name, off), {0, 0}};
    off = kh_skip_lws(buf, off, end);
    if (off < end && buf[off] == '=') {
        off = kh_skip_lws(buf, off + 1, end);
        uint32_t value = off;
        if (off < end && buf[off] == '"') {
            int64_t q = kh_skip_quoted(buf, off, end);
            if (q < 0) return KH_EMALFORMED;
            off = (uint32_t)q;
        } else {
            while (off < end && (!kh_is(buf[off], KH_C_PARAM) || buf[off] == '=')) off++;
        }
        out.value = kh_span_of(value, off);
        off = kh_skip_lws(buf, off, end);
    }
    if (off < end) {
        if (buf[off] == ';') off++;
        else if (buf[off] != ',') return KH_EMALFORMED; /* something between a value and its delimiter */
    }
    *p = out;
    return (int)off;
}

int64_t kh_param_find(const char *buf, uint32_t off, uint32_t end, const char *name, uint32_t name_len) {
    kh_param p;
    int next;
    while (off < end && (next = kh_param_next(&p, buf, off, end)) > 0) {
        if (p.name.len == name_len) {
            uint32_t i = 0;
            while (i < name_len && (buf[p.name.off + i] | 0x20) == (name[i] | 0x20)) i++;
            if (i == name_len)
                return p.value.off ? (int64_t)p.value.off << 16 | p.value.len : (int64_t)p.name.off << 16;
        }
        off = (uint32_t)next;
        if (off < end && buf[off] == ',') break;
    }
    return -1;
}

/* addr-spec begins with a scheme: ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) ":" */
static bool has_scheme(const char *buf, uint32_t p, uint32_t end) {
    if (p >= end || !kh_is(buf[p], KH_C_ALPHA)) return false;
    while (p < end && kh_is(buf[p], KH_C_TOKEN)) p++;
    return p < end && buf[p] == ':';
}

/* After the address: parameters up to a comma or the end. Returns where it stopped. */
static int parse_params(kh_nameaddr *a, const char *buf, uint32_t off, uint32_t end) {
    off = kh_skip_lws(buf, off, end);
    if (off >= end || buf[off] == ',') return (int)off;
    if (buf[off] != ';') return KH_EMALFORMED;
    uint32_t start = ++off;
    while (off < end && buf[off] != ',') {
        kh_param p;
        int next = kh_param_next(&p, buf, off, end);
        if (next == KH_ENOTFOUND) {
            off = end;
            break;
        }
        if (next < 0) return next;
        if (p.name.len == 3 && !a->tag.len && kh_case_eq(buf + p.name.off, "tag", 3)) a->tag = p.value;
        off = (uint32_t)next;
    }
    a->params = kh_span_of(start, kh_trim(buf, start, off));
    return (int)off;
}

/* `"display" <uri>` or `display <uri>`: p stands on '<', whose match is found here. Returns the offset after '>'. */
static int parse_brackets(kh_nameaddr *a, const char *buf, uint32_t p, uint32_t end) {
    const char *gt = memchr(buf + p, '>', end - p);
    if (!gt) return KH_EMALFORMED;
    /* leniency: blanks around the URI inside the brackets (RFC 4475 3.1.2.14 lets an element repair it) */
    uint32_t from = kh_skip_lws(buf, p + 1, (uint32_t)(gt - buf));
    uint32_t to = kh_trim(buf, from, (uint32_t)(gt - buf));
    if (!has_scheme(buf, from, to)) return KH_EMALFORMED;
    a->uri = kh_span_of(from, to);
    return (int)(gt - buf) + 1;
}

int kh_nameaddr_next(kh_nameaddr *out, const char *buf, uint32_t off, uint32_t end) {
    if (end > KH_MSG_MAX) return KH_ETOOBIG;
    kh_nameaddr a = {0};
    uint32_t start = off = kh_skip_lws(buf, off, end);
    int after;
    if (off < end && buf[off] == '"') {
        int64_t q = kh_skip_quoted(buf, off, end);
        if (q < 0) return KH_EMALFORMED;
        a.display = kh_span_of(start, (uint32_t)q);
        off = kh_skip_lws(buf, (uint32_t)q, end);
        if (off >= end || buf[off] != '<') return KH_EMALFORMED;
    } else {
        while (off < end && buf[off] != '<' && buf[off] != ',' && buf[off] != ';' && buf[off] != '"') off++;
    }
    if (off < end && buf[off] == '<') {
        /* leniency: an unquoted display name may hold more than tokens (UTF-8, dots, parentheses) */
        if (!a.display.len) a.display = kh_span_of(start, kh_trim(buf, start, off));
        after = parse_brackets(&a, buf, off, end);
    } else {
        uint32_t to = kh_trim(buf, start, off);
        if (!has_scheme(buf, start, to) || kh_skip_until(buf, start, to, KH_C_LWS) != to || buf[to - 1] == '>')
            return KH_EMALFORMED;
        a.uri = kh_span_of(start, to);
        after = (int)off;
    }
    if (after < 0 || (after = parse_params(&a, buf, (uint32_t)after, end)) < 0) return KH_EMALFORMED;
    a.body = kh_span_of(start, kh_trim(buf, start, (uint32_t)after));
    *out = a;
    return (uint32_t)after < end ? after + 1 : (int)end; /* after the comma */
}
