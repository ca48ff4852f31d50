#include "uloc.h"

#include <string.h>

static kh_ul_settings settings = {
    .cseq_delay = 20, .append_branches = 1, .max_branches = 12, .received_param = "received", .received_param_len = 8,
};
static uint32_t start_time, start_pid, ruid_count;

kh_ul_settings *kh_ul_settings_get(void) { return &settings; }

void kh_ul_start(uint32_t time, int pid)
{
    start_time = time;
    start_pid = (uint32_t)pid;
    ruid_count = 0;
}

bool kh_ul_gone(kh_ucontact *c)
{
    if (!settings.has_rows || c->state == KH_UC_NEW) return false;
    c->state = KH_UC_GONE;
    c->expires = 1;
    return true;
}

static char *put_hex(char *p, uint32_t n)
{
    static const char digits[] = "0123456789abcdef";
    int shift = 28;
    while (shift && !(n >> shift & 15)) shift -= 4;
    for (; shift >= 0; shift -= 4) *p++ = digits[n >> shift & 15];
    return p;
}

static char *put(char *p, const char *s, uint32_t len)
{
    memcpy(p, s, len);
    return p + len;
}

#define PUT(p, literal) put(p, literal, sizeof(literal) - 1)

static char *put_number(char *p, uint64_t n)
{
    char digits[20];
    int i = 20;
    do digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    return put(p, digits + i, (uint32_t)(20 - i));
}

uint32_t kh_ul_ruid(char *out)
{
    char *p = PUT(out, "uloc-");
    if (settings.server_id) {
        p = put_hex(p, settings.server_id);
        *p++ = '-';
    }
    p = put_hex(p, start_time);
    *p++ = '-';
    p = put_hex(p, start_pid);
    *p++ = '-';
    return (uint32_t)(put_hex(p, ++ruid_count) - out);
}

static char *put_q(char *p, int q)
{
    p = PUT(p, ";q=");
    if (q >= 1000) return PUT(p, "1");
    *p++ = '0';
    if (q <= 0) return p;
    *p++ = '.';
    *p++ = (char)('0' + q / 100);
    if (q % 100) *p++ = (char)('0' + q / 10 % 10);
    if (q % 10) *p++ = (char)('0' + q % 10);
    return p;
}

/* pub-gruu and temp-gruu (RFC 5627 5.3): the AoR with the instance, and a ruid that finds its AoR by the table's hash. */
static char *put_gruus(char *p, kh_uc_text instance, kh_uc_text ruid, const kh_reg *r, uint32_t hash)
{
    p = PUT(p, ";pub-gruu=\"sip:");
    const char *at = memchr(r->aor, '@', r->aor_len);
    p = put(p, r->aor, at ? (uint32_t)(at - r->aor) : r->aor_len);
    *p++ = '@';
    p = put(p, r->domain, r->domain_len);
    p = PUT(p, ";gr=");
    bool angles = instance.len > 2 && instance.s[0] == '<';
    p = angles ? put(p, instance.s + 1, instance.len - 2) : put(p, instance.s, instance.len);
    p = PUT(p, "\";temp-gruu=\"sip:");
    p = put(p, ruid.s, ruid.len);
    *p++ = '-';
    p = put_hex(p, hash);
    *p++ = '@';
    p = put(p, r->domain, r->domain_len);
    return PUT(p, ";gr\"");
}

static char *put_contact(char *p, const kh_ucontact *c, int64_t now, const kh_reg *r, uint32_t hash)
{
    kh_uc_text uri = kh_uc_part(c, KH_UC_CONTACT), received = kh_uc_part(c, KH_UC_RECEIVED);
    kh_uc_text instance = kh_uc_part(c, KH_UC_INSTANCE);
    *p++ = '<';
    p = put(p, uri.s, uri.len);
    *p++ = '>';
    if (c->q >= 0) p = put_q(p, c->q);
    p = PUT(p, ";expires=");
    p = put_number(p, c->expires ? (uint64_t)(c->expires - now) : UINT32_MAX);
    if (received.len) {
        *p++ = ';';
        p = put(p, settings.received_param, settings.received_param_len);
        p = PUT(p, "=\"");
        p = put(p, received.s, received.len);
        *p++ = '"';
    }
    if (!instance.len) return p;
    bool gruu = r && r->facts & KH_REG_F_SUP_GRUU && kh_reg_settings_get()->options & KH_REG_GRUU;
    if (gruu) p = put_gruus(p, instance, kh_uc_part(c, KH_UC_RUID), r, hash);
    p = PUT(p, ";+sip.instance=\"");
    p = put(p, instance.s, instance.len);
    *p++ = '"';
    if (!c->reg_id) return p;
    p = PUT(p, ";reg-id=");
    return put_number(p, c->reg_id);
}

uint32_t kh_ul_render(char *out, uint32_t cap, const char *value, uint32_t len, int64_t now, const kh_reg *r, uint32_t hash)
{
    char *p = PUT(out, "Contact: "), *first = p;
    uint32_t off = 0, fixed = 256 + (r ? 2 * r->domain_len + r->aor_len : 0);
    for (const kh_ucontact *c; (c = kh_uc_at(value, len, off)); off += c->size) {
        if (!kh_uc_living(c, now)) continue;
        /* every text of a contact is printed at most twice */
        if ((uint64_t)(p - out) + 2 * c->size + fixed > cap) break;
        if (p != first) p = PUT(p, ", ");
        p = put_contact(p, c, now, r, hash);
    }
    if (p == first) return 0;
    return (uint32_t)(PUT(p, "\r\n") - out);
}
