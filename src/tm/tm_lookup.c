/* Which transaction a request belongs to (RFC 3261 §17.2.3), and what becomes of repeats and ACKs. */
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "counter.h"
#include "fault.h"
#include "proc.h"
#include "tm.h"
#include "sendq.h"

static int same(const kh_msg *m, kh_span s, const char *text, uint32_t len) {
    return s.len == len && !memcmp(m->buf + s.off, text, len);
}

/* Same caller's transaction: the branch and sent-by with the cookie, else all that RFC 2543 compared (its hash). */
static int same_key(const kh_cell *c, const kh_msg *m) {
    const char *callid = c->key, *branch = callid + c->k_callid, *host = branch + c->k_branch;
    if (!same(m, m->callid, callid, c->k_callid)) return 0;
    int cookie = (m->via1.flags & KH_VIA_COOKIE) != 0;
    if (cookie != ((c->flags & KH_CELL_COOKIE) != 0)) return 0;
    if (!cookie) return c->key_hash == kh_request_hash(m);
    return same(m, m->via1.branch, branch, c->k_branch) && m->via1.port == c->k_port && m->via1.host.len == c->k_host &&
           !strncasecmp(m->buf + m->via1.host.off, host, c->k_host);
}

kh_cell *kh_tm_match(kh_cell *first, const kh_msg *m, uint32_t method) {
    for (kh_cell *c = first; c; c = c->next) {
        if (c->cseq_num != m->cseq_num || c->flags & (KH_CELL_DEAD | KH_CELL_LOCAL)) continue;
        /* A CANCEL looks for what it cancels by method 0: anything but CANCEL (RFC 3261 §9.2). */
        if (method ? c->method != method : c->method == KH_M_CANCEL) continue;
        if (same_key(c, m)) return c;
    }
    return NULL;
}

/* The ACK to a 2xx has a branch of its own: dialog identity finds its INVITE. */
static kh_cell *match_e2e_ack(kh_cell *first, const kh_msg *m) {
    for (kh_cell *c = first; c; c = c->next) {
        if (c->method != KH_M_INVITE || c->cseq_num != m->cseq_num || c->flags & (KH_CELL_DEAD | KH_CELL_LOCAL)) continue;
        if (c->uas_status < 200 || c->uas_status > 299 || !same(m, m->callid, c->key, c->k_callid)) continue;
        const char *tag = c->key + c->k_callid + c->k_branch + c->k_host;
        if (same(m, m->from.tag, tag, c->k_from_tag)) return c;
    }
    return NULL;
}

static int absorb_ack(kh_cell *c) {
    kh_cell_lock(c);
    if (c->uas_status < 300) { /* same branch, but a 2xx: some clients do that; it is end to end all the same */
        kh_cell_unlock(c);
        return KH_TM_E2E_ACK;
    }
    kh_tm_apply_server(c, kh_fsm_server(c, KH_IN_ACK));
    kh_cell_unlock(c);
    kh_cell_release(c);
    return KH_TM_ACKED;
}

/* A repeat of a request whose cell its dead maker never forwarded: the cell goes, the repeat is new. */
static int bury_stillborn(kh_cell *c) {
    if (c->flags & KH_CELL_FORWARDED || c->creator == kh_self || kh_proc_alive(c->creator)) return 0;
    kh_cell_lock(c);
    int dead = !(c->flags & KH_CELL_FORWARDED);
    if (dead) {
        c->flags |= KH_CELL_DEAD;
        kh_timer_add(kh_tm_wheel, &c->timer, kh_now_ms());
        kh_count(kh_tm_ids[KH_TMC_STILLBORN]);
    }
    kh_cell_unlock(c);
    return dead;
}

int kh_tm_known(kh_cell *c, const kh_msg *m) {
    kh_tm_set_found(c, -1);
    if (m->method == KH_M_ACK) return absorb_ack(c);
    if (bury_stillborn(c)) {
        kh_cell_release(c);
        return KH_TM_NONE;
    }
    /* Whoever has the lock is about to send something; the repeat may be dropped then. */
    int rc = kh_cell_trylock(c);
    if (rc == KH_OK || rc == KH_EOWNERDEAD) {
        if (kh_fsm_server(c, KH_IN_REQUEST) & KH_ACT_REPLY) kh_tm_retransmit(c);
        kh_cell_unlock(c);
    }
    kh_count(kh_tm_ids[KH_TMC_REQ_ABSORBED]);
    kh_cell_release(c);
    return KH_TM_ABSORBED;
}

int kh_tm_lookup(const kh_msg *m) {
    kh_tm_set_found(NULL, -1);
    if (m->type != KH_REQUEST || !m->callid.len || !m->n_via) return KH_EINVAL;
    kh_bucket *b = &kh_tm_table[kh_tm_hash(m->buf + m->callid.off, m->callid.len, m->cseq_num)];
    if (!__atomic_load_n(&b->first, __ATOMIC_ACQUIRE)) return KH_TM_NONE;
    int e2e = 0;
    kh_bucket_lock(b);
    kh_cell *c = kh_tm_match(b->first, m, m->method == KH_M_ACK ? KH_M_INVITE : m->method);
    if (!c && m->method == KH_M_ACK) {
        c = match_e2e_ack(b->first, m);
        e2e = 1;
    }
    if (c && kh_cell_hold(c) != KH_OK) c = NULL;
    kh_lock_release(&b->lock);
    if (!c) return KH_TM_NONE;
    kh_tm_set_found(c, -1);
    return e2e ? KH_TM_E2E_ACK : kh_tm_known(c, m);
}

int kh_tm_lookup_cancel(const kh_msg *m) {
    kh_tm_set_found(NULL, -1);
    if (!m->callid.len || !m->n_via) return 0;
    kh_bucket *b = &kh_tm_table[kh_tm_hash(m->buf + m->callid.off, m->callid.len, m->cseq_num)];
    kh_bucket_lock(b);
    kh_cell *c = kh_tm_match(b->first, m, 0);
    if (c && kh_cell_hold(c) != KH_OK) c = NULL;
    kh_lock_release(&b->lock);
    kh_tm_set_found(c, -1);
    return c != NULL;
}

int kh_tm_find(const kh_msg *m) {
    kh_tm_set_found(NULL, -1);
    if (!m->callid.len || !m->n_via) return 0;
    kh_bucket *b = &kh_tm_table[kh_tm_hash(m->buf + m->callid.off, m->callid.len, m->cseq_num)];
    kh_bucket_lock(b);
    kh_cell *c = kh_tm_match(b->first, m, m->method == KH_M_ACK ? KH_M_INVITE : m->method);
    if (c && kh_cell_hold(c) != KH_OK) c = NULL;
    kh_lock_release(&b->lock);
    if (c && bury_stillborn(c)) {
        kh_cell_release(c);
        c = NULL;
    }
    kh_tm_set_found(c, -1);
    return c != NULL;
}
