#include "apply.h"

#include "addr.h"
#include "chars.h"
#include "lump_parts.h"

void kh_apply_init(kh_apply *a, const kh_msg *m, const kh_edits *e, int snd) {
    a->m = m;
    a->e = e;
    a->rcv = kh_sock_get(m->rcv.sock);
    a->snd = kh_sock_get(snd);
    if (!a->snd) a->snd = a->rcv;
    a->n = 0;
}

void kh_apply_core(kh_apply *a, uint32_t at, uint32_t len, const char *text, uint32_t text_len, bool keep) {
    int i = a->n++;
    while (i > 0 && a->core[i - 1].at > at) {
        a->core[i] = a->core[i - 1];
        i--;
    }
    a->core[i] = (kh_core_edit){at, len, text, text_len, keep};
}

void kh_put_sock_uri(const kh_edits *e, const kh_sock *s, kh_writer *w) {
    kh_text host = e ? e->part[KH_EDP_ADV_HOST] : (kh_text){0, 0}, port = e ? e->part[KH_EDP_ADV_PORT] : host;
    if (!host.off && !port.off) {
        kh_put(w, s->uri, s->uri_len);
        return;
    }
    if (host.off) kh_put(w, kh_text_ptr(e, host), host.len);
    else kh_put(w, s->host, s->host_len);
    if (port.off) {
        KH_PUT(w, ":");
        kh_put(w, kh_text_ptr(e, port), port.len);
    }
    kh_put(w, s->uri + s->hostport_len, (uint32_t)(s->uri_len - s->hostport_len));
}

static void put_subst(const kh_apply *a, int subst, kh_writer *w) {
    bool rcv = subst == KH_SUBST_RCV_IP || subst == KH_SUBST_RCV_PORT || subst == KH_SUBST_RCV_PROTO ||
               subst == KH_SUBST_RCV_ALL || subst == KH_SUBST_RCV_ALL_EX;
    const kh_sock *s = rcv ? a->rcv : a->snd;
    if (!s) return;
    switch (subst) {
    case KH_SUBST_RCV_IP:
    case KH_SUBST_SND_IP: kh_put(w, s->host, s->host_len); break;
    case KH_SUBST_RCV_PORT:
    case KH_SUBST_SND_PORT: kh_put_number(w, s->port); break;
    case KH_SUBST_RCV_PROTO:
    case KH_SUBST_SND_PROTO:
        kh_put(w, kh_proto_lower[s->addr.proto], (uint32_t)strlen(kh_proto_lower[s->addr.proto]));
        break;
    case KH_SUBST_RCV_ALL:
    case KH_SUBST_SND_ALL: kh_put_sock_uri(a->e, s, w); break;
    case KH_SUBST_RCV_ALL_EX:
    case KH_SUBST_SND_ALL_EX:
        kh_put_sock_uri(a->e, s, w);
        if (!s->name_len) break;
        KH_PUT(w, ";sn=");
        kh_put(w, s->name, s->name_len);
        break;
    }
}

static bool holds(const kh_apply *a, int cond) {
    const kh_sock *r = a->rcv, *s = a->snd;
    switch (cond) {
    case KH_COND_TRUE: return true;
    case KH_COND_FALSE: return false;
    }
    if (!r || !s) return false;
    bool ip = !kh_addr_same_ip(&r->addr, &s->addr), port = r->addr.port != s->addr.port;
    bool proto = r->addr.proto != s->addr.proto, af = r->addr.family != s->addr.family;
    switch (cond) {
    case KH_COND_IF_DIFF_REALMS: return ip || port || proto || af;
    case KH_COND_IF_DIFF_AF: return af;
    case KH_COND_IF_DIFF_PROTO: return proto;
    case KH_COND_IF_DIFF_PORT: return port;
    case KH_COND_IF_DIFF_IP: return ip;
    }
    return false;
}

static void put_chain(const kh_apply *a, uint32_t at, bool before, kh_writer *w) {
    bool on = true;
    while (at) {
        const kh_lump *l = KH_LUMP(a->e, at);
        if (l->op == KH_LUMP_COND) on = holds(a, l->arg);
        else if (on && l->op == KH_LUMP_ADD) kh_put(w, kh_text_ptr(a->e, l->text), l->text.len);
        else if (on && l->op == KH_LUMP_SUBST) put_subst(a, l->arg, w);
        at = before ? l->before : l->after;
    }
}

/* One top lump at output position `pos` of the message; returns the position after it. */
static uint32_t put_lump(const kh_apply *a, const kh_lump *l, uint32_t pos, uint32_t to, kh_writer *w) {
    put_chain(a, l->before, true, w);
    uint32_t end = (uint32_t)l->at + l->len;
    if (end > to) end = to;
    if (end > pos) pos = end;
    if (l->text.off) kh_put(w, kh_text_ptr(a->e, l->text), l->text.len);
    put_chain(a, l->after, false, w);
    return pos;
}

/* Notes a piece that ends at the writer's position; none when nothing was written. */
static void note(kh_pieces *p, const kh_writer *w, const char *from, int kind, uint32_t src, uint32_t len) {
    if (w->p == from || p->n < 0) return;
    if (p->n == KH_PIECES) {
        p->n = -1;
        return;
    }
    p->of[p->n++] = (kh_piece){(uint32_t)(from - w->start), src, (uint16_t)len, (uint8_t)kind};
}

#define NOTE(kind, src, len)                                    \
    do {                                                        \
        if (pieces) note(pieces, w, begin, kind, src, len);     \
        begin = w->p;                                           \
    } while (0)

/* Made twice by the compiler: without pieces for what is sent, with them for what is seen. */
static inline __attribute__((always_inline)) void apply(const kh_apply *a, kh_writer *w, uint32_t from, uint32_t to,
                                                        kh_pieces *pieces) {
    uint32_t pos = from, next = a->e ? a->e->first : 0;
    int i = 0;
    const char *begin = w->p;
    while (i < a->n && a->core[i].at < from) i++;
    while (next && KH_LUMP(a->e, next)->at < from) next = KH_LUMP(a->e, next)->next;
    for (;;) {
        const kh_lump *l = next ? KH_LUMP(a->e, next) : NULL;
        const kh_core_edit *c = i < a->n ? &a->core[i] : NULL;
        bool core = c && (!l || c->at < l->at);
        if (!core && !l) break;
        uint32_t at = core ? c->at : l->at;
        if (at > to) break;
        if (at > pos) {
            kh_put(w, a->m->buf + pos, at - pos);
            NOTE(KH_PIECE_MSG, pos, 0);
            pos = at;
        }
        if (!core) {
            pos = put_lump(a, l, pos, to, w);
            NOTE(KH_PIECE_LUMP, next, 0);
            next = l->next;
            continue;
        }
        i++;
        if (at < pos && !c->keep) continue;
        kh_put(w, c->text, c->text_len);
        NOTE(KH_PIECE_CORE, at, c->len);
        if (at + c->len > pos) pos = at + c->len;
    }
    if (to > pos) kh_put(w, a->m->buf + pos, to - pos);
    NOTE(KH_PIECE_MSG, pos, 0);
}

void kh_apply_range(const kh_apply *a, kh_writer *w, uint32_t from, uint32_t to) { apply(a, w, from, to, NULL); }

int kh_apply_pieces(const kh_apply *a, kh_writer *w, uint32_t from, uint32_t to, kh_pieces *p) {
    p->n = 0;
    apply(a, w, from, to, p);
    if (p->n < 0) return KH_ETOOBIG;
    p->of[p->n] = (kh_piece){(uint32_t)(w->p - w->start), 0, 0, KH_PIECE_GONE};
    return p->n;
}

/* Offset of the ';' before a parameter whose value is `value`, and the end of the value. */
static uint32_t param_start(const kh_msg *m, kh_span value) {
    uint32_t p = value.off;
    while (p > 0 && m->buf[p] != ';') p--;
    return p;
}

void kh_via_fix(kh_apply *a, bool force, char text[KH_VIA_FIX_TEXT]) {
    const kh_msg *m = a->m;
    const kh_via *v = &m->via1;
    kh_addr host = {0};
    bool rport = v->flags & KH_VIA_RPORT;
    bool same = kh_addr_parse(&host, m->buf + v->host.off, v->host.len) == KH_OK && kh_addr_same_ip(&host, &m->rcv.src);
    kh_writer w = kh_writer_on(text, KH_VIA_FIX_TEXT);
    uint32_t end = (uint32_t)v->body.off + v->body.len;
    if (v->received.len) { /* a spoofed or stale one goes */
        uint32_t start = param_start(m, v->received);
        kh_apply_core(a, start, (uint32_t)v->received.off + v->received.len - start, "", 0, false);
    }
    if (rport) {
        int64_t at = kh_param_find(m->buf, v->params.off, (uint32_t)v->params.off + v->params.len, "rport", 5);
        uint32_t name_end = v->rport.len ? (uint32_t)v->rport.off : (uint32_t)(at >> 16) + 5;
        KH_PUT(&w, "=");
        kh_put_number(&w, m->rcv.src.port);
        uint32_t skip = v->rport.len ? 1 : 0; /* it has its '=' */
        kh_apply_core(a, name_end, v->rport.len, text + skip, (uint32_t)(w.p - text) - skip, false);
    }
    char *from = w.p;
    if (!same || rport || force) {
        KH_PUT(&w, ";received=");
        if (w.end - w.p >= KH_ADDR_TEXT) w.p += kh_addr_text(&m->rcv.src, w.p, 0);
    }
    if (force && !rport) {
        KH_PUT(&w, ";rport=");
        kh_put_number(&w, m->rcv.src.port);
    }
    if (w.p > from) kh_apply_core(a, end, 0, from, (uint32_t)(w.p - from), false);
}
