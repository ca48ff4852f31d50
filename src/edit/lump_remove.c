/* Lumps taken out of the lists again. Their bytes stay in `data` until the edits are reset. */
#include "lump_parts.h"

/* What is looked for: a lump by its offset, by type and operation, or by flags. */
typedef struct wanted {
    uint32_t lump;
    int htype, op, flags, keep;
} wanted;

static bool is_wanted(const kh_edits *e, uint32_t at, const wanted *x) {
    const kh_lump *l = KH_LUMP(e, at);
    if (x->lump) return at == x->lump;
    if (x->flags) return (l->flags & x->flags ? 0 : 1) == x->keep;
    return l->htype == x->htype && l->op == x->op;
}

/* One side of a top lump. */
static int prune(kh_edits *e, uint32_t *link, int before, const wanted *x) {
    int n = 0;
    while (*link) {
        kh_lump *l = KH_LUMP(e, *link);
        uint32_t *next = before ? &l->before : &l->after;
        if (is_wanted(e, *link, x)) *link = *next, n++;
        else link = next;
    }
    return n;
}

static int prune_all(kh_edits *e, const wanted *x) {
    int n = 0;
    uint32_t *link = &e->first;
    e->last = 0;
    while (*link) {
        kh_lump *l = KH_LUMP(e, *link);
        if (is_wanted(e, *link, x)) {
            *link = l->next;
            n++;
            continue;
        }
        n += prune(e, &l->before, 1, x) + prune(e, &l->after, 0, x);
        e->last = *link;
        link = &l->next;
    }
    if (n) kh_ed_changed(e);
    return n;
}

int kh_lump_remove(kh_edits *e, int htype, int op) { return prune_all(e, &(wanted){.htype = htype, .op = op}); }

int kh_lump_unlink(kh_edits *e, uint32_t lump) {
    return lump && prune_all(e, &(wanted){.lump = lump}) ? KH_OK : KH_ENOTFOUND;
}

int kh_lump_remove_flagged(kh_edits *e, int flags, int keep) {
    return flags ? prune_all(e, &(wanted){.flags = flags, .keep = keep}) : 0;
}

int kh_reply_lump_unlink(kh_edits *e, uint32_t lump) {
    uint32_t *link = &e->reply_first, last = 0;
    while (*link && *link != lump) {
        last = *link;
        link = &KH_LUMP(e, *link)->next;
    }
    if (!*link) return KH_ENOTFOUND;
    *link = KH_LUMP(e, lump)->next;
    if (e->reply_last == lump) e->reply_last = last;
    return KH_OK;
}
