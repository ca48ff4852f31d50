/* The Request-URI and the destination set. */
#include <string.h>

#include "lump_parts.h"
#include "uri.h"

uint32_t kh_ruri(const kh_msg *m, const kh_edits *e, const char **uri) {
    kh_text t = e->part[KH_EDP_NEW_URI];
    if (t.off) {
        *uri = e->data + t.off;
        return t.len;
    }
    *uri = m->buf + m->uri.off;
    return m->uri.len;
}

typedef struct writer {
    char *p, *end;
} writer;

static void put(writer *w, const char *s, uint32_t len) {
    if (len > (uint32_t)(w->end - w->p)) {
        w->end = w->p; /* full: all later puts fail too, and the caller sees it */
        w->p = NULL;
    }
    if (!w->p) return;
    memcpy(w->p, s, len);
    w->p += len;
}

/* Where the parts of a SIP URI lie: scheme[0, user) user[user, at) host[host, port) port[port, rest) rest. */
typedef struct layout {
    uint32_t scheme, user_end, userpass_end, host, host_end, rest;
} layout;

static layout find_parts(const kh_uri *u) {
    layout l;
    l.scheme = u->type == KH_URI_SIPS ? 5 : 4;
    l.host = u->host.off;
    l.host_end = (uint32_t)u->host.off + u->host.len;
    l.userpass_end = l.host > l.scheme ? l.host - 1 : l.scheme;
    l.user_end = u->user.len ? (uint32_t)u->user.off + u->user.len : l.scheme;
    l.rest = u->port.len ? (uint32_t)u->port.off + u->port.len : l.host_end;
    return l;
}

/* The user part without or with what the operation does to it; 0 when none is left. */
static void put_user(writer *w, const char *uri, const layout *l, int op, const char *s, uint32_t len, uint32_t n) {
    uint32_t user = l->user_end - l->scheme, left = n < user ? user - n : 0;
    const char *old = uri + l->scheme;
    switch (op) {
    case KH_URI_SET_USER:
        if (!len) return;
        put(w, s, len);
        put(w, uri + l->user_end, l->userpass_end - l->user_end);
        break;
    case KH_URI_SET_USERPASS:
        if (!len) return;
        put(w, s, len);
        break;
    case KH_URI_PREFIX:
        put(w, s, len);
        put(w, old, l->userpass_end - l->scheme);
        break;
    case KH_URI_STRIP:
        if (!left) return;
        put(w, old + user - left, left);
        put(w, uri + l->user_end, l->userpass_end - l->user_end);
        break;
    case KH_URI_STRIP_TAIL:
        if (!left) return;
        put(w, old, left);
        put(w, uri + l->user_end, l->userpass_end - l->user_end);
        break;
    default:
        if (l->userpass_end == l->scheme) return;
        put(w, old, l->userpass_end - l->scheme);
    }
    put(w, "@", 1);
}

/* Parameters without the transport (it came with hostport and transport). */
static void put_rest_without_transport(writer *w, const char *uri, const kh_uri *u, uint32_t rest, uint32_t len) {
    kh_span t = u->transport_val;
    if (!t.len) {
        put(w, uri + rest, len - rest);
        return;
    }
    uint32_t from = t.off - 11u; /* ;transport= */
    put(w, uri + rest, from - rest);
    put(w, uri + t.off + t.len, len - t.off - t.len);
}

static int rewrite(kh_edits *e, const char *uri, uint32_t uri_len, int op, const char *s, uint32_t len, uint32_t n) {
    char text[4096];
    writer w = {text, text + sizeof text};
    kh_uri u;
    if (kh_uri_parse(&u, uri, uri_len) < 0 || (u.type != KH_URI_SIP && u.type != KH_URI_SIPS)) return KH_EMALFORMED;
    layout l = find_parts(&u);
    put(&w, uri, l.scheme);
    put_user(&w, uri, &l, op, s, len, n);
    if (op == KH_URI_SET_HOST || op == KH_URI_SET_HOSTPORT || op == KH_URI_SET_HOSTPORTTRANS) put(&w, s, len);
    else put(&w, uri + l.host, l.host_end - l.host);
    if (op == KH_URI_SET_PORT && len) {
        put(&w, ":", 1);
        put(&w, s, len);
    } else if (op != KH_URI_SET_PORT && op != KH_URI_SET_HOSTPORT && op != KH_URI_SET_HOSTPORTTRANS) {
        put(&w, uri + l.host_end, l.rest - l.host_end);
    }
    if (op == KH_URI_SET_HOSTPORTTRANS) {
        put_rest_without_transport(&w, uri, &u, l.rest, uri_len);
    } else if (op == KH_URI_USERPHONE && !u.user_param_val.len) {
        uint32_t params_end = u.headers.len ? u.headers.off - 1u : uri_len;
        put(&w, uri + l.rest, params_end - l.rest);
        put(&w, ";user=phone", 11);
        put(&w, uri + params_end, uri_len - params_end);
    } else {
        put(&w, uri + l.rest, uri_len - l.rest);
    }
    if (!w.p) return KH_ETOOBIG;
    return kh_text_set(e, KH_EDP_NEW_URI, text, (uint32_t)(w.p - text));
}

int kh_uri_edit(kh_edits *e, const kh_msg *m, int op, const char *s, uint32_t len, uint32_t n) {
    const char *uri;
    if (op == KH_URI_SET) return len ? kh_text_set(e, KH_EDP_NEW_URI, s, len) : KH_EINVAL;
    if (op < KH_URI_SET || op > KH_URI_USERPHONE) return KH_EINVAL;
    uint32_t uri_len = kh_ruri(m, e, &uri);
    return rewrite(e, uri, uri_len, op, s, len, n);
}

/* The destination set */

#define BRANCH(e, off) ((kh_branch *)((e)->data + (off)))

int kh_branch_add(kh_edits *e, const char *uri, uint32_t len) {
    if (e->n_branch >= KH_MAX_BRANCHES) return KH_ETOOBIG;
    uint32_t at = kh_ed_alloc(e, sizeof(kh_branch));
    if (!at) return KH_ETOOBIG;
    kh_branch *b = BRANCH(e, at);
    memset(b, 0, sizeof *b);
    b->q = -1;
    b->sock = KH_NO_SOCK;
    if (kh_ed_text(e, &b->uri, uri, len) < 0) return KH_ETOOBIG;
    if (e->branch_last) BRANCH(e, e->branch_last)->next = at;
    else e->branch_first = at;
    e->branch_last = at;
    return (int)e->n_branch++;
}

kh_branch *kh_branch_get(kh_edits *e, int index) {
    uint32_t at = e->branch_first;
    if (index < 0) return NULL;
    while (at && index--) at = BRANCH(e, at)->next;
    return at ? BRANCH(e, at) : NULL;
}

int kh_branch_remove(kh_edits *e, int index) {
    uint32_t *link = &e->branch_first, last = 0;
    if (index < 0 || (uint32_t)index >= e->n_branch) return KH_ENOTFOUND;
    while (index--) {
        last = *link;
        link = &BRANCH(e, *link)->next;
    }
    if (*link == e->branch_last) e->branch_last = last;
    *link = BRANCH(e, *link)->next;
    e->n_branch--;
    return KH_OK;
}

int kh_branch_clear(kh_edits *e) {
    e->branch_first = e->branch_last = e->n_branch = 0;
    return KH_OK;
}

static kh_text *branch_part(kh_branch *b, int part) {
    switch (part) {
    case KH_EDP_NEW_URI: return &b->uri;
    case KH_EDP_DST_URI: return &b->dst_uri;
    case KH_EDP_PATH: return &b->path;
    case KH_EDP_INSTANCE: return &b->instance;
    case KH_EDP_RUID: return &b->ruid;
    case KH_EDP_LOCATION_UA: return &b->location_ua;
    default: return NULL;
    }
}

int64_t kh_branch_text(kh_edits *e, int index, int part) {
    kh_branch *b = kh_branch_get(e, index);
    kh_text *t = b ? branch_part(b, part) : NULL;
    return t ? kh_text_pack(*t) : -1;
}

int kh_branch_set(kh_edits *e, int index, int part, const char *s, uint32_t len) {
    kh_branch *b = kh_branch_get(e, index);
    kh_text *t = b ? branch_part(b, part) : NULL;
    if (!t) return KH_EINVAL;
    if (!len) {
        *t = (kh_text){0, 0};
        return KH_OK;
    }
    return kh_ed_text(e, t, s, len);
}
