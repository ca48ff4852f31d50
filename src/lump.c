#include "lump.h"

#include <stdlib.h>
#include <string.h>

#include "lump_parts.h"

static uint32_t default_flags;

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

/* A new lump with a copy of the text; its offset, or KH_ETOOBIG with nothing changed. */
static int new_lump(kh_edits *e, int op, const char *s, uint32_t len, int htype) {
    uint32_t used = e->used, at = kh_ed_alloc(e, sizeof(kh_lump));
    if (!at) return KH_ETOOBIG;
    kh_lump *l = KH_LUMP(e, at);
    memset(l, 0, sizeof *l);
    l->op = (uint8_t)op;
    l->htype = (uint8_t)htype;
    if (s && kh_ed_text(e, &l->text, s, len) < 0) {
        e->used = used;
        return KH_ETOOBIG;
    }
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
    if (m->type == KH_REQUEST && at < m->fline_len) return KH_EINVAL; /* the Request-URI has new_uri */
    if (at > m->len || len > m->len - at) return KH_EINVAL;
    int made = new_lump(e, len ? KH_LUMP_DEL : KH_LUMP_NOP, s, n, htype);
    if (made < 0) return made;
    kh_lump *l = KH_LUMP(e, (uint32_t)made);
    l->at = (uint16_t)at;
    l->len = (uint16_t)len;
    link_top(e, (uint32_t)made);
    if (m->body.off > m->eoh && (at >= m->body.off || at + len > m->body.off)) e->flags |= KH_ED_BODY;
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
    return chain(e, lump, 0, new_lump(e, KH_LUMP_ADD, s, len, htype));
}

int kh_insert_before(kh_edits *e, uint32_t lump, const char *s, uint32_t len, int htype) {
    if (!kh_lump_at(e, lump)) return KH_EINVAL;
    return chain(e, lump, 1, new_lump(e, KH_LUMP_ADD, s, len, htype));
}

static int insert_arg(kh_edits *e, uint32_t lump, int before, int op, int arg, int htype) {
    if (!kh_lump_at(e, lump)) return KH_EINVAL;
    int made = new_lump(e, op, NULL, 0, htype);
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

static int matches(const kh_lump *l, int htype, int op) { return l->htype == htype && l->op == op; }

static int prune(kh_edits *e, uint32_t *link, int before, int htype, int op) {
    int n = 0;
    while (*link) {
        kh_lump *l = KH_LUMP(e, *link);
        uint32_t *next = before ? &l->before : &l->after;
        if (matches(l, htype, op)) *link = *next, n++;
        else link = next;
    }
    return n;
}

int kh_lump_remove(kh_edits *e, int htype, int op) {
    int n = 0;
    uint32_t *link = &e->first;
    e->last = 0;
    while (*link) {
        kh_lump *l = KH_LUMP(e, *link);
        if (matches(l, htype, op)) {
            *link = l->next;
            n++;
            continue;
        }
        n += prune(e, &l->before, 1, htype, op) + prune(e, &l->after, 0, htype, op);
        e->last = *link;
        link = &l->next;
    }
    return n;
}

int kh_reply_lump(kh_edits *e, int kind, const char *s, uint32_t len) {
    if (kind != KH_RPL_HDR && kind != KH_RPL_BODY) return KH_EINVAL;
    if (kind == KH_RPL_BODY)
        for (uint32_t at = e->reply_first; at; at = KH_LUMP(e, at)->next)
            if (KH_LUMP(e, at)->arg == KH_RPL_BODY) return KH_EEXIST;
    int made = new_lump(e, KH_LUMP_ADD, s, len, 0);
    if (made < 0) return made;
    KH_LUMP(e, (uint32_t)made)->arg = (uint8_t)kind;
    if (e->reply_last) KH_LUMP(e, e->reply_last)->next = (uint32_t)made;
    else e->reply_first = (uint32_t)made;
    e->reply_last = (uint32_t)made;
    return made;
}
