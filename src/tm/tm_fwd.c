/* Sending a request on (RFC 3261 §16.6) and calling it back (§9.1). */
#define _GNU_SOURCE /* memmem */
#include <string.h>

#include "counter.h"
#include "fault.h"
#include "proc.h"
#include "tm.h"
#include "sendq.h"
#include "writer.h"

int kh_uac_alive(const kh_uac *b) { return b->last_status < 200; }

int kh_tm_alive(const kh_cell *c) {
    int n = 0;
    for (int i = 0; i < c->n_branches; i++) n += kh_uac_alive(c->branch[i]);
    return n;
}

void kh_uac_arm(kh_uac *b) {
    uint64_t at = b->retr_at && (!b->fr_at || b->retr_at < b->fr_at) ? b->retr_at : b->fr_at;
    if (at)
        kh_timer_add(kh_tm_wheel, &b->timer, at);
    else
        kh_timer_del(kh_tm_wheel, &b->timer);
}

static void start_branch(kh_cell *c, kh_uac *b) {
    uint64_t now = kh_now_ms();
    uint32_t act = kh_fsm_client(c, b, KH_IN_SEND);
    b->retr_ms = c->t1;
    b->retr_at = act & KH_ACT_RETR && !kh_is_stream(b->dst.to.proto) ? now + c->t1 : 0; /* A and E (§17.1.1.2) */
    b->fr_at = now + c->fr_ms;
}

/* The transport says no (§17.1.4): the branch ends, and what it ends with is nothing to choose from. */
static int unsent(kh_cell *c, kh_uac *b) {
    b->flags |= KH_UAC_DROPPED;
    KH_STEP();
    kh_tm_end_branch(c, b->idx, 408);
    return KH_ESEND;
}

/* `n` bytes in the queue's reserved room become a branch: kept, armed, then sent. Its number or KH_E*. */
static int add_branch(kh_cell *c, const kh_dest *d, const char *out, int n) {
    kh_uac *b = kh_uac_make(c, out, (uint32_t)n);
    if (!b) return KH_ENOMEM;
    b->dst = *d;
    start_branch(c, b);
    KH_STEP();
    kh_cell_add_uac(c, b);
    KH_STEP();
    kh_uac_arm(b);
    KH_STEP();
    c->flags |= KH_CELL_FORWARDED; /* from here the timers answer for it */
    KH_STEP();
    return kh_send_commit(d, (uint32_t)n) < 0 ? unsent(c, b) : b->idx;
}

typedef struct outgoing {
    const kh_msg *m;
    const kh_edits *e;
    const char *uri;
    uint32_t uri_len;
} outgoing;

static int build(const kh_cell *c, const outgoing *r, const kh_dest *d, char *out) {
    char branch[KH_TM_BRANCH_MAX];
    int blen = kh_tm_branch_text(branch, c, c->n_branches);
    return kh_build_request(r->m, r->e, d, r->uri, r->uri_len, branch, (uint32_t)blen, out, KH_MSG_MAX);
}

int kh_tm_forward(kh_cell *c, const kh_msg *m, const kh_edits *e, const kh_dest *d, const char *uri, uint32_t uri_len) {
    outgoing r = {m, e, uri, uri_len};
    kh_dest to = *d;
    if (c->n_branches >= KH_TM_BRANCHES) return KH_ETOOBIG;
    char *out = kh_send_reserve();
    int n = build(c, &r, &to, out);
    if (n > 0 && kh_mtu_switch(&to, m, e, n)) n = build(c, &r, &to, out);
    if (n < 0) return n;
    int rc = add_branch(c, &to, out, n);
    if (rc != KH_ESEND || !(to.flags & KH_DEST_BY_LENGTH) || c->n_branches >= KH_TM_BRANCHES) return rc;
    kh_mtu_switch_back(&to, m, e); /* RFC 3261 18.1.1: a peer that knows no stream */
    out = kh_send_reserve();
    n = build(c, &r, &to, out);
    return n < 0 ? n : add_branch(c, &to, out, n);
}

/* What the bytes of the branch's request become for the next server: everything before our Via, the Via up to its
 * branch (with another protocol that of another socket), the new branch, the rest. Bytes, KH_E*. */
static int write_follow(kh_uac *b, const kh_dest *d, const char *was, const char *branch, char *out) {
    const char *data = b->req->data, *at = memmem(data, b->req->len, was, strlen(was)), *via = at;
    const kh_sock *s = d->sock == b->dst.sock ? NULL : kh_sock_get(d->sock);
    kh_writer w = kh_writer_on(out, KH_MSG_MAX);
    if (!at) return KH_EINVAL;
    while (s && via > data && via[-1] != '\n') via--;
    kh_put(&w, data, (uint32_t)(via - data));
    if (s) kh_put(&w, s->via, s->via_len);
    kh_put(&w, branch, (uint32_t)strlen(branch));
    at += strlen(was);
    kh_put(&w, at, (uint32_t)(data + b->req->len - at));
    return kh_written(&w);
}

/* The socket to send the branch's request to another server from; KH_ENOSOCK, KH_EINVAL: a stream needs a length. */
static int follow_sock(kh_uac *b, const kh_addr *to) {
    if (to->proto == b->dst.to.proto) return b->dst.sock;
    kh_msg *m = kh_tm_parse_sent(b);
    if (!m || (kh_is_stream(to->proto) && m->first[KH_HDR_CONTENTLENGTH] == KH_NO_HDR)) return KH_EINVAL;
    return kh_sock_pick(NULL, NULL, to);
}

int kh_tm_follow(kh_cell *c, int idx, const kh_addr *to) {
    char was[KH_TM_BRANCH_MAX], branch[KH_TM_BRANCH_MAX];
    kh_uac *b = kh_cell_uac(c, idx);
    if (!b || !b->req) return KH_ENOTFOUND;
    if (c->n_branches >= KH_TM_BRANCHES) return KH_ETOOBIG;
    int sock = follow_sock(b, to);
    if (sock < 0) return sock;
    kh_dest d = {.to = *to, .sock = (uint16_t)sock, .flags = b->dst.flags & (uint16_t)~KH_DEST_BY_LENGTH};
    kh_tm_branch_text(was, c, idx);
    kh_tm_branch_text(branch, c, c->n_branches);
    char *out = kh_send_reserve();
    int n = write_follow(b, &d, was, branch, out);
    return n < 0 ? n : add_branch(c, &d, out, n);
}

int kh_tm_send_local(kh_cell *c, const kh_msg *m, const kh_edits *e, const kh_dest *d) {
    char branch[KH_TM_BRANCH_MAX];
    _Static_assert(sizeof(KH_TM_NO_BRANCH) - 1 == KH_TM_NO_BRANCH_LEN, "as long as a branch of a first branch");
    if (c->n_branches) return KH_EINVAL;
    kh_tm_branch_text(branch, c, 0);
    char *out = kh_send_reserve();
    int n = kh_build_plain(m, e, out, KH_MSG_MAX);
    if (n < 0) return n;
    char *at = memmem(out, (size_t)n, KH_TM_NO_BRANCH, KH_TM_NO_BRANCH_LEN);
    if (!at) return KH_EINVAL;
    memcpy(at, branch, KH_TM_NO_BRANCH_LEN);
    return add_branch(c, d, out, n);
}

int kh_tm_blind(kh_cell *c) {
    kh_uac *b = kh_uac_make(c, NULL, 0);
    if (!b) return KH_ENOMEM;
    b->flags |= KH_UAC_BLIND;
    b->state = KH_ST_PROCEEDING;
    b->fr_at = kh_now_ms() + c->fr_ms;
    KH_STEP();
    kh_cell_add_uac(c, b);
    KH_STEP();
    kh_uac_arm(b);
    KH_STEP();
    c->flags |= KH_CELL_FORWARDED | KH_CELL_SUSPENDED;
    return b->idx;
}

int kh_tm_relay(kh_cell *c, const kh_msg *m, const kh_edits *e, int send_100) {
    kh_dest d;
    int hop = kh_next_hop(&d, m, e);
    if (!c) {
        int rc = kh_tm_new(m, e);
        if (rc != KH_TM_NEW) return rc;
        c = kh_tm_cell();
    } else {
        kh_cell_lock(c);
    }
    if (hop != KH_OK) return hop;
    /* The 100 first, or the kernel may be slower with it than the callee with a 486. */
    if (send_100 && c->flags & KH_CELL_INVITE && !c->uas_status)
        kh_tm_reply(c, m, NULL, 100, kh_tm_cfg->trying, kh_tm_cfg->trying_len, NULL, 0);
    int rc = kh_tm_forward(c, m, e, &d, NULL, 0);
    if (rc < 0) return rc;
    kh_cell_unlock(c);
    return KH_TM_NEW;
}

int kh_tm_restart_fr(kh_cell *c) {
    uint64_t now = kh_now_ms();
    for (int i = 0; i < c->n_branches; i++) {
        kh_uac *b = c->branch[i];
        if (!kh_uac_alive(b) || !b->fr_at) continue;
        b->fr_at = now + (b->flags & KH_UAC_FR_INV ? c->fr_inv_ms : c->fr_ms);
        kh_uac_arm(b);
    }
    return KH_OK;
}

int kh_tm_end_branch(kh_cell *c, int idx, int code) {
    kh_uac *b = kh_cell_uac(c, idx);
    if (!b) return KH_EINVAL;
    b->flags |= KH_UAC_LOCAL;
    KH_STEP();
    b->last_status = (uint16_t)code;
    KH_STEP();
    b->state = KH_ST_TERMINATED;
    b->fr_at = 0;
    if (!(b->flags & KH_UAC_CANCEL_SENT) || b->flags & KH_UAC_CANCEL_DONE) b->retr_at = 0;
    kh_uac_arm(b);
    return KH_OK;
}

int kh_tm_restart_branch(kh_cell *c, int idx) {
    kh_uac *b = kh_cell_uac(c, idx);
    if (!b || !b->req) return KH_ENOTFOUND;
    b->state = KH_ST_IDLE;
    KH_STEP();
    b->last_status = 0;
    start_branch(c, b);
    KH_STEP();
    kh_uac_arm(b);
    KH_STEP();
    kh_send(&b->dst, b->req->data, b->req->len);
    return KH_OK;
}

/* ---------------------------------------------------------------- ACK and CANCEL of a branch */

static kh_msg sent; /* the branch's own request, parsed again when its ACK or CANCEL is wanted: rare enough */

kh_msg *kh_tm_parse_sent(kh_uac *b) {
    if (!b->req) return NULL;
    return kh_msg_parse(&sent, b->req->data, b->req->len) == KH_OK ? &sent : NULL;
}

static void send_to(const kh_uac *b, const kh_tmbuf *t) {
    if (t) kh_send(&b->dst, t->data, t->len);
}

int kh_tm_send_ack(kh_cell *c, kh_uac *b, const kh_msg *reply) {
    if (!b->ack) {
        kh_msg *m = kh_tm_parse_sent(b);
        if (!m) return KH_ENOTFOUND;
        char *out = kh_send_reserve();
        /* To as the reply has it, tag included (RFC 3261 §17.1.1.3). */
        int n = kh_build_hop(m, "ACK", 3, reply->buf + reply->to.body.off, reply->to.body.len, NULL, 0, out, KH_MSG_MAX);
        if (n < 0) return n;
        int rc = kh_tmbuf_set(&b->ack, out, (uint32_t)n);
        if (rc < 0) return rc;
    }
    send_to(b, b->ack);
    return KH_OK;
}

int kh_tm_send_cancel(kh_cell *c, kh_uac *b, const char *extra, uint32_t extra_len) {
    kh_msg *m = kh_tm_parse_sent(b);
    if (!m) return KH_ENOTFOUND;
    char *out = kh_send_reserve();
    int n = kh_build_hop(m, "CANCEL", 6, NULL, 0, extra, extra_len, out, KH_MSG_MAX);
    if (n < 0) return n;
    int rc = kh_tmbuf_set(&b->cancel, out, (uint32_t)n);
    if (rc < 0) return rc;
    uint64_t now = kh_now_ms();
    KH_STEP();
    b->flags = (uint16_t)((b->flags & ~KH_UAC_CANCEL_WANTED) | KH_UAC_CANCEL_SENT);
    KH_STEP();
    b->retr_ms = c->t1;
    b->retr_at = kh_is_stream(b->dst.to.proto) ? 0 : now + c->t1;
    /* The callee that never answers the CANCEL has 64*T1 for its 487 (RFC 3261 §9.1). */
    b->fr_at = now + (c->fr_ms < 64 * c->t1 ? c->fr_ms : 64 * c->t1);
    KH_STEP();
    kh_uac_arm(b);
    KH_STEP();
    send_to(b, b->cancel);
    return KH_OK;
}

int kh_tm_cancel(kh_cell *c, int idx, const char *extra, uint32_t extra_len) {
    kh_uac *b = kh_cell_uac(c, idx);
    if (!b || !kh_uac_alive(b) || b->flags & (KH_UAC_CANCEL_SENT | KH_UAC_BLIND)) return KH_ENOTFOUND;
    if (b->flags & KH_UAC_REPLIED || kh_tm_cfg->cancel_b_method == 2) {
        int rc = kh_tm_send_cancel(c, b, extra, extra_len);
        return rc < 0 ? rc : 1;
    }
    if (kh_tm_cfg->cancel_b_method == 0) return 2;
    b->flags |= KH_UAC_CANCEL_WANTED;
    if (extra_len) kh_tmbuf_set(&b->cancel, extra, extra_len); /* the Reason waits where the CANCEL will be */
    return 0;
}
