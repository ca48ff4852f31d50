/* Kept messages come back: copied into the caller's room and parsed there (0.3 us), so that a cell stores bytes only. */
#include <string.h>

#include "tm.h"

static int load(const kh_tmbuf *b, kh_msg *m, char *room) {
    if (!b || b->len > KH_MSG_MAX) return KH_ENOTFOUND;
    memcpy(room, b->data, b->len);
    return kh_msg_parse(m, room, b->len);
}

int kh_tm_load_request(const kh_cell *c, kh_msg *m, kh_edits *e, char *room) {
    int rc = load(c->req, m, room);
    if (rc < 0) return rc;
    m->rcv = c->rcv;
    if (!e) return rc;
    if (c->edits)
        kh_edits_copy(e, (const kh_edits *)c->edits->data);
    else
        kh_edits_reset(e);
    return rc;
}

int kh_tm_load_reply(const kh_cell *c, int idx, kh_msg *m, char *room) {
    const kh_uac *b = kh_cell_uac((kh_cell *)c, idx);
    int rc = b ? load(b->rpl, m, room) : KH_EINVAL;
    if (rc >= 0) m->rcv = b->rpl_rcv;
    return rc;
}

int kh_tm_load_sent(const kh_cell *c, int idx, kh_msg *m, char *room) {
    const kh_uac *b = kh_cell_uac((kh_cell *)c, idx);
    return b ? load(b->req, m, room) : KH_EINVAL;
}
