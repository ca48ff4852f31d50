#include "nameaddr.h"

#include "chars.h"
#include "lenient.h"

/* name and value as the grammar has them: a host may be an IPv6 address, with or without brackets. */
static bool is_generic(const char *buf, const kh_param *p) {
    uint32_t at = p->name.off, end = at + p->name.len;
    if (kh_skip(buf, at, end, KH_C_TOKEN) != end) return false;
    if (!p->value.off) return true;
    at = p->value.off;
    end = at + p->value.len;
    if (at == end) return false;
    if (buf[at] == '"') return true;
    while (at < end && (kh_is(buf[at], KH_C_TOKEN) || buf[at] == ':' || buf[at] == '[' || buf[at] == ']')) at++;
    return at == end;
}

/*   generic-param = token [ EQUAL gen-value ]     gen-value = token / host / quoted-string     RFC 3261 25.1
 *
 * Leniencies: KH_LAX_PARAM_CHARS (then a name may be anything up to a delimiter, a value any but ; , LWS and quotes),
 * KH_LAX_EMPTY_PARAMS. */
int kh_param_next(kh_param *p, const char *buf, uint32_t off, uint32_t end) {
    if (end > KH_MSG_MAX) return KH_ETOOBIG;
    uint32_t start = off;
    for (;;) {
        off = kh_skip_lws(buf, off, end);
        if (off >= end) return KH_LIKELY(off == start) || kh_lax(KH_LAX_EMPTY_PARAMS) ? KH_ENOTFOUND : KH_EMALFORMED;
        if (buf[off] != ';') break;
        if (!kh_lax(KH_LAX_EMPTY_PARAMS)) return KH_EMALFORMED;
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
        if (buf[off] != ';' && buf[off] != ',') return KH_EMALFORMED; /* something between a value and its delimiter */
        if (buf[off] == ';' && KH_UNLIKELY(++off == end) && !kh_lax(KH_LAX_EMPTY_PARAMS)) return KH_EMALFORMED;
    }
    if (KH_UNLIKELY(!kh_lax(KH_LAX_PARAM_CHARS)) && !is_generic(buf, &out)) return KH_EMALFORMED;
    *p = out;
    return (int)off;
}

/*   generic-param *( SEMI generic-param )      RFC 3261 25.1, up to a comma */
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

/*   scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )      followed by ":"; any token here      RFC 3261 25.1 */
static bool has_scheme(const char *buf, uint32_t p, uint32_t end) {
    if (p >= end || !kh_is(buf[p], KH_C_ALPHA)) return false;
    while (p < end && kh_is(buf[p], KH_C_TOKEN)) p++;
    return p < end && buf[p] == ':';
}

/*   *( SEMI generic-param ) after the address, up to a comma or the end      RFC 3261 25.1
 *
 * Returns where it stopped. Leniencies: KH_LAX_REPEATED_PARAMS for the tag, and those of kh_param_next. */
static int parse_params(kh_nameaddr *a, const char *buf, uint32_t off, uint32_t end) {
    off = kh_skip_lws(buf, off, end);
    if (off >= end || buf[off] == ',') return (int)off;
    if (buf[off] != ';') return KH_EMALFORMED;
    uint32_t start = ++off;
    if (KH_UNLIKELY(off == end) && !kh_lax(KH_LAX_EMPTY_PARAMS)) return KH_EMALFORMED;
    while (off < end && buf[off] != ',') {
        kh_param p;
        int next = kh_param_next(&p, buf, off, end);
        if (next == KH_ENOTFOUND) {
            off = end;
            break;
        }
        if (next < 0) return next;
        if (p.name.len == 3 && kh_case_eq(buf + p.name.off, "tag", 3)) {
            if (!a->tag.len) a->tag = p.value;
            else if (!kh_lax(KH_LAX_REPEATED_PARAMS)) return KH_EMALFORMED;
        }
        off = (uint32_t)next;
    }
    a->params = kh_span_of(start, kh_trim(buf, start, off));
    return (int)off;
}

/*   name-addr = [ display-name ] LAQUOT addr-spec RAQUOT      RFC 3261 25.1
 *
 * p stands on '<', whose match is found here. Returns the offset after '>'. Leniency: KH_LAX_URI_BLANKS. */
static int parse_brackets(kh_nameaddr *a, const char *buf, uint32_t p, uint32_t end) {
    const char *gt = memchr(buf + p, '>', end - p);
    if (!gt) return KH_EMALFORMED;
    uint32_t from = kh_skip_lws(buf, p + 1, (uint32_t)(gt - buf));
    uint32_t to = kh_trim(buf, from, (uint32_t)(gt - buf));
    if (KH_UNLIKELY(from != p + 1 || to != (uint32_t)(gt - buf)) && !kh_lax(KH_LAX_URI_BLANKS)) return KH_EMALFORMED;
    if (!has_scheme(buf, from, to)) return KH_EMALFORMED;
    a->uri = kh_span_of(from, to);
    return (int)(gt - buf) + 1;
}

/*   ( name-addr / addr-spec ) *( SEMI generic-param )      display-name = *( token LWS ) / quoted-string
 *                                                                                            RFC 3261 25.1
 *
 * An addr-spec without brackets ends at the first ";" or "," (RFC 3261 20). Leniency: KH_LAX_DISPLAY_CHARS. */
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
        if (!a.display.len && off > start) {
            a.display = kh_span_of(start, kh_trim(buf, start, off));
            if (!kh_lax(KH_LAX_DISPLAY_CHARS) && kh_skip(buf, start, off, KH_C_TOKEN | KH_C_LWS) != off)
                return KH_EMALFORMED;
        }
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
