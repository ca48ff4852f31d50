#include "reg.h"

#include <string.h>

#include "chars.h"
#include "lenient.h"
#include "ucontact.h"
#include "uri.h"

static kh_reg_settings settings = {
    .options = KH_REG_GRUU, .default_expires = 3600, .min_expires = 60, .default_q = -1, .contact_max_size = 512,
};

kh_reg_settings *kh_reg_settings_get(void) { return &settings; }

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends [s, s + len) to the key, unescaping %HH (not to a control character) and folding case. */
static uint32_t append_key(char *out, uint32_t n, const char *s, uint32_t len, bool unescape)
{
    bool fold = !(settings.options & KH_REG_CASE_SENSITIVE);
    for (uint32_t i = 0; i < len; i++) {
        char c = s[i];
        if (unescape && c == '%' && i + 2 < len && hex_digit(s[i + 1]) >= 0 && hex_digit(s[i + 2]) >= 0) {
            int code = hex_digit(s[i + 1]) << 4 | hex_digit(s[i + 2]);
            if (code >= 0x20 && code != 0x7f) {
                c = (char)code;
                i += 2;
            }
        }
        if (fold && c >= 'A' && c <= 'Z') c |= 0x20;
        out[n++] = c;
    }
    return n;
}

/* The domain without realm_prefix. */
static kh_span bare_domain(const char *uri, kh_span host)
{
    uint32_t n = settings.realm_prefix_len;
    if (n && host.len > n && !memcmp(uri + host.off, settings.realm_prefix, n))
        return (kh_span){(uint16_t)(host.off + n), (uint16_t)(host.len - n)};
    return host;
}

static int aor_of(const char *uri, uint32_t len, const kh_uri *u, char *out)
{
    if (len + 1 > KH_SHT_KEY_MAX) return KH_ETOOBIG;
    uint32_t n = append_key(out, 0, uri + u->user.off, u->user.len, true);
    if (settings.options & KH_REG_USE_DOMAIN) {
        kh_span domain = bare_domain(uri, u->host);
        out[n++] = '@';
        n = append_key(out, n, uri + domain.off, domain.len, false);
    }
    return (int)n;
}

int kh_reg_aor(const char *uri, uint32_t len, char *out)
{
    kh_uri u;
    if (kh_uri_parse(&u, uri, len) < 0 || u.type == KH_URI_OTHER) return KH_EMALFORMED;
    return aor_of(uri, len, &u, out);
}

/*   qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )      RFC 3261 25.1
 *
 * Leniency: KH_LAX_SHORT_Q. */
int kh_reg_q(const char *s, uint32_t len)
{
    uint32_t i = 0, whole = 0;
    int q = 0;
    if ((!len || s[0] == '.' || len > 5) && !kh_lax(KH_LAX_SHORT_Q)) return KH_EMALFORMED;
    for (; i < len && kh_is(s[i], KH_C_DIGIT); i++)
        if ((whole = whole * 10 + (uint32_t)(s[i] - '0')) > 1) return KH_EMALFORMED;
    if (i < len && s[i++] != '.') return KH_EMALFORMED;
    for (int weight = 100; i < len; i++, weight /= 10) {
        if (!kh_is(s[i], KH_C_DIGIT)) return KH_EMALFORMED;
        q += (s[i] - '0') * weight;
    }
    q += (int)whole * 1000;
    return q <= 1000 ? q : KH_EMALFORMED;
}

/*   Allow = "Allow" HCOLON [ Method *( COMMA Method ) ]      RFC 3261 25.1; methods="..." of a Contact: RFC 3840 9 */
uint32_t kh_reg_methods(const char *s, uint32_t len)
{
    uint32_t bits = 0, p = 0;
    while (p < len) {
        uint32_t from = p = kh_skip_until(s, p, len, KH_C_TOKEN);
        p = kh_skip(s, p, len, KH_C_TOKEN);
        if (p > from) bits |= kh_method_id(s + from, p - from);
    }
    return bits;
}

static uint32_t allowed(const kh_msg *m)
{
    uint32_t bits = 0;
    for (int i = m->first[KH_HDR_ALLOW]; i != KH_NO_HDR; i = m->hdr[i].next)
        bits |= kh_reg_methods(m->buf + m->hdr[i].body_off, m->hdr[i].body_len);
    return m->first[KH_HDR_ALLOW] == KH_NO_HDR ? UINT32_MAX : bits;
}

/* xorshift: spreads re-registrations over time, no secret. */
static uint32_t spread(uint32_t seconds, uint32_t percent)
{
    static uint32_t state;
    if (!percent || percent > 100) return seconds;
    if (!state) state = (uint32_t)kh_ul_now() ^ (uint32_t)(uintptr_t)&state ^ 0x9e3779b9u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    uint64_t reach = (uint64_t)seconds * percent / 100;
    return (uint32_t)(seconds - reach + state % (2 * reach + 1));
}

/* Seconds that a contact asks for: its parameter, the Expires header, the default (RFC 3261 10.2.1.1); a malformed value
 * counts as the default (10.3 step 7). */
static uint32_t wanted_expires(const kh_msg *m, const char *value, uint32_t len, uint32_t flags)
{
    int64_t seconds = len ? kh_number(value, 0, len, UINT32_MAX) : m->expires;
    bool exact = flags & KH_REG_EXACT;
    if (seconds < 0) return spread(settings.default_expires, exact ? 0 : settings.default_range);
    return spread((uint32_t)seconds, exact || !seconds ? 0 : settings.expires_range);
}

static int clamp_expires(uint32_t *seconds)
{
    if (*seconds && *seconds < settings.min_expires) {
        if (settings.options & KH_REG_REJECT_BRIEF) return -KH_REG_BRIEF;
        *seconds = settings.min_expires;
    }
    if (settings.max_expires && *seconds > settings.max_expires) *seconds = settings.max_expires;
    return KH_OK;
}

static bool name_is(const char *buf, kh_span s, const char *lower)
{
    return s.len == strlen(lower) && kh_case_eq(buf + s.off, lower, s.len);
}

/*   quoted-string, without its quotes      RFC 3261 25.1 */
static kh_span unquoted(const char *buf, kh_span s)
{
    bool quoted = s.len >= 2 && buf[s.off] == '"' && buf[s.off + s.len - 1] == '"';
    return quoted ? (kh_span){(uint16_t)(s.off + 1), (uint16_t)(s.len - 2)} : s;
}

/*   contact-params = c-p-q / c-p-expires / contact-extension      RFC 3261 25.1; +sip.instance, reg-id: RFC 5626 4 */
static int read_param(kh_reg_contact *c, const kh_msg *m, const kh_param *p, kh_span *expires)
{
    const char *buf = m->buf;
    kh_span value = p->value;
    int64_t n;
    if (name_is(buf, p->name, "expires")) {
        *expires = unquoted(buf, value);
    } else if (name_is(buf, p->name, "q")) {
        if (!value.len) return KH_OK;
        if ((n = kh_reg_q(buf + value.off, value.len)) < 0) return -KH_REG_BAD_Q;
        c->q = (int16_t)n;
    } else if (name_is(buf, p->name, "methods")) {
        if (value.len) c->methods = kh_reg_methods(buf + value.off, value.len);
    } else if (name_is(buf, p->name, "received")) {
        c->received = unquoted(buf, value);
    } else if (name_is(buf, p->name, "+sip.instance")) {
        c->instance = unquoted(buf, value);
    } else if (name_is(buf, p->name, "reg-id")) {
        n = kh_number(buf, value.off, (uint32_t)value.off + value.len, 65535);
        c->reg_id = n > 0 ? (uint16_t)n : 0;
    }
    return KH_OK;
}

/*   contact-param = ( name-addr / addr-spec ) *( SEMI contact-params )      RFC 3261 25.1 */
static int read_contact(kh_reg_contact *c, const kh_msg *m, const kh_nameaddr *a, uint32_t flags)
{
    kh_span expires = {0, 0};
    *c = (kh_reg_contact){.uri = a->uri, .q = (int16_t)settings.default_q, .methods = UINT32_MAX};
    if (!a->uri.len) return -KH_REG_BAD_CONTACT;
    if (a->uri.len > settings.contact_max_size) return -KH_REG_CONTACT_SIZE;
    kh_param p;
    uint32_t off = a->params.off, end = off + a->params.len;
    while (off < end) {
        int next = kh_param_next(&p, m->buf, off, end), rc;
        if (next == KH_ENOTFOUND) break;
        if (next < 0) return -KH_REG_BAD_CONTACT;
        if ((rc = read_param(c, m, &p, &expires)) < 0) return rc;
        off = (uint32_t)next;
    }
    if (c->received.len > KH_REG_RECEIVED_MAX) return -KH_REG_CONTACT_SIZE;
    c->expires = wanted_expires(m, m->buf + expires.off, expires.len, flags);
    return clamp_expires(&c->expires);
}

/*   Contact = ( "Contact" / "m" ) HCOLON ( STAR / ( contact-param *( COMMA contact-param ) ) )      RFC 3261 25.1 */
static int read_contacts(kh_reg *r, const kh_msg *m, uint32_t flags)
{
    kh_nameaddr a;
    for (int i = m->first[KH_HDR_CONTACT]; i != KH_NO_HDR; i = m->hdr[i].next) {
        uint32_t off = m->hdr[i].body_off, end = off + m->hdr[i].body_len;
        while (off < end) {
            if (m->buf[off] == '*' && off + 1 == end) {
                r->facts |= KH_REG_F_STAR;
                break;
            }
            int next = kh_nameaddr_next(&a, m->buf, off, end), rc;
            if (next < 0) return -KH_REG_BAD_CONTACT;
            if (r->n == KH_REG_CONTACTS) return -KH_REG_TOO_MANY;
            if ((rc = read_contact(&r->contact[r->n], m, &a, flags)) < 0) return rc;
            r->n++;
            off = (uint32_t)next;
        }
    }
    if (!(r->facts & KH_REG_F_STAR)) return KH_OK;
    if (m->expires != 0) return -KH_REG_STAR_EXPIRES;
    return r->n || m->hdr[m->first[KH_HDR_CONTACT]].next != KH_NO_HDR ? -KH_REG_STAR_CONTACTS : KH_OK;
}

/*   Supported = ( "Supported" / "k" ) HCOLON [ option-tag *( COMMA option-tag ) ]      RFC 3261 25.1 */
static void read_supported(kh_reg *r, const kh_msg *m)
{
    for (int i = m->first[KH_HDR_SUPPORTED]; i != KH_NO_HDR; i = m->hdr[i].next) {
        uint32_t p = m->hdr[i].body_off, end = p + m->hdr[i].body_len;
        while (p < end) {
            uint32_t from = p = kh_skip_until(m->buf, p, end, KH_C_TOKEN);
            p = kh_skip(m->buf, p, end, KH_C_TOKEN);
            kh_span s = kh_span_of(from, p);
            if (name_is(m->buf, s, "path")) r->facts |= KH_REG_F_SUP_PATH;
            else if (name_is(m->buf, s, "gruu")) r->facts |= KH_REG_F_SUP_GRUU;
            else if (name_is(m->buf, s, "outbound")) r->facts |= KH_REG_F_SUP_OUTBOUND;
        }
    }
}

/*   Path = "Path" HCOLON path-value *( COMMA path-value )      RFC 3327 4; stored as it is written */
static int read_path(kh_reg *r, const kh_msg *m)
{
    for (int i = m->first[KH_HDR_PATH]; i != KH_NO_HDR; i = m->hdr[i].next) {
        uint32_t len = m->hdr[i].body_len, comma = r->path_len > 0;
        if (r->path_len + comma + len > KH_REG_PATH_MAX) return -KH_REG_PATH_SIZE;
        if (comma) r->path[r->path_len++] = ',';
        memcpy(r->path + r->path_len, m->buf + m->hdr[i].body_off, len);
        r->path_len += len;
        r->facts |= KH_REG_F_HAS_PATH;
    }
    return KH_OK;
}

static int read_aor(kh_reg *r, const char *uri, uint32_t len)
{
    kh_uri u;
    if (kh_uri_parse(&u, uri, len) < 0 || u.type == KH_URI_OTHER) return -KH_REG_BAD_AOR;
    int n = aor_of(uri, len, &u, r->aor);
    if (n < 0 || u.host.len >= sizeof(r->domain)) return -KH_REG_BAD_AOR;
    r->aor_len = (uint32_t)n;
    r->domain_len = u.host.len;
    memcpy(r->domain, uri + u.host.off, u.host.len);
    return KH_OK;
}

/* A contact's methods, when it did not name them, are those of Allow; reg-id counts only with outbound. */
static void complete(kh_reg *r, const kh_msg *m)
{
    uint32_t methods = allowed(m);
    bool reg_id = r->facts & KH_REG_F_SUP_OUTBOUND || settings.options & KH_REG_REGID_ALWAYS;
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->contact[i].methods == UINT32_MAX) r->contact[i].methods = methods;
        if (!reg_id) r->contact[i].reg_id = 0;
    }
}

int64_t kh_reg_parse(kh_reg *r, const kh_msg *m, const char *uri, uint32_t uri_len, uint32_t flags)
{
    int rc;
    r->facts = r->n = r->path_len = r->received_len = 0;
    r->now = kh_ul_now();
    r->sock = m->rcv.sock;
    if (!uri_len) {
        uri = m->buf + m->to.uri.off;
        uri_len = m->to.body.len ? m->to.uri.len : 0;
    }
    if ((rc = read_aor(r, uri, uri_len)) < 0) return rc;
    if ((rc = read_contacts(r, m, flags)) < 0) return rc;
    read_supported(r, m);
    if (settings.options & KH_REG_PATH && (rc = read_path(r, m)) < 0) return rc;
    complete(r, m);
    return r->facts |= r->n;
}
