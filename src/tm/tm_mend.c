/* A cell whose lock was held by a process that died inside: what had begun is gone through with (cells.h has the order
 * of writes that makes this possible). Every step may be done twice, since whoever mends may be killed as well.
 */
#include "fault.h"
#include "tm.h"

/* Ended by us, but perhaps not to the last field; or open, with times that were never armed. */
static void mend_branch(kh_cell *c, kh_uac *b) {
    if (b->flags & KH_UAC_LOCAL && b->last_status >= 200)
        kh_tm_end_branch(c, b->idx, b->last_status);
    else
        kh_uac_arm(b);
}

/* The final status is stored, and nothing after it may have happened: neither H nor the wait timer runs. */
static void mend_server(kh_cell *c) {
    if (c->uas_status < 200 || c->wait_at || c->fr_at) return;
    if (c->flags & KH_CELL_LOCAL) {
        kh_tm_wait(c);
        return;
    }
    c->state = KH_ST_PROCEEDING;
    c->retr_ms = 0;
    KH_STEP();
    kh_tm_apply_server(c, kh_fsm_server(c, kh_fsm_input_of(c->uas_status)));
}

void kh_cell_mend(kh_cell *c) {
    if (c->flags & (KH_CELL_DEAD | KH_CELL_FREEING)) return;
    for (int i = 0; i < c->n_branches; i++) {
        KH_STEP();
        mend_branch(c, c->branch[i]);
    }
    mend_server(c);
    if (c->uas_status < 200) c->flags &= ~(uint32_t)KH_CELL_EXPIRED; /* the caller was not told yet */
    KH_STEP();
    kh_cell_arm(c);
}
