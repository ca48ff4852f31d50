/* Reading the location table for routing: lookup() and registered(). */
#define _GNU_SOURCE
#include <string.h>

#include "nameaddr.h"
#include "sock.h"
#include "ucontact.h"
#include "uloc.h"
#include "uri.h"

static kh_uc_record found; /* the record, copied so that the lock is short */

/* Copies the record of an AoR; KH_OK, KH_ENOTFOUND. */
static int fetch(kh_shtable *t, const char *aor, uint32_t aor_len)
{
    kh_sht_item item;
    int n = kh_sht_get(t, aor, aor_len, 0, &item, found.data, sizeof(found.data));
    found.len = n > 0 ? (uint32_t)n : 0;
    return n < 0 ? n : KH_OK;
}

/* Which contacts of the record a Request-URI means: all, or those of a GRUU (RFC 5627 5.3). */
typedef struct wanted {
    kh_uc_text instance, ruid;
} wanted;

static bool is_wanted(const kh_ucontact *c, const wanted *w)
{
    if (w->instance.len) {
        kh_uc_text s = kh_uc_part(c, KH_UC_INSTANCE);
        if (s.len > 2 && s.s[0] == '<') s = (kh_uc_text){s.s + 1, s.len - 2};
        return s.len == w->instance.len && !memcmp(s.s, w->instance.s, s.len);
    }
    if (w->ruid.len) {
        kh_uc_text s = kh_uc_part(c, KH_UC_RUID);
        return s.len == w->ruid.len && !memcmp(s.s, w->ruid.s, s.len);
    }
    return true;
}

typedef struct temp_gruu {
    const wanted *want;
    bool found;
} temp_gruu;

static int visit_temp_gruu(kh_sht_slot *s, const char *key, uint32_t key_len, const char *value, uint32_t len, void *arg)
{
    temp_gruu *g = arg;
    uint32_t off = 0;
    for (const kh_ucontact *c; !g->found && (c = kh_uc_at(value, len, off)); off += c->size)
        if (is_wanted(c, g->want)) {
            memcpy(found.data, value, len);
            found.len = len;
            g->found = true;
        }
    return 0;
}

/* A temporary GRUU: user is ruid "-" hash of the AoR, so only one bucket is searched. */
static int fetch_temp_gruu(kh_shtable *t, const char *user, uint32_t len, wanted *w)
{
    uint64_t hash = 0;
    uint32_t dash = len;
    while (dash > 0 && user[dash - 1] != '-') dash--;
    if (!dash || len - dash > 8 || len == dash) return KH_ENOTFOUND;
    for (uint32_t i = dash; i < len; i++) {
        char c = user[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return KH_ENOTFOUND;
        hash = hash << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    w->ruid = (kh_uc_text){user, dash - 1};
    temp_gruu g = {w, false};
    int rc = kh_sht_visit(t, hash & (kh_sht_buckets(t) - 1), 0, visit_temp_gruu, &g);
    return rc < 0 ? rc : g.found ? KH_OK : KH_ENOTFOUND;
}

static int fetch_for(kh_shtable *t, const char *uri, uint32_t len, wanted *w)
{
    kh_uri u;
    char aor[KH_SHT_KEY_MAX];
    bool gruu = kh_reg_settings_get()->options & KH_REG_GRUU;
    int n = kh_reg_aor(uri, len, aor);
    if (n < 0) return KH_EMALFORMED;
    if (gruu && memmem(uri, len, ";gr", 3) && kh_uri_parse(&u, uri, len) == KH_OK) {
        w->instance = (kh_uc_text){uri + u.gr_val.off, u.gr_val.len};
        if (!u.gr_val.len && u.user.len > 5 && !memcmp(uri + u.user.off, "uloc-", 5))
            return fetch_temp_gruu(t, uri + u.user.off, u.user.len, w);
    }
    return fetch(t, aor, (uint32_t)n);
}

/* A contact's Path (without a first hop that is this server, if so set) and the URI of the hop the request goes to. */
typedef struct route {
    kh_uc_text path, hop;
} route;

static bool is_self(const char *uri, uint32_t len)
{
    kh_uri u;
    if (kh_uri_parse(&u, uri, len) < 0) return false;
    return kh_is_self(uri + u.host.off, u.host.len, u.port_no ? u.port_no : 5060, u.proto) > 0;
}

static route route_of(const kh_ucontact *c)
{
    route r = {kh_uc_part(c, KH_UC_PATH), {NULL, 0}};
    kh_nameaddr a;
    if (r.path.len) {
        int next = kh_nameaddr_next(&a, r.path.s, 0, r.path.len);
        if (next > 0 && kh_ul_settings_get()->path_check_local && is_self(r.path.s + a.uri.off, a.uri.len)) {
            r.path = (kh_uc_text){r.path.s + next, r.path.len - (uint32_t)next};
            next = r.path.len ? kh_nameaddr_next(&a, r.path.s, 0, r.path.len) : KH_ENOTFOUND;
        }
        if (next > 0) r.hop = (kh_uc_text){r.path.s + a.uri.off, a.uri.len};
    }
    if (!r.hop.len) r.hop = kh_uc_part(c, KH_UC_RECEIVED);
    return r;
}

/* Texts of a destination: enum kh_ed_part -> part of the contact. */
static const uint8_t ED_OF[][2] = {
    {KH_EDP_NEW_URI, KH_UC_CONTACT}, {KH_EDP_INSTANCE, KH_UC_INSTANCE},
    {KH_EDP_RUID, KH_UC_RUID}, {KH_EDP_LOCATION_UA, KH_UC_USER_AGENT},
};

#define N_ED_OF ((int)(sizeof(ED_OF) / sizeof(ED_OF[0])))

/* Sets a text of the first destination; an empty one only clears what is set. */
static int set_text(kh_edits *e, int part, kh_uc_text s)
{
    return s.len || e->part[part].off ? kh_text_set(e, part, s.s, s.len) : KH_OK;
}

static int to_request(kh_edits *e, const kh_ucontact *c)
{
    route r = route_of(c);
    int rc = KH_OK;
    for (int i = 0; rc >= 0 && i < N_ED_OF; i++) rc = set_text(e, ED_OF[i][0], kh_uc_part(c, ED_OF[i][1]));
    if (rc >= 0) rc = set_text(e, KH_EDP_PATH, r.path);
    if (rc >= 0) rc = set_text(e, KH_EDP_DST_URI, r.hop);
    e->q = c->q;
    e->bflags |= c->cflags;
    e->reg_id = c->reg_id;
    e->conn = c->conn;
    if (c->sock != KH_UC_NO_SOCK) e->sock = c->sock;
    return rc;
}

static int to_branch(kh_edits *e, const kh_ucontact *c)
{
    if (e->n_branch + 1 >= kh_ul_settings_get()->max_branches) return KH_ETOOBIG;
    kh_uc_text uri = kh_uc_part(c, KH_UC_CONTACT);
    route r = route_of(c);
    int n = kh_branch_add(e, uri.s, uri.len), rc = n;
    for (int i = 1; rc >= 0 && i < N_ED_OF; i++) {
        kh_uc_text s = kh_uc_part(c, ED_OF[i][1]);
        if (s.len) rc = kh_branch_set(e, n, ED_OF[i][0], s.s, s.len);
    }
    if (rc >= 0 && r.path.len) rc = kh_branch_set(e, n, KH_EDP_PATH, r.path.s, r.path.len);
    if (rc >= 0 && r.hop.len) rc = kh_branch_set(e, n, KH_EDP_DST_URI, r.hop.s, r.hop.len);
    if (rc < 0) {
        if (n >= 0) kh_branch_remove(e, n);
        return rc;
    }
    kh_branch *b = kh_branch_get(e, n);
    b->q = c->q;
    b->flags = c->cflags;
    b->reg_id = c->reg_id;
    b->conn = c->conn;
    if (c->sock != KH_UC_NO_SOCK) b->sock = c->sock;
    return KH_OK;
}

int kh_ul_lookup(kh_shtable *t, const kh_msg *m, kh_edits *e, const char *uri, uint32_t uri_len, int into_branches)
{
    const kh_ul_settings *set = kh_ul_settings_get();
    wanted w = {0};
    int64_t now = kh_ul_now();
    int n = 0, unable = 0, rc;
    if (!uri) uri_len = kh_ruri(m, e, &uri);
    if ((rc = fetch_for(t, uri, uri_len, &w)) < 0) return rc;
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(found.data, found.len, off)); off += c->size) {
        if (c->state == KH_UC_GONE || !(set->use_expired || kh_uc_living(c, now)) || !is_wanted(c, &w)) continue;
        if (set->only_connected && kh_uc_lost(c)) continue;
        if (set->method_filtering && !(c->methods & m->method)) {
            unable++;
            continue;
        }
        rc = n || into_branches ? to_branch(e, c) : to_request(e, c);
        if (rc < 0) return n ? n : rc; /* the best ones are in; no room for more */
        n++;
        if (!set->append_branches) break;
    }
    if (n) return n;
    return unable ? KH_EINVAL : KH_ENOTFOUND;
}

int kh_ul_registered(kh_shtable *t, const char *aor, uint32_t aor_len, int match, const char *callid, uint32_t callid_len,
                     const char *received, uint32_t received_len, const char *contact, uint32_t contact_len)
{
    const struct {
        int bit, part;
        kh_uc_text text;
    } tests[] = {
        {1, KH_UC_CALLID, {callid, callid_len}},
        {2, KH_UC_RECEIVED, {received, received_len}},
        {4, KH_UC_CONTACT, {contact, contact_len}},
    };
    int64_t now = kh_ul_now();
    if (fetch(t, aor, aor_len) < 0) return 0;
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(found.data, found.len, off)); off += c->size) {
        bool agrees = kh_uc_living(c, now);
        for (int i = 0; agrees && i < 3; i++) {
            kh_uc_text part = kh_uc_part(c, tests[i].part);
            if (match & tests[i].bit)
                agrees = part.len == tests[i].text.len && !memcmp(part.s, tests[i].text.s, part.len);
        }
        if (agrees) return 1;
    }
    return 0;
}
