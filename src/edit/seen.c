#include "seen.h"

#include "apply.h"
#include "lump_parts.h"

static struct {
    kh_msg m;
    const kh_msg *base; /* NULL: nothing is seen yet */
    kh_edits *e;
    uint32_t changes; /* of the edits when it was made, and their socket */
    uint16_t sock;
    int rc;           /* KH_OK: m is valid */
    kh_pieces pieces;
    char buf[KH_MSG_MAX];
} seen;

static int build(const kh_msg *m, const kh_edits *e) {
    char clen[KH_CLEN_TEXT];
    kh_apply a;
    kh_apply_init(&a, m, e, e->sock);
    kh_fix_content_length(&a, false, clen);
    kh_writer w = kh_writer_on(seen.buf, sizeof seen.buf);
    int rc = kh_apply_pieces(&a, &w, 0, kh_message_end(m), &seen.pieces), len = kh_written(&w);
    if (rc < 0 || len < 0) return KH_ETOOBIG;
    seen.m.rcv = m->rcv;
    seen.m.id = m->id;
    rc = kh_msg_parse(&seen.m, seen.buf, (uint32_t)len);
    seen.m.seen = 1;
    return rc < 0 || seen.m.type != m->type ? KH_EMALFORMED : KH_OK;
}

const kh_msg *kh_seen(const kh_msg *m, kh_edits *e) {
    if (!e->changes) return m;
    if (seen.base != m || seen.changes != e->changes || seen.sock != e->sock) {
        seen.base = m;
        seen.e = e;
        seen.changes = e->changes;
        seen.sock = e->sock;
        seen.rc = build(m, e);
    }
    return seen.rc == KH_OK ? &seen.m : m;
}

/* Edits in the seen message's offsets. The pieces are kept true to it: what is cut out of an added text leaves a gap. */

static int find(uint32_t at) {
    const kh_pieces *p = &seen.pieces;
    int low = 0, high = p->n; /* of[low].out <= at < of[high].out */
    while (high - low > 1) {
        int mid = (low + high) / 2;
        if (p->of[mid].out <= at) low = mid;
        else high = mid;
    }
    return low;
}

static uint32_t piece_end(int i) { return seen.pieces.of[i + 1].out; }

/* Puts `more` pieces of the same kind behind number i. */
static void widen(int i, int more) {
    kh_pieces *p = &seen.pieces;
    memmove(&p->of[i + 1 + more], &p->of[i + 1], (size_t)(p->n - i) * sizeof(kh_piece));
    p->n += more;
}

static void link_behind(kh_edits *e, uint32_t lump, uint32_t made) {
    KH_LUMP(e, made)->next = KH_LUMP(e, lump)->next;
    KH_LUMP(e, lump)->next = made;
    if (e->last == lump) e->last = made;
}

static void link_before(kh_edits *e, uint32_t lump, uint32_t made) {
    uint32_t *link = &e->first;
    while (*link && *link != lump) link = &KH_LUMP(e, *link)->next;
    KH_LUMP(e, made)->next = lump;
    *link = made;
}

/* A lump with chains becomes one with the text that it was seen with. */
static int bake(kh_edits *e, kh_lump *l, int i) {
    if (!l->before && !l->after) return KH_OK;
    uint32_t out = seen.pieces.of[i].out;
    kh_text text;
    if (kh_ed_text(e, &text, seen.buf + out, piece_end(i) - out) < 0) return KH_ETOOBIG;
    l->text = text;
    l->before = l->after = 0;
    if (l->htype == KH_HDR_RECORDROUTE) { /* its parameters can no longer be added to */
        e->rr_in = e->rr_out = 0;
        e->flags &= ~(uint32_t)KH_ED_RR;
    }
    return KH_OK;
}

/* Takes [x, y) out of the text of piece i. What is behind it moves to a lump of its own: a text can stand between. */
static int cut(kh_edits *e, int i, uint32_t x, uint32_t y) {
    kh_piece *p = &seen.pieces.of[i];
    uint32_t size = piece_end(i) - p->out, out = p->out, lump = p->src;
    kh_lump *l = KH_LUMP(e, lump);
    int rc = bake(e, l, i), rest = 0;
    if (rc < 0) return rc;
    if (y < size) {
        if ((rest = kh_ed_lump(e, KH_LUMP_NOP, NULL, 0, l->htype)) < 0) return rest;
        KH_LUMP(e, (uint32_t)rest)->at = l->at;
        KH_LUMP(e, (uint32_t)rest)->text = (kh_text){l->text.off + y, l->text.len - y};
        link_behind(e, lump, (uint32_t)rest);
    }
    l->text.len = x;
    if (!x) l->text.off = 0;
    kh_ed_changed(e);
    kh_piece made[3];
    int n = 0;
    if (x) made[n++] = *p;
    if (y > x) made[n++] = (kh_piece){out + x, lump, 0, KH_PIECE_GONE};
    if (rest) made[n++] = (kh_piece){out + y, (uint32_t)rest, 0, KH_PIECE_LUMP};
    widen(i, n - 1);
    memcpy(&seen.pieces.of[i], made, (size_t)n * sizeof(kh_piece));
    return KH_OK;
}

/* Deletes what piece i has in [at, end). */
static int delete_in(kh_edits *e, int i, uint32_t at, uint32_t end, int htype) {
    const kh_piece *p = &seen.pieces.of[i];
    uint32_t from = at > p->out ? at : p->out, to = end < piece_end(i) ? end : piece_end(i);
    switch (p->kind) {
    case KH_PIECE_MSG: return kh_replace(e, seen.base, p->src + from - p->out, to - from, NULL, 0, htype);
    case KH_PIECE_CORE: return p->len ? kh_replace(e, seen.base, p->src, p->len, NULL, 0, htype) : KH_OK;
    case KH_PIECE_LUMP: return cut(e, i, from - p->out, to - p->out);
    default: return KH_OK;
    }
}

/* A lump with the text at an offset of the seen message. */
static int insert(kh_edits *e, uint32_t at, const char *s, uint32_t n, int htype) {
    int i = find(at);
    kh_piece *p = &seen.pieces.of[i];
    if (at >= seen.m.len) return kh_replace(e, seen.base, kh_message_end(seen.base), 0, s, n, htype);
    if (p->kind == KH_PIECE_MSG) return kh_replace(e, seen.base, p->src + at - p->out, 0, s, n, htype);
    if (p->kind == KH_PIECE_CORE) return kh_replace(e, seen.base, p->src, 0, s, n, htype);
    if (p->kind == KH_PIECE_LUMP && at > p->out) {
        int rc = cut(e, i, at - p->out, at - p->out);
        if (rc < 0) return rc;
        p = &seen.pieces.of[i + 1];
    }
    int made = kh_ed_lump(e, KH_LUMP_NOP, s, n, htype);
    if (made < 0) return made;
    KH_LUMP(e, (uint32_t)made)->at = KH_LUMP(e, p->src)->at;
    if (p->kind == KH_PIECE_LUMP) {
        link_before(e, p->src, (uint32_t)made);
    } else { /* what comes to this gap next stands behind it */
        link_behind(e, p->src, (uint32_t)made);
        p->src = (uint32_t)made;
    }
    return made;
}

/* Is there room for all that an edit of pieces [i, last] may need? So it is done wholly or not at all. */
static bool has_room(const kh_edits *e, int i, int last, uint32_t n) {
    uint32_t pieces = (uint32_t)(last - i + 2), text = seen.pieces.of[last + 1].out - seen.pieces.of[i].out;
    return e->used + pieces * 2 * (sizeof(kh_lump) + 8) + text + n + 8 <= e->cap &&
           seen.pieces.n + 2 * (int)pieces <= KH_PIECES;
}

int kh_seen_replace(kh_edits *e, const kh_msg *m, uint32_t at, uint32_t len, const char *s, uint32_t n, int htype) {
    if (e != seen.e || m != &seen.m) return KH_EINVAL; /* another message was asked for in between */
    if (m->type == KH_REQUEST && at < m->fline_len) return KH_EINVAL;
    if (at > m->len || len > m->len - at) return KH_EINVAL;
    uint32_t end = at + len;
    int i = find(at), last = find(len ? end - 1 : at);
    if (i == last && seen.pieces.of[i].kind == KH_PIECE_MSG && at < piece_end(i))
        return kh_replace(e, seen.base, seen.pieces.of[i].src + at - seen.pieces.of[i].out, len, s, n, htype);
    if (!has_room(e, i, last, n)) return KH_ETOOBIG;
    int made = insert(e, at, s, n, htype);
    if (made < 0 || !len) return made;
    for (last = find(end - 1), i = find(at); last >= i; last--) {
        int rc = delete_in(e, last, at, end, htype);
        if (rc < 0) return rc;
    }
    return made;
}
