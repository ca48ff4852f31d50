#include "rr.h"

#include "chars.h"
#include "lump_parts.h"
#include "nameaddr.h"
#include "sock.h"
#include "uri.h"

/* Record-Route */

typedef struct rr_line {
    int options;
    const char *scheme, *user;
    uint32_t user_len;
    const char *tag;
    uint32_t tag_len;
    const char *params;
    uint32_t params_len;
} rr_line;

/* Extends a chain; once something failed, everything after it fails. */
static int add(kh_edits *e, int after, const char *s, uint32_t len) {
    return after < 0 ? after : len ? kh_insert_after(e, (uint32_t)after, s, len, KH_HDR_RECORDROUTE) : after;
}

static int add_cond(kh_edits *e, int after, int cond) {
    return after < 0 ? after : kh_insert_cond(e, (uint32_t)after, 0, cond, KH_HDR_RECORDROUTE);
}

static int add_head(kh_edits *e, int at, const rr_line *r) {
    at = add(e, at, "Record-Route: <", 15);
    at = add(e, at, r->scheme, (uint32_t)strlen(r->scheme));
    if (r->user_len) at = add(e, add(e, at, r->user, r->user_len), "@", 1);
    return at;
}

/* Everything after the address. Returns the lump that add_rr_param appends after; the line end is after it. */
static int add_tail(kh_edits *e, int at, const rr_line *r) {
    at = r->options & KH_RR_FULL_LR ? add(e, at, ";lr=on", 6) : add(e, at, ";lr", 3);
    if (r->options & KH_RR_FROM_TAG && r->tag_len) at = add(e, add(e, at, ";ftag=", 6), r->tag, r->tag_len);
    at = add(e, at, r->params, r->params_len);
    int end = add(e, at, ">\r\n", 3);
    return end < 0 ? end : at;
}

/* 1 when the request goes from callee to caller: ftag, which the first one left in our Record-Route, is the To tag. */
static bool is_upstream(const kh_edits *e, const kh_msg *m) {
    if (!(e->flags & KH_ED_ROUTED) || !m->to.tag.len) return false;
    uint32_t off = e->route_params.off;
    int64_t ftag = kh_param_find(m->buf, off, off + e->route_params.len, "ftag", 4);
    return ftag >= 0 && (uint32_t)(ftag & 0xffff) == m->to.tag.len &&
           !memcmp(m->buf + (ftag >> 16), m->buf + m->to.tag.off, m->to.tag.len);
}

static int rr_begin(kh_edits *e, const kh_msg *m, rr_line *r) {
    if (e->flags & KH_ED_RR) return KH_EEXIST;
    bool sips = r->options & KH_RR_SIPS && m->uri.len > 5 && kh_case_eq(m->buf + m->uri.off, "sips:", 5);
    r->scheme = sips ? "sips:" : "sip:";
    kh_span tag = is_upstream(e, m) ? m->to.tag : m->from.tag;
    r->tag = m->buf + tag.off;
    r->tag_len = tag.len;
    return kh_anchor_lump(e, m, m->fline_len, KH_HDR_RECORDROUTE);
}

static int rr_end(kh_edits *e, int out, int in) {
    if (in < 0 || out < 0) return KH_ETOOBIG;
    e->rr_out = (uint32_t)out;
    e->rr_in = (uint32_t)in;
    e->flags |= KH_ED_RR;
    return KH_OK;
}

int kh_record_route(kh_edits *e, const kh_msg *m, int options, const char *user, uint32_t user_len, const char *params,
                    uint32_t params_len) {
    rr_line r = {options, NULL, user, user_len, NULL, 0, params, params_len};
    int ex = options & KH_RR_SOCKNAME ? 2 : 0, at = rr_begin(e, m, &r), out = 0;
    if (at < 0) return at;
    if (options & KH_RR_ALWAYS_DOUBLE || (options & KH_RR_DOUBLE && kh_sock_count() > 1)) {
        int when = options & KH_RR_ALWAYS_DOUBLE ? KH_COND_TRUE : KH_COND_IF_DIFF_REALMS;
        at = add_head(e, add_cond(e, at, when), &r);
        if (at > 0) at = kh_insert_subst(e, (uint32_t)at, 0, KH_SUBST_SND_ALL + ex, KH_HDR_RECORDROUTE);
        out = add_tail(e, add(e, at, ";r2=on", 6), &r);
        if (out < 0) return KH_ETOOBIG;
        at = (int)KH_LUMP(e, (uint32_t)out)->after; /* the line end */
        at = add_head(e, add_cond(e, at, KH_COND_TRUE), &r);
        if (at > 0) at = kh_insert_subst(e, (uint32_t)at, 0, KH_SUBST_RCV_ALL + ex, KH_HDR_RECORDROUTE);
        at = add(e, add_cond(e, at, when), ";r2=on", 6);
        at = add_cond(e, at, KH_COND_TRUE);
    } else {
        at = add_head(e, at, &r);
        if (at > 0) at = kh_insert_subst(e, (uint32_t)at, 0, KH_SUBST_SND_ALL + ex, KH_HDR_RECORDROUTE);
    }
    return rr_end(e, out, add_tail(e, at, &r));
}

int kh_record_route_preset(kh_edits *e, const kh_msg *m, int options, const char *user, uint32_t user_len,
                           const char *in, uint32_t in_len, const char *out, uint32_t out_len) {
    rr_line r = {options, NULL, user, user_len, NULL, 0, NULL, 0};
    int at = rr_begin(e, m, &r), top = 0;
    if (at < 0) return at;
    if (out_len) {
        at = add(e, add_head(e, at, &r), out, out_len);
        top = add_tail(e, add(e, at, ";r2=on", 6), &r);
        if (top < 0) return KH_ETOOBIG;
        at = (int)KH_LUMP(e, (uint32_t)top)->after;
    }
    at = add(e, add_head(e, at, &r), in, in_len);
    if (out_len) at = add(e, at, ";r2=on", 6);
    return rr_end(e, top, add_tail(e, at, &r));
}

int kh_rr_add_param(kh_edits *e, const char *params, uint32_t len) {
    if (!(e->flags & KH_ED_RR)) return KH_ENOTFOUND;
    int in = kh_insert_after(e, e->rr_in, params, len, KH_HDR_RECORDROUTE);
    if (in < 0) return in;
    e->rr_in = (uint32_t)in;
    if (!e->rr_out) return KH_OK;
    int out = kh_insert_after(e, e->rr_out, params, len, KH_HDR_RECORDROUTE);
    if (out < 0) return out;
    e->rr_out = (uint32_t)out;
    return KH_OK;
}

int kh_rr_remove(kh_edits *e) {
    int n = 0;
    if (!(e->flags & KH_ED_RR)) return 0;
    for (int op = KH_LUMP_ADD; op <= KH_LUMP_COND; op++) n += kh_lump_remove(e, KH_HDR_RECORDROUTE, op);
    e->flags &= ~(uint32_t)KH_ED_RR;
    e->rr_in = e->rr_out = 0;
    return n;
}

/* Route */

/* A place in the list of Route values, over all Route headers. */
typedef struct route {
    uint8_t hdr;
    uint32_t start, next; /* where the value begins, and the next one in the same header (or its end) */
    kh_nameaddr a;
    kh_uri u;
} route;

static uint32_t body_end(const kh_msg *m, uint8_t hdr) { return (uint32_t)m->hdr[hdr].body_off + m->hdr[hdr].body_len; }

/*   route-param = name-addr *( SEMI rr-param )      RFC 3261 25.1
 *
 * Reads the value at the place; KH_OK, KH_EMALFORMED. */
static int read_route(route *r, const kh_msg *m) {
    int next = kh_nameaddr_next(&r->a, m->buf, r->start, body_end(m, r->hdr));
    if (next < 0 || !r->a.uri.len) return KH_EMALFORMED;
    r->next = (uint32_t)next;
    if (kh_uri_parse(&r->u, m->buf + r->a.uri.off, r->a.uri.len) < 0) return KH_EMALFORMED;
    return r->u.type == KH_URI_SIP || r->u.type == KH_URI_SIPS ? KH_OK : KH_EMALFORMED;
}

/* KH_ENOTFOUND when it was the last. */
static int next_route(route *r, const kh_msg *m) {
    if (r->next < body_end(m, r->hdr)) {
        r->start = kh_skip_lws(m->buf, r->next, body_end(m, r->hdr));
        return read_route(r, m);
    }
    uint8_t hdr = m->hdr[r->hdr].next;
    if (hdr == KH_NO_HDR) return KH_ENOTFOUND;
    r->hdr = hdr;
    r->start = m->hdr[hdr].body_off;
    return read_route(r, m);
}

/* 1 when [off, end) of the message lies within one deletion. */
static bool is_deleted(const kh_edits *e, uint32_t off, uint32_t end) {
    for (uint32_t at = e->first; at; at = KH_LUMP(e, at)->next) {
        const kh_lump *l = KH_LUMP(e, at);
        if (l->op == KH_LUMP_DEL && l->at <= off && (uint32_t)l->at + l->len >= end) return true;
    }
    return false;
}

/* As next_route, but what undo_strict took off the end of the list is not there any more. */
static int following(route *r, const kh_edits *e, const kh_msg *m) {
    int rc = next_route(r, m);
    uint32_t end = (uint32_t)r->a.body.off + r->a.body.len;
    return rc == KH_OK && is_deleted(e, r->a.body.off, end) ? KH_ENOTFOUND : rc;
}

/* Deletes all values before `r` (of a later header: whole lines); with `all`, every Route there is. */
static int delete_before(kh_edits *e, const kh_msg *m, const route *r, bool all) {
    for (uint8_t i = m->first[KH_HDR_ROUTE]; i != KH_NO_HDR; i = m->hdr[i].next) {
        if (!all && i == r->hdr) {
            uint32_t from = m->hdr[i].body_off;
            return r->start > from ? kh_del_lump(e, m, from, r->start - from, KH_HDR_ROUTE) : KH_OK;
        }
        int rc = kh_del_lump(e, m, m->hdr[i].off, m->hdr[i].len, KH_HDR_ROUTE);
        if (rc < 0) return rc;
    }
    return KH_OK;
}

static bool is_ours(const char *base, const kh_uri *u, const char *user, uint32_t user_len) {
    int proto = u->type == KH_URI_SIPS ? KH_PROTO_TLS : u->proto ? u->proto : 0;
    int port = u->port_no ? u->port_no : kh_default_port(proto);
    if (user_len && (u->user.len != user_len || memcmp(base + u->user.off, user, user_len))) return false;
    return kh_is_self(base + u->host.off, u->host.len, port, proto);
}

static bool route_is_ours(const kh_msg *m, const route *r, const char *user, uint32_t user_len) {
    return is_ours(m->buf + r->a.uri.off, &r->u, user, user_len);
}

/* Sends from the socket that our Route names: the side towards the next hop. */
static void pin_socket(kh_edits *e, const kh_msg *m, const route *r) {
    const char *base = m->buf + r->a.uri.off;
    int port = r->u.port_no ? r->u.port_no : kh_default_port(r->u.proto);
    int sock = kh_sock_find(base + r->u.host.off, r->u.host.len, port, r->u.proto ? r->u.proto : KH_PROTO_UDP);
    if (sock >= 0) e->sock = (uint16_t)sock;
}

/* 1 when the Request-URI is what we had put into a Record-Route: the previous hop is a strict router. */
static bool came_from_strict_router(const kh_msg *m, const kh_edits *e, const char *user, uint32_t user_len) {
    const char *uri;
    kh_uri u;
    uint32_t len = kh_ruri(m, e, &uri);
    if (kh_uri_parse(&u, uri, len) < 0 || (u.type != KH_URI_SIP && u.type != KH_URI_SIPS)) return false;
    return u.flags & KH_URI_LR && is_ours(uri, &u, user, user_len);
}

/* RFC 3261 16.4: the last Route value becomes the Request-URI and leaves the list. */
static int undo_strict(kh_edits *e, const kh_msg *m, bool *empty) {
    route r = {.hdr = m->first[KH_HDR_ROUTE]};
    r.start = m->hdr[r.hdr].body_off;
    int rc = read_route(&r, m), n = 1;
    route last = r;
    uint32_t before = 0; /* end of the value before the last, in the same header */
    while (rc == KH_OK && (rc = next_route(&r, m)) == KH_OK) {
        before = r.hdr == last.hdr ? (uint32_t)last.a.body.off + last.a.body.len : 0;
        last = r;
        n++;
    }
    if (rc != KH_ENOTFOUND) return KH_EMALFORMED;
    *empty = n == 1;
    rc = kh_text_set(e, KH_EDP_NEW_URI, m->buf + last.a.uri.off, last.a.uri.len);
    if (rc < 0) return rc;
    const kh_hdr *h = &m->hdr[last.hdr];
    return before ? kh_del_lump(e, m, before, body_end(m, last.hdr) - before, KH_HDR_ROUTE)
                  : kh_del_lump(e, m, h->off, h->len, KH_HDR_ROUTE);
}

/* The next hop does not know loose routing: RFC 3261 16.6 item 6. Our Request-URI goes to the end of the list. */
static int go_strict(kh_edits *e, const kh_msg *m, route *r) {
    const char *uri;
    uint32_t len = kh_ruri(m, e, &uri);
    char line[64 + 2048];
    if (len > 2048) return KH_ETOOBIG;
    memcpy(line, "Route: <", 8);
    memcpy(line + 8, uri, len);
    memcpy(line + 8 + len, ">\r\n", 3);
    int rc = kh_text_set(e, KH_EDP_NEW_URI, m->buf + r->a.uri.off, r->a.uri.len);
    if (rc >= 0) rc = kh_text_set(e, KH_EDP_DST_URI, "", 0);
    uint8_t last = m->first[KH_HDR_ROUTE];
    while (m->hdr[last].next != KH_NO_HDR) last = m->hdr[last].next;
    if (rc >= 0) rc = kh_append_hf_at(e, m, last, 0, line, len + 11);
    if (rc < 0) return rc;
    route next = *r;
    rc = following(&next, e, m);
    return rc == KH_EMALFORMED ? rc : delete_before(e, m, &next, rc == KH_ENOTFOUND);
}

/* Routes by the value that is on top once ours are gone. */
static int route_by(kh_edits *e, const kh_msg *m, route *r) {
    if (!(r->u.flags & KH_URI_LR)) return go_strict(e, m, r);
    return kh_text_set(e, KH_EDP_DST_URI, m->buf + r->a.uri.off, r->a.uri.len);
}

static int loose(kh_edits *e, const kh_msg *m, int options, const char *user, uint32_t user_len) {
    route r = {.hdr = m->first[KH_HDR_ROUTE]};
    r.start = m->hdr[r.hdr].body_off;
    if (read_route(&r, m) < 0) return KH_LOOSE_ERROR;
    int rc = KH_OK;
    bool ours = route_is_ours(m, &r, user, user_len);
    if (ours) {
        e->flags |= KH_ED_ROUTED;
        e->route_params = (kh_span){(uint16_t)(r.a.uri.off + r.u.params.off), r.u.params.len};
        bool two = r.u.r2_val.len != 0, both = options & (KH_RR_DOUBLE | KH_RR_ALWAYS_DOUBLE);
        if (options & KH_RR_FORCE_SOCKET && !two) pin_socket(e, m, &r);
        rc = following(&r, e, m);
        if (rc == KH_OK && two && both && r.u.r2_val.len && route_is_ours(m, &r, user, user_len)) {
            pin_socket(e, m, &r);
            rc = following(&r, e, m);
        }
        if (rc == KH_EMALFORMED || delete_before(e, m, &r, rc == KH_ENOTFOUND) < 0) return KH_LOOSE_ERROR;
    }
    if (rc == KH_ENOTFOUND) return m->to.tag.len ? KH_LOOSE_ROUTED : KH_LOOSE_PRELOADED;
    return route_by(e, m, &r) < 0 ? KH_LOOSE_ERROR : KH_LOOSE_ROUTED;
}

int kh_loose_route(kh_edits *e, const kh_msg *m, int options, const char *user, uint32_t user_len) {
    bool empty = false;
    if (m->first[KH_HDR_ROUTE] == KH_NO_HDR) return KH_LOOSE_NONE;
    if (!(options & KH_RR_NO_STRICT) && m->to.tag.len && came_from_strict_router(m, e, user, user_len)) {
        const char *uri;
        kh_uri u;
        uint32_t len = kh_ruri(m, e, &uri);
        if (kh_uri_parse(&u, uri, len) == KH_OK && uri == m->buf + m->uri.off) {
            e->flags |= KH_ED_ROUTED;
            e->route_params = (kh_span){(uint16_t)(m->uri.off + u.params.off), u.params.len};
        }
        if (undo_strict(e, m, &empty) < 0) return KH_LOOSE_ERROR;
        if (empty) return KH_LOOSE_ROUTED;
    }
    return loose(e, m, options, user, user_len);
}

int64_t kh_route_uri(const kh_msg *m) {
    if (m->first[KH_HDR_ROUTE] == KH_NO_HDR || !m->route.uri.len) return -1;
    return (int64_t)m->route.uri.off << 16 | m->route.uri.len;
}

int kh_route_left(const kh_edits *e, const kh_msg *m) {
    if (m->first[KH_HDR_ROUTE] == KH_NO_HDR) return 0;
    route r = {.hdr = m->first[KH_HDR_ROUTE]};
    r.start = m->hdr[r.hdr].body_off;
    int rc = read_route(&r, m);
    while (rc == KH_OK && is_deleted(e, r.a.body.off, (uint32_t)r.a.body.off + r.a.body.len)) rc = next_route(&r, m);
    return rc == KH_OK;
}
