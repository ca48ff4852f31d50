/* What time does to transactions, in the timer process: repeats (A, E, G), giving up (B, C, F, H), the end (D, I to M). */
#include <string.h>

#include "arena.h"
#include "counter.h"
#include "fault.h"
#include "proc.h"
#include "tm.h"
#include "sendq.h"

enum {
    BATCH = 64,       /* due timers taken at once */
    BUSY_MS = 10,     /* the cell is locked: come back */
    HELD_MS = 50,     /* somebody still looks at a dead cell: come back */
    AGAIN_MS = 1000,  /* a branch that was to end is still open: its process died over it, tell again */
};

static kh_timer *due[BATCH];
static int n_due, at_due;

static kh_timer *next_due(uint64_t now) {
    if (at_due == n_due) {
        n_due = kh_wheel_expire(kh_tm_wheel, now, due, BATCH);
        at_due = 0;
        if (n_due <= 0) {
            n_due = 0;
            return NULL;
        }
    }
    return due[at_due++];
}

static void later(kh_timer *t, uint64_t at) {
    kh_timer_add(kh_tm_wheel, t, at);
    kh_timer_done(kh_tm_wheel, t);
}

/* ---------------------------------------------------------------- the end of a cell */

/* Unlinked cells are freed by their own firing timer, as soon as no process holds them. */
static void bury(kh_cell *c, uint64_t now) {
    kh_cell_unlink(c);
    if (kh_cell_is_held(c)) {
        kh_count(kh_tm_ids[KH_TMC_DELAYED_FREE]);
        later(&c->timer, now + HELD_MS);
    } else if (kh_cell_free(c) == KH_EBUSY) {
        later(&c->timer, now + BUSY_MS);
    } else {
        kh_count(kh_tm_ids[KH_TMC_FREED]);
    }
}

void kh_tm_delete(kh_cell *c) {
    c->flags |= KH_CELL_DEAD;
    kh_timer_add(kh_tm_wheel, &c->timer, kh_now_ms());
    kh_cell_release(c);
}

static int finish(kh_cell *c, uint64_t now) {
    if (c->need & KH_NEED_DELETE) {
        c->need &= ~KH_NEED_DELETE;
        later(&c->timer, now + KH_WHEEL_TICK_MS); /* should Python die over it */
        return KH_TM_EV_DELETE;
    }
    c->flags |= KH_CELL_DEAD;
    KH_STEP();
    kh_cell_release(c);
    KH_STEP();
    bury(c, now);
    return KH_TM_EV_NONE;
}

/* ---------------------------------------------------------------- the server side */

static int cell_due(kh_cell *c, uint64_t now) {
    if (c->flags & KH_CELL_REPAIR) {
        c->flags &= ~KH_CELL_REPAIR;
        KH_STEP();
        kh_count(kh_tm_ids[KH_TMC_REPAIRED]);
        kh_cell_arm(c);
        kh_timer_done(kh_tm_wheel, &c->timer);
        return KH_TM_EV_REPAIR;
    }
    if (c->retr_at && c->retr_at <= now) {
        uint32_t act = kh_fsm_server(c, KH_IN_RETR);
        KH_STEP();
        c->retr_at = 0;
        if (act & KH_ACT_REPLY) {
            kh_tm_retransmit(c);
            kh_count(kh_tm_ids[KH_TMC_RETRANSMITTED]);
        }
        kh_tm_apply_server(c, act);
    }
    if (c->fr_at && c->fr_at <= now) { /* H: no ACK */
        kh_fsm_server(c, KH_IN_FR);
        KH_STEP();
        c->wait_at = now;
        KH_STEP();
        c->fr_at = 0;
    }
    if (c->ends_at <= now && (c->uas_status < 200 || kh_tm_alive(c)) && !(c->flags & KH_CELL_EXPIRED)) {
        c->flags |= KH_CELL_EXPIRED;
        KH_STEP();
        c->ends_at = now + kh_tm_cfg->wait;
        KH_STEP();
        kh_cell_arm(c);
        kh_timer_done(kh_tm_wheel, &c->timer);
        return KH_TM_EV_EXPIRED;
    }
    if (c->wait_at && c->wait_at <= now && kh_tm_alive(c)) c->wait_at = now + kh_tm_cfg->wait; /* a CANCEL is under way */
    if ((c->wait_at && c->wait_at <= now) || c->ends_at <= now) {
        kh_fsm_server(c, KH_IN_WAIT);
        return finish(c, now);
    }
    kh_cell_arm(c);
    kh_timer_done(kh_tm_wheel, &c->timer);
    kh_cell_release(c);
    return KH_TM_EV_NONE;
}

/* ---------------------------------------------------------------- a branch */

static void repeat_branch(kh_cell *c, kh_uac *b, uint64_t now) {
    const kh_tmbuf *what = NULL;
    if (b->flags & KH_UAC_CANCEL_SENT)
        what = b->flags & KH_UAC_CANCEL_DONE ? NULL : b->cancel;
    else if (kh_fsm_client(c, b, KH_IN_RETR) & KH_ACT_SEND)
        what = b->req;
    b->retr_at = 0;
    if (!what) return;
    KH_STEP();
    kh_send(&b->dst, what->data, what->len);
    kh_count(kh_tm_ids[KH_TMC_RETRANSMITTED]);
    b->retr_ms = b->retr_ms * 2 < c->t2 ? b->retr_ms * 2 : c->t2;
    b->retr_at = now + b->retr_ms;
}

static int branch_due(kh_cell *c, kh_uac *b, uint64_t now) {
    int event = KH_TM_EV_NONE;
    if (b->fr_at && b->fr_at <= now) {
        int open = kh_uac_alive(b) && kh_fsm_client_row(c, b, KH_IN_FR).action & KH_ACT_TIMEOUT;
        if (open) event = KH_TM_EV_TIMEOUT; /* kh_tm_end_branch moves the machine */
        b->fr_at = open ? now + AGAIN_MS : 0;
        b->retr_at = 0;
    } else if (b->retr_at && b->retr_at <= now) {
        repeat_branch(c, b, now);
    }
    KH_STEP();
    kh_uac_arm(b);
    KH_STEP();
    kh_timer_done(kh_tm_wheel, &b->timer);
    if (event == KH_TM_EV_NONE) kh_cell_release(c);
    return event;
}

/* ---------------------------------------------------------------- the loop */

static int handle(kh_timer *t, uint64_t now) {
    int whole = t->kind == KH_TIMER_CELL;
    kh_cell *c = whole ? (kh_cell *)((char *)t - offsetof(kh_cell, timer))
                       : ((kh_uac *)((char *)t - offsetof(kh_uac, timer)))->cell;
    if (whole && c->flags & KH_CELL_DEAD) {
        bury(c, now);
        return KH_TM_EV_NONE;
    }
    if (c->flags & KH_CELL_DEAD) { /* a branch of it: the cell's own timer frees both */
        kh_timer_done(kh_tm_wheel, t);
        return KH_TM_EV_NONE;
    }
    if (kh_cell_hold(c) != KH_OK) {
        later(t, now + BUSY_MS);
        return KH_TM_EV_NONE;
    }
    int rc = kh_cell_trylock(c);
    if (rc != KH_OK && rc != KH_EOWNERDEAD) {
        kh_cell_release(c);
        later(t, now + BUSY_MS);
        return KH_TM_EV_NONE;
    }
    kh_tm_set_found(c, -1);
    if (whole) return cell_due(c, now);
    kh_uac *b = (kh_uac *)((char *)t - offsetof(kh_uac, timer));
    kh_tm_set_found(c, b->idx);
    return branch_due(c, b, now);
}

static int next_event(uint64_t now_ms) {
    kh_timer *t;
    while ((t = next_due(now_ms))) {
        int event = handle(t, now_ms);
        if (event) return event;
    }
    return KH_TM_EV_NONE;
}

static int found; /* an event that kh_tm_quiet met */

int kh_tm_timer(uint64_t now_ms) {
    int event = found;
    found = KH_TM_EV_NONE;
    return event ? event : next_event(now_ms);
}

int kh_tm_quiet(void) {
    if (!found) found = next_event(kh_now_ms());
    kh_send_flush();
    return found != KH_TM_EV_NONE;
}
