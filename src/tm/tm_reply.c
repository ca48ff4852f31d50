/* Replies: to the caller (made here or passed on), and from the called parties (RFC 3261 §16.7, §17.1.3). */
#include <string.h>

#include "counter.h"
#include "fault.h"
#include "proc.h"
#include "tm.h"
#include "sendq.h"

/* ---------------------------------------------------------------- towards the caller */

void kh_cell_arm(kh_cell *c) {
    uint64_t at = c->ends_at;
    if (c->retr_at && c->retr_at < at) at = c->retr_at;
    if (c->fr_at && c->fr_at < at) at = c->fr_at;
    if (c->wait_at && c->wait_at < at) at = c->wait_at;
    kh_timer_add(kh_tm_wheel, &c->timer, at);
}

void kh_tm_rearm(kh_cell *c) { kh_cell_arm(c); }

/* How long the cell stays to absorb what is repeated. Between streams nothing is: I and D are 0 (RFC 3261 §17.1.1.2,
 * §17.2.1), and K of a request of our own (§17.1.2.2). J stays: a request is routed once more when the process that had
 * read it was killed over it. */
static uint32_t wait_of(const kh_cell *c) {
    int server = c->flags & KH_CELL_RELIABLE && c->flags & KH_CELL_INVITE && c->state == KH_ST_CONFIRMED;
    if (!server && !(c->flags & KH_CELL_LOCAL)) return kh_tm_cfg->wait;
    for (int i = 0; i < c->n_branches; i++)
        if (!kh_is_stream(c->branch[i]->dst.to.proto)) return kh_tm_cfg->wait;
    return 0;
}

void kh_tm_apply_server(kh_cell *c, uint32_t act) {
    if (!(act & (KH_ACT_RETR | KH_ACT_FR | KH_ACT_WAIT))) return;
    uint64_t now = kh_now_ms();
    if (act & KH_ACT_RETR) {
        c->retr_ms = c->retr_ms ? (c->retr_ms * 2 < c->t2 ? c->retr_ms * 2 : c->t2) : c->t1;
        c->retr_at = c->flags & KH_CELL_RELIABLE ? 0 : now + c->retr_ms;
    }
    KH_STEP();
    if (act & KH_ACT_FR) c->fr_at = now + c->fr_ms; /* H */
    if (act & KH_ACT_WAIT) {
        c->wait_at = now + wait_of(c);
        KH_STEP();
        c->retr_at = c->fr_at = 0;
        if (c->ends_at < c->wait_at) c->ends_at = c->wait_at;
    } else if (act & KH_ACT_FR && c->ends_at < c->fr_at) {
        c->ends_at = c->fr_at;
    }
    KH_STEP();
    kh_cell_arm(c);
}

static void free_request(kh_cell *c) {
    kh_cell_set_buf(c, KH_CB_REQ, NULL, 0);
    kh_cell_set_buf(c, KH_CB_EDITS, NULL, 0);
}

void kh_tm_sent_final(kh_cell *c, int status) {
    int class = status / 100 - 2;
    if (class >= 0 && class <= 4) kh_count(kh_tm_ids[KH_TMC_2XX + class]);
    /* Branches still ringing, callbacks and a running failure_route may yet ask what the request was. */
    if (!c->need && !(c->flags & (KH_CELL_KEEP_REQ | KH_CELL_IN_FAILURE)) && c->n_branches < 2) free_request(c);
}

static void send_kept(const kh_cell *c) {
    kh_send(&c->reply_to, c->reply->data, c->reply->len);
    kh_count(kh_tm_ids[KH_TMC_RPL_SENT]);
}

int kh_tm_retransmit(kh_cell *c) {
    if (!c->reply) return KH_ENOTFOUND;
    send_kept(c);
    return KH_OK;
}

/* `n` bytes in the queue's reserved room go to the caller: kept, stepped, armed, then sent. `flags`: more of enum
 * kh_dest_flags for this reply. */
static int send_reply(kh_cell *c, int status, int branch, uint16_t flags, const char *out, int n) {
    kh_dest to = c->reply_to;
    to.flags |= flags;
    if (status < 200) to.flags &= (uint16_t)~KH_DEST_CLOSE; /* there is more to come */
    /* A 2xx to INVITE is repeated by the callee, end to end: nothing to keep (RFC 3261 §13.3.1.4). */
    int keep = !(c->flags & KH_CELL_INVITE && status >= 200 && status < 300);
    /* Without memory it is sent all the same: what is lost is its repetition, and the one kept before would be wrong. */
    if (!keep || kh_tmbuf_set(&c->reply, out, (uint32_t)n) < 0) kh_tmbuf_set(&c->reply, NULL, 0);
    int first_final = status >= 200 && c->uas_status < 200;
    c->relayed_branch = (uint16_t)branch;
    KH_STEP();
    c->uas_status = (uint16_t)status;
    KH_STEP();
    if (status > 100) c->flags |= KH_CELL_FORWARDED; /* a repeat may be content with this reply; not with a 100 */
    if (first_final) c->retr_ms = 0;
    uint32_t act = kh_fsm_server(c, kh_fsm_input_of(status));
    KH_STEP();
    kh_tm_apply_server(c, act);
    if (first_final) kh_tm_sent_final(c, status);
    KH_STEP();
    kh_send_commit(&to, (uint32_t)n);
    kh_count(kh_tm_ids[KH_TMC_RPL_SENT]);
    /* Another worker may have the 200 already and send it as soon as it gets the lock: the 180 must be out by then. */
    if (status > 100 && status < 200) kh_send_flush();
    return n;
}

int kh_tm_tag(const kh_cell *c, char *out) {
    static const char hex[] = "0123456789abcdef";
    uint64_t x = ((uint64_t)c->hash << 32 | c->label) * 0x9e3779b97f4a7c15ull;
    x ^= x >> 31 ^ c->born;
    memcpy(out, "kh", 2);
    for (int i = 0; i < 16; i++, x >>= 4) out[2 + i] = hex[x & 15];
    for (int i = 0; i < 4; i++) out[18 + i] = hex[c->hash >> (4 * i) & 15];
    return 22;
}

int kh_tm_reply(kh_cell *c, const kh_msg *m, const kh_edits *e, int code, const char *reason, uint32_t reason_len,
                const char *extra, uint32_t extra_len) {
    if (c->uas_status >= 200 || c->flags & KH_CELL_LOCAL) return KH_EBUSY;
    char tag[32];
    int tlen = kh_tm_tag(c, tag);
    if (e) {
        kh_reply_dest(&c->reply_to, m, e); /* force_rport() may have come after the cell was made */
    }
    char *out = kh_send_reserve();
    int n = kh_build_reply(m, e, code, reason, reason_len, tag, (uint32_t)tlen, extra, extra_len, out, KH_MSG_MAX);
    if (n < 0) return n;
    int rc = send_reply(c, code, 0xffff, 0, out, n);
    if (rc > 0) kh_count(kh_tm_ids[KH_TMC_RPL_GENERATED]);
    return rc;
}

int kh_tm_relay_reply(kh_cell *c, int idx, const kh_msg *m, const kh_edits *e) {
    if (c->flags & KH_CELL_LOCAL) return KH_EBUSY;
    int two_hundred = m->status >= 200 && m->status < 300;
    if (c->uas_status >= 200 && !(c->flags & KH_CELL_INVITE && two_hundred)) return KH_EBUSY;
    char *out = kh_send_reserve();
    int n = kh_build_forwarded_reply(m, e, kh_is_stream(c->reply_to.to.proto), out, KH_MSG_MAX);
    if (n < 0) return n;
    int rc = send_reply(c, m->status, idx, kh_reply_flags(e), out, n);
    if (rc > 0) kh_count(kh_tm_ids[KH_TMC_RPL_RELAYED]);
    return rc;
}

int kh_tm_keep_reply(kh_cell *c, int idx, const kh_msg *m) {
    kh_uac *b = kh_cell_uac(c, idx);
    if (!b) return KH_EINVAL;
    b->rpl_rcv = m->rcv;
    KH_STEP();
    return kh_tmbuf_set(&b->rpl, m->buf, m->len);
}

int kh_tm_finish(kh_cell *c) {
    if (c->uas_status >= 200) return KH_EBUSY;
    c->uas_status = 500;
    KH_STEP();
    c->flags |= KH_CELL_FORWARDED;
    kh_fsm_server(c, KH_IN_NEG);
    KH_STEP();
    kh_tm_sent_final(c, 500);
    return kh_tm_wait(c);
}

int kh_tm_wait(kh_cell *c) {
    if (c->flags & KH_CELL_LOCAL) c->state = KH_ST_TERMINATED;
    KH_STEP();
    kh_tm_apply_server(c, KH_ACT_WAIT);
    return KH_OK;
}

/* ---------------------------------------------------------------- from the called parties */

static int hex_digits(const char *p, int n, uint32_t *out) {
    uint32_t v = 0;
    for (int i = 0; i < n; i++) {
        char ch = p[i];
        if (ch >= '0' && ch <= '9')
            v = v << 4 | (uint32_t)(ch - '0');
        else if (ch >= 'a' && ch <= 'f')
            v = v << 4 | (uint32_t)(ch - 'a' + 10);
        else
            return 0;
    }
    *out = v;
    return 1;
}

/* z9hG4bK HHHH . LLLLLLLL . B */
static kh_cell *match_branch(const kh_msg *m, int *idx) {
    if (!m->n_via) return NULL;
    const char *p = m->buf + m->via1.branch.off;
    int len = m->via1.branch.len;
    uint32_t hash, label, branch;
    if (len < 22 || len > 23 || memcmp(p, "z9hG4bK", 7) || p[11] != '.' || p[20] != '.') return NULL;
    if (!hex_digits(p + 7, 4, &hash) || !hex_digits(p + 12, 8, &label) || !hex_digits(p + 21, len - 21, &branch)) return NULL;
    *idx = (int)branch;
    return kh_tm_by_ident(hash, label);
}

/* Timers of a branch after a reply moved its machine. */
static void apply_client(kh_cell *c, kh_uac *b, uint32_t act) {
    if (!(act & (KH_ACT_FR | KH_ACT_RETR | KH_ACT_WAIT))) return;
    if (act & KH_ACT_FR && !(b->flags & KH_UAC_CANCEL_SENT)) {
        if (!(b->flags & KH_UAC_FR_INV) || kh_tm_cfg->restart_fr) b->fr_at = kh_now_ms() + c->fr_inv_ms;
        b->flags |= KH_UAC_FR_INV;
        b->retr_at = 0;
    }
    if (act & KH_ACT_RETR && b->retr_at) b->retr_ms = c->t2; /* E in Proceeding */
    if (act & KH_ACT_WAIT) b->retr_at = b->fr_at = 0;
    KH_STEP();
    kh_uac_arm(b);
}

static int reply_to_cancel(kh_cell *c, kh_uac *b, const kh_msg *m) {
    if (m->status >= 200 && b->flags & KH_UAC_CANCEL_SENT) {
        b->flags |= KH_UAC_CANCEL_DONE;
        b->retr_at = 0;
        kh_uac_arm(b);
    }
    kh_count(kh_tm_ids[KH_TMC_RPL_ABSORBED]);
    kh_cell_release(c);
    return KH_TM_ABSORBED;
}

static void cancel_now(kh_cell *c, kh_uac *b) {
    char reason[512];
    uint32_t n = 0;
    /* A CANCEL is there when somebody was killed on the way to this one: only its Reason is lost. */
    if (b->cancel && b->cancel->len <= sizeof(reason) && memcmp(b->cancel->data, "CANCEL ", 7)) {
        n = b->cancel->len;
        memcpy(reason, b->cancel->data, n);
    }
    kh_tm_send_cancel(c, b, reason, n);
}

static int needs_python(const kh_cell *c, int status) {
    if (c->n_branches > 1 || c->flags & (KH_CELL_REPAIR | KH_CELL_LOCAL | KH_CELL_CANCELED | KH_CELL_REPLICATED)) return 1;
    uint32_t need = c->need;
    if (need & KH_NEED_REPLY || c->on_reply || c->branch0.on_reply) return 1;
    if (status < 200) return need & KH_NEED_PROVISIONAL;
    if (need & KH_NEED_FINAL) return 1;
    if (status < 300) return 0;
    return need & KH_NEED_NEGATIVE || c->on_failure || c->on_branch_failure || status == 503;
}

static int relay_alone(kh_cell *c, kh_uac *b, const kh_msg *m, const kh_edits *e) {
    if (m->status > 100 || kh_tm_cfg->relay_100) kh_tm_relay_reply(c, b->idx, m, e);
    KH_STEP();
    if (m->status >= 200) {
        kh_tmbuf_set(&b->req, NULL, 0);
        b->flags |= KH_UAC_PICKED;
    }
    kh_cell_release(c);
    return KH_TM_DONE;
}

/* The status before the machine: a final one that was seen but not dealt with shows, and is asked for again. */
static int step_branch(kh_cell *c, kh_uac *b, const kh_msg *m, const kh_edits *e) {
    kh_fsm_row row = kh_fsm_client_row(c, b, kh_fsm_input_of(m->status));
    /* After a death the machine may have moved although nobody was told: tell again, twice does no harm. */
    int pass = row.action & KH_ACT_PASS || (c->flags & KH_CELL_REPAIR && m->status >= 200 && c->uas_status < 200);
    if (pass) {
        b->flags |= KH_UAC_REPLIED;
        KH_STEP();
        if (m->status >= 200 || b->last_status < 200) b->last_status = m->status;
        KH_STEP();
    }
    b->state = (uint8_t)row.next;
    KH_STEP();
    if (row.action & KH_ACT_ACK) kh_tm_send_ack(c, b, m);
    apply_client(c, b, row.action);
    if (!pass) {
        kh_count(kh_tm_ids[KH_TMC_RPL_ABSORBED]);
        kh_cell_release(c);
        return KH_TM_ABSORBED;
    }
    if (b->flags & KH_UAC_CANCEL_WANTED && m->status < 200) cancel_now(c, b);
    return needs_python(c, m->status) ? KH_TM_PYTHON : relay_alone(c, b, m, e);
}

int kh_tm_lookup_reply(const kh_msg *m) {
    int idx;
    kh_cell *c = match_branch(m, &idx);
    kh_tm_set_found(c, c ? idx : -1);
    return c != NULL;
}

int kh_tm_reply_in(const kh_msg *m, const kh_edits *e) {
    int idx;
    kh_tm_set_found(NULL, -1);
    kh_cell *c = match_branch(m, &idx);
    if (!c) return KH_TM_NONE;
    kh_uac *b = kh_cell_uac(c, idx);
    int cancel = b && m->cseq_method_id == KH_M_CANCEL && c->method != KH_M_CANCEL;
    if (!b || (!cancel && m->cseq_method_id != c->method) || m->cseq_num != c->cseq_num) {
        kh_cell_release(c);
        return KH_TM_NONE;
    }
    kh_count(kh_tm_ids[KH_TMC_RPL_RECEIVED]);
    kh_cell_lock(c);
    kh_tm_set_found(c, idx);
    return cancel ? reply_to_cancel(c, b, m) : step_branch(c, b, m, e);
}
