/* How a cell comes into the table. */
#include <string.h>

#include "arena.h"
#include "counter.h"
#include "fault.h"
#include "proc.h"
#include "tm.h"

int kh_tm_ids[KH_TM_COUNTERS];

void kh_tm_counters_init(void) {
    static const char *const names[KH_TM_COUNTERS] = {
        "UAS_transactions", "UAC_transactions", "freed", "delayed_free",
        "2xx_transactions", "3xx_transactions", "4xx_transactions", "5xx_transactions", "6xx_transactions",
        "rpl_received", "rpl_absorbed", "rpl_generated", "rpl_relayed", "rpl_sent", "req_absorbed", "retransmitted",
        "repaired", "stillborn", "chain_full",
    };
    for (int i = 0; i < KH_TM_COUNTERS; i++) kh_tm_ids[i] = kh_counter_register("tmx", names[i]);
}

int kh_tm_counter(int which) { return which >= 0 && which < KH_TM_COUNTERS ? kh_tm_ids[which] : KH_EINVAL; }

static char *put(char *p, const kh_msg *m, kh_span s) {
    memcpy(p, m->buf + s.off, s.len);
    return p + s.len;
}

/* A cell with its key, held by us and in no table yet. */
static kh_cell *make(const kh_msg *m) {
    size_t key = (size_t)m->callid.len + m->via1.branch.len + m->via1.host.len + m->from.tag.len;
    kh_cell *c = kh_shm_malloc_held(sizeof(*c) + key);
    if (!c) return NULL;
    memset(c, 0, sizeof(*c));
    kh_timer_init(&c->timer, KH_TIMER_CELL);
    c->creator = kh_self;
    c->method = m->method;
    c->cseq_num = m->cseq_num;
    c->hash = kh_tm_hash(m->buf + m->callid.off, m->callid.len, m->cseq_num);
    c->born = kh_now_ms();
    c->t1 = kh_tm_cfg->t1;
    c->t2 = kh_tm_cfg->t2;
    c->fr_ms = kh_tm_cfg->fr;
    c->fr_inv_ms = kh_tm_cfg->fr_inv;
    c->relayed_branch = 0xffff;
    c->k_callid = m->callid.len;
    c->k_branch = m->via1.branch.len;
    c->k_host = m->via1.host.len;
    c->k_from_tag = m->from.tag.len;
    c->k_port = m->via1.port;
    char *p = put(c->key, m, m->callid);
    p = put(p, m, m->via1.branch);
    p = put(p, m, m->via1.host);
    put(p, m, m->from.tag);
    if (m->method == KH_M_INVITE) c->flags |= KH_CELL_INVITE;
    uint32_t life = m->method == KH_M_INVITE ? kh_tm_cfg->max_inv : kh_tm_cfg->max_noninv;
    c->ends_at = c->born + life;
    if (kh_cell_hold(c) != KH_OK) {
        kh_shm_free(c);
        return NULL;
    }
    KH_STEP();
    kh_shm_keep(c); /* from here the row of holds answers for it */
    return c;
}

static void unmake(kh_cell *c) {
    kh_cell_set_buf(c, KH_CB_REQ, NULL, 0);
    kh_shm_hold(c);
    KH_STEP();
    kh_cell_release(c);
    KH_STEP();
    kh_shm_free(c);
}

/* Into the chain, unless a match came first. KH_TM_NEW, KH_ETOOBIG, or KH_EEXIST with the match held in *other. */
static int insert(kh_cell *c, const kh_msg *m, kh_cell **other) {
    kh_bucket *b = &kh_tm_table[c->hash];
    int rc = KH_TM_NEW;
    kh_bucket_lock(b);
    *other = m ? kh_tm_match(b->first, m, m->method) : NULL;
    if (*other) {
        rc = kh_cell_hold(*other) == KH_OK ? KH_EEXIST : KH_ETOOBIG;
    } else if (b->length >= KH_TM_CHAIN_MAX) {
        kh_count(kh_tm_ids[KH_TMC_CHAIN_FULL]);
        rc = KH_ETOOBIG;
    } else {
        c->label = b->next_label++;
        if (!c->label) c->label = b->next_label++; /* 0 means "from the start" to kh_tm_walk */
        c->next = b->first;
        KH_STEP();
        b->first = c;
        KH_STEP();
        b->length++;
        KH_STEP();
    }
    kh_lock_release(&b->lock);
    return rc;
}

static int counted(kh_cell *c, int which) {
    kh_cell_arm(c);
    kh_count(kh_tm_ids[which]);
    kh_tm_set_found(c, -1);
    return KH_TM_NEW;
}

int kh_tm_new(const kh_msg *m, const kh_edits *e) {
    kh_tm_set_found(NULL, -1);
    if (m->type != KH_REQUEST || m->bad & (KH_BAD_VIA | KH_BAD_CALLID | KH_BAD_CSEQ) || !m->n_via) return KH_EINVAL;
    kh_cell *c = make(m);
    if (!c) return KH_ENOMEM;
    if (kh_cell_set_buf(c, KH_CB_REQ, m->buf, m->len) != KH_OK) {
        unmake(c);
        return KH_ENOMEM;
    }
    c->rcv = m->rcv;
    kh_reply_dest(&c->reply_to, m, e);
    if (kh_is_stream(c->reply_to.to.proto)) c->flags |= KH_CELL_RELIABLE;
    if (m->via1.flags & KH_VIA_COOKIE)
        c->flags |= KH_CELL_COOKIE;
    else
        c->key_hash = kh_request_hash(m);
    c->machine = m->method == KH_M_INVITE ? KH_FSM_INVITE_SERVER : KH_FSM_SERVER;
    kh_fsm_server(c, KH_IN_REQUEST);
    kh_cell *other;
    kh_cell_lock(c);
    int rc = insert(c, m, &other);
    if (rc == KH_TM_NEW) return counted(c, KH_TMC_UAS);
    unmake(c);
    return rc == KH_EEXIST ? kh_tm_known(other, m) : rc;
}

int kh_tm_new_local(const kh_msg *m) {
    kh_tm_set_found(NULL, -1);
    kh_cell *c = make(m);
    if (!c) return KH_ENOMEM;
    c->flags |= KH_CELL_LOCAL;
    c->need = KH_NEED_REPLY; /* the caller waits for it; there is nobody to relay to */
    c->machine = m->method == KH_M_INVITE ? KH_FSM_INVITE_SERVER : KH_FSM_SERVER;
    kh_fsm_server(c, KH_IN_REQUEST);
    kh_cell *other;
    kh_cell_lock(c);
    int rc = insert(c, NULL, &other);
    if (rc == KH_TM_NEW) return counted(c, KH_TMC_UAC);
    unmake(c);
    return rc;
}
