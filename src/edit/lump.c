#include "lump.h"

#include <stdlib.h>
#include <string.h>

#include "lump_parts.h"
#include "seen.h"

static uint32_t default_flags;
static uint32_t changes; /* of any edits in this process */

void kh_edits_defaults(uint32_t flags) { default_flags = flags; }

void kh_edits_reset(kh_edits *e) {
    memset(e, 0, offsetof(kh_edits, data));
    e->used = KH_EDITS_START;
    e->cap = KH_EDITS_CAP;
    e->flags = default_flags;
    e->q = -1;
    e->sock = KH_NO_SOCK;
}

uint32_t kh_edits_size(const kh_edits *e) { return (uint32_t)offsetof(kh_edits, data) + e->used; }

void kh_edits_copy(kh_edits *dst, const kh_edits *src) {
    memcpy(dst, src, kh_edits_size(src));
    dst->cap = KH_EDITS_CAP;
    if (dst->changes) kh_ed_changed(dst); /* numbers of another process mean nothing here */
}

uint32_t kh_ed_alloc(kh_edits *e, uint32_t size) {
    uint32_t at = (e->used + 3) & ~3u;
    if (size > e->cap || at > e->cap - size) return 0;
    e->used = at + size;
    return at;
}

int kh_ed_text(kh_edits *e, kh_text *t, const char *s, uint32_t len) {
    uint32_t at = kh_ed_alloc(e, len ? len : 1);
    if (!at) return KH_ETOOBIG;
    memcpy(e->data + at, s, len);
    t->off = at;
    t->len = len;
    return KH_OK;
}

int kh_text_set(kh_edits *e, int part, const char *s, uint32_t len) {
    if (part < 0 || part >= KH_ED_PARTS) return KH_EINVAL;
    if (e->changes) kh_ed_changed(e); /* substitutions may show it */
    if (!len) {
        e->part[part] = (kh_text){0, 0};
        return KH_OK;
    }
    return kh_ed_text(e, &e->part[part], s, len);
}

int64_t kh_text_pack(kh_text t) { return t.off ? (int64_t)t.off << 32 | t.len : -1; }

int64_t kh_text_get(const kh_edits *e, int part) {
    return part < 0 || part >= KH_ED_PARTS ? -1 : kh_text_pack(e->part[part]);
}

kh_lump *kh_lump_at(kh_edits *e, uint32_t lump) {
    if (lump < KH_EDITS_START || lump > e->used - sizeof(kh_lump)) return NULL;
    return KH_LUMP(e, lump);
}

void kh_ed_changed(kh_edits *e) { e->changes = ++changes; }

int kh_ed_lump(kh_edits *e, int op, const char *s, uint32_t len, int htype) {
    uint32_t used = e->used, at = kh_ed_alloc(e, sizeof(kh_lump));
    if (!at) return KH_ETOOBIG;
    kh_lump *l = KH_LUMP(e, at);
    memset(l, 0, sizeof *l);
    l->op = (uint8_t)op;
    l->htype = (uint8_t)htype;
    l->flags = (uint8_t)e->lump_flags;
    if (s && kh_ed_text(e, &l->text, s, len) < 0) {
        e->used = used;
        return KH_ETOOBIG;
    }
    kh_ed_changed(e);
    return (int)at;
}

/* Puts a top lump into its place: by offset, after those that are at the same offset. */
static void link_top(kh_edits *e, uint32_t at) {
    kh_lump *l = KH_LUMP(e, at);
    if (!e->first || KH_LUMP(e, e->last)->at <= l->at) {
        if (e->first) KH_LUMP(e, e->last)->next = at;
        else e->first = at;
        e->last = at;
        return;
    }
    uint32_t *link = &e->first;
    while (KH_LUMP(e, *link)->at <= l->at) link = &KH_LUMP(e, *link)->next;
    l->next = *link;
    *link = at;
}

int kh_replace(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, const char *s, uint32_t n, int htype) {
    if (KH_UNLIKELY(m->seen)) return kh_seen_replace(e, m, at, len, s, n, htype);
    if (m->type == KH_REQUEST && at < m->fline_len) return KH_EINVAL; /* the Request-URI has new_uri */
    if (at > m->len || len > m->len - at) return KH_EINVAL;
    int made = kh_ed_lump(e, len ? KH_LUMP_DEL : KH_LUMP_NOP, s, n, htype);
    if (made < 0) return made;
    kh_lump *l = KH_LUMP(e, (uint32_t)made);
    l->at = (uint16_t)at;
    l->len = (uint16_t)len;
    link_top(e, (uint32_t)made);
    if (m->body.off > m->eoh && (at >= m->body.off || at + len > m->body.off)) e->flags |= KH_ED_BODY;
    return made;
}

/* Who writes last is heard: what earlier calls put into this span is taken back. */
static void take_back(kh_edits *e, uint32_t at, uint32_t len, int htype) {
    for (uint32_t i = e->first; i; i = KH_LUMP(e, i)->next) {
        kh_lump *l = KH_LUMP(e, i);
        if (!(l->flags & KH_LUMPFLAG_REWRITE) || l->htype != htype || l->at < at || l->at + l->len > at + len) continue;
        l->op = KH_LUMP_NOP;
        l->len = 0;
        l->text = (kh_text){0, 0};
    }
}

int kh_rewrite(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, const char *s, uint32_t n, int htype) {
    int made = kh_replace(e, m, at, len, s, n, htype);
    if (made < 0 || m->seen) return made; /* what is seen has what was written before in its place already */
    take_back(e, at, len, htype);
    kh_lump *l = KH_LUMP(e, (uint32_t)made);
    l->op = len ? KH_LUMP_DEL : KH_LUMP_NOP;
    l->flags |= KH_LUMPFLAG_REWRITE;
    return made;
}

int kh_del_lump(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, int htype) {
    return len ? kh_replace(e, m, at, len, NULL, 0, htype) : KH_EINVAL;
}

int kh_anchor_lump(kh_edits *e, const kh_msg *m, uint32_t at, int htype) {
    return kh_replace(e, m, at, 0, NULL, 0, htype);
}

/* Links a new lump next to `lump` in the chain on one side. */
static int chain(kh_edits *e, uint32_t lump, int before, int made) {
    if (made < 0) return made;
    kh_lump *to = KH_LUMP(e, lump), *l = KH_LUMP(e, (uint32_t)made);
    uint32_t *link = before ? &to->before : &to->after;
    if (before) l->before = *link;
    else l->after = *link;
    *link = (uint32_t)made;
    return made;
}

int kh_insert_after(kh_edits *e, uint32_t lump, const char *s, uint32_t len, int htype) {
    if (!kh_lump_at(e, lump)) return KH_EINVAL;
    return chain(e, lump, 0, kh_ed_lump(e, KH_LUMP_ADD, s, len, htype));
}

int kh_insert_before(kh_edits *e, uint32_t lump, const char *s, uint32_t len, int htype) {
    if (!kh_lump_at(e, lump)) return KH_EINVAL;
    return chain(e, lump, 1, kh_ed_lump(e, KH_LUMP_ADD, s, len, htype));
}

static int insert_arg(kh_edits *e, uint32_t lump, int before, int op, int arg, int htype) {
    if (!kh_lump_at(e, lump)) return KH_EINVAL;
    int made = kh_ed_lump(e, op, NULL, 0, htype);
    if (made > 0) KH_LUMP(e, (uint32_t)made)->arg = (uint8_t)arg;
    return chain(e, lump, before, made);
}

int kh_insert_subst(kh_edits *e, uint32_t lump, int before, int subst, int htype) {
    if (subst < 0 || subst > KH_SUBST_SND_ALL_EX) return KH_EINVAL;
    return insert_arg(e, lump, before, KH_LUMP_SUBST, subst, htype);
}

int kh_insert_cond(kh_edits *e, uint32_t lump, int before, int cond, int htype) {
    if (cond < 0 || cond > KH_COND_IF_RAND) return KH_EINVAL;
    /* decided once, so that a rebuild is the same */
    if (cond == KH_COND_IF_RAND) cond = rand() & 1 ? KH_COND_TRUE : KH_COND_FALSE;
    return insert_arg(e, lump, before, KH_LUMP_COND, cond, htype);
}

int kh_reply_lump(kh_edits *e, int kind, const char *s, uint32_t len) {
    if (kind != KH_RPL_HDR && kind != KH_RPL_BODY) return KH_EINVAL;
    if (kind == KH_RPL_BODY)
        for (uint32_t at = e->reply_first; at; at = KH_LUMP(e, at)->next)
            if (KH_LUMP(e, at)->arg == KH_RPL_BODY) return KH_EEXIST;
    int made = kh_ed_lump(e, KH_LUMP_ADD, s, len, 0);
    if (made < 0) return made;
    KH_LUMP(e, (uint32_t)made)->arg = (uint8_t)kind;
    if (e->reply_last) KH_LUMP(e, e->reply_last)->next = (uint32_t)made;
    else e->reply_first = (uint32_t)made;
    e->reply_last = (uint32_t)made;
    return made;
}
