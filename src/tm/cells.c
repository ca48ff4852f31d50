/* The table of transactions: hash, chains, holds, locks. See cells.h for who may do what. */
#include "cells.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arena.h"
#include "fault.h"
#include "msg.h"
#include "proc.h"
#include "tm.h"

kh_bucket *kh_tm_table;
kh_tm_conf *kh_tm_cfg;

/* What each process uses: a cell in here is not freed. One writer a row, so no lock. */
typedef struct hold_row {
    uint32_t owner; /* identity: a row left by a dead process means nothing */
    kh_cell *cell[KH_TM_HOLDS];
} hold_row;

kh_wheel *kh_tm_wheel;
static hold_row *holds;               /* KH_PROC_MAX rows in the arena */
static uint8_t depth[KH_TM_HOLDS];    /* of this process: how often it locked holds[self].cell[i] */
static kh_cell *found;
static int found_branch;

/* ---------------------------------------------------------------- a process died */

/* Only what it held can it have been changing: its blocks that hang on the cell stay, the rest the arena takes back. */
static void reap(uint32_t dead) {
    if (!holds) return;
    hold_row *row = &holds[KH_PROC_SLOT(dead)];
    if (row->owner != dead) return;
    for (int i = 0; i < KH_TM_HOLDS; i++) {
        kh_cell *c = row->cell[i];
        if (!c) continue;
        if (c->flags & KH_CELL_FREEING) {
            /* Killed while freeing: a timer still firing comes back to the next timer process, which goes on. */
            if (c->timer.state == KH_TIMER_IDLE) kh_shm_free(c);
            else kh_cell_keep(c);
            continue;
        }
        int rc = kh_lock_get(&c->lock);
        if (rc != KH_OK && rc != KH_EOWNERDEAD) continue;
        kh_cell_keep(c);
        if (rc == KH_EOWNERDEAD) kh_cell_mend(c);
        /* Made, but nothing sent for it: it must not swallow the repeat that would do better. */
        c->flags |= c->creator == dead && !(c->flags & KH_CELL_FORWARDED) ? KH_CELL_DEAD : KH_CELL_REPAIR;
        kh_lock_release(&c->lock);
        kh_timer_add(kh_tm_wheel, &c->timer, kh_now_ms());
    }
    memset(row, 0, sizeof(*row));
}

/* Whoever gets a dead process' lock: what is missing in the cell's own state is done here, decisions are left to come. */
static int took_over(kh_cell *c, int rc) {
    if (rc != KH_EOWNERDEAD) return rc;
    kh_cell_mend(c);
    c->flags |= KH_CELL_REPAIR;
    return rc;
}

/* ---------------------------------------------------------------- table */

int kh_tm_init(void) {
    kh_tm_table = kh_shm_mallocz(sizeof(kh_bucket) * KH_TM_BUCKETS);
    holds = kh_shm_mallocz(sizeof(hold_row) * KH_PROC_MAX);
    kh_tm_cfg = kh_shm_malloc(sizeof(kh_tm_conf));
    kh_tm_wheel = kh_wheel_new(kh_now_ms());
    if (!kh_tm_table || !holds || !kh_tm_cfg || !kh_tm_wheel) return KH_ENOMEM;
    if (kh_tm_names_init() != KH_OK) return KH_ENOMEM;
    kh_tm_counters_init();
    kh_proc_on_reap(reap);
    *kh_tm_cfg = (kh_tm_conf){.fr = 30000, .fr_inv = 120000, .max_inv = 180000, .max_noninv = 32000, .wait = 5000,
                              .t1 = 500, .t2 = 4000, .restart_fr = 1, .remap_503 = 1, .cancel_b_method = 1,
                              .via1_matching = 1};
    /* A restarted server must not meet its old labels in late replies, so each bucket starts anywhere. */
    uint64_t x = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15ull + (uint64_t)(uintptr_t)kh_tm_table;
    for (int i = 0; i < KH_TM_BUCKETS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        kh_tm_table[i].next_label = (uint32_t)(x >> 16) | 1;
    }
    return KH_OK;
}

void kh_tm_done(void) {
    if (!kh_tm_table) return;
    kh_wheel_delete(kh_tm_wheel);
    kh_shm_free(kh_tm_table);
    kh_shm_free(holds);
    kh_shm_free(kh_tm_cfg);
    kh_tm_names_done();
    kh_tm_table = NULL;
    holds = NULL;
}

kh_tm_conf *kh_tm_conf_get(void) { return kh_tm_cfg; }

uint32_t kh_tm_hash(const char *callid, uint32_t len, uint32_t cseq) {
    uint64_t h = 0x9ae16a3b2f90404full ^ cseq;
    while (len >= 8) {
        uint64_t w;
        memcpy(&w, callid, 8);
        h = (h ^ w) * 0x9e3779b97f4a7c15ull;
        h ^= h >> 29;
        callid += 8;
        len -= 8;
    }
    uint64_t w = 0;
    memcpy(&w, callid, len);
    h = (h ^ w) * 0x9e3779b97f4a7c15ull;
    return (uint32_t)(h >> 40) & (KH_TM_BUCKETS - 1);
}

int kh_tm_branch_text(char *out, const kh_cell *c, int idx) {
    static const char hex[] = "0123456789abcdef";
    char *p = out;
    memcpy(p, "z9hG4bK", 7);
    p += 7;
    for (int s = 12; s >= 0; s -= 4) *p++ = hex[c->hash >> s & 15];
    *p++ = '.';
    for (int s = 28; s >= 0; s -= 4) *p++ = hex[c->label >> s & 15];
    *p++ = '.';
    if (idx > 15) *p++ = hex[idx >> 4];
    *p++ = hex[idx & 15];
    *p = 0;
    return (int)(p - out);
}

/* ---------------------------------------------------------------- holds and locks */

kh_cell *kh_tm_cell(void) { return found; }

int kh_tm_branch(void) { return found_branch; }

void kh_tm_set_found(kh_cell *c, int branch) {
    found = c;
    found_branch = branch;
}

static hold_row *own_row(void) {
    hold_row *row = &holds[KH_PROC_SLOT(kh_self)];
    if (KH_UNLIKELY(row->owner != kh_self)) {
        memset(row, 0, sizeof(*row));
        memset(depth, 0, sizeof(depth));
        row->owner = kh_self;
    }
    return row;
}

/* Holds are taken like a stack, so of a cell held twice the last hold is the one with the highest place. */
static int hold_index(const kh_cell *c) {
    hold_row *row = own_row();
    for (int i = KH_TM_HOLDS - 1; i >= 0; i--)
        if (row->cell[i] == c) return i;
    return -1;
}

/* How often this process locked the cell, over all its holds. */
static int times_locked(const kh_cell *c) {
    hold_row *row = own_row();
    int n = 0;
    for (int i = 0; i < KH_TM_HOLDS; i++)
        if (row->cell[i] == c) n += depth[i];
    return n;
}

int kh_cell_hold(kh_cell *c) {
    hold_row *row = own_row();
    int i = KH_TM_HOLDS;
    while (i && !row->cell[i - 1]) i--;
    if (i == KH_TM_HOLDS) return KH_ETOOBIG;
    depth[i] = 0;
    KH_STEP();
    __atomic_store_n(&row->cell[i], c, __ATOMIC_SEQ_CST);
    KH_STEP();
    return KH_OK;
}

int kh_cell_is_held(const kh_cell *c) {
    for (int p = 0, n = kh_proc_slots(); p < n; p++) {
        const hold_row *row = &holds[p];
        if (!row->owner || row->owner == kh_self) continue;
        for (int i = 0; i < KH_TM_HOLDS; i++)
            if (__atomic_load_n(&row->cell[i], __ATOMIC_ACQUIRE) == c) return 1;
    }
    return 0;
}

int kh_cell_lock(kh_cell *c) {
    int i = hold_index(c);
    if (i < 0) return KH_EINVAL;
    int rc = times_locked(c) ? KH_OK : kh_lock_get(&c->lock);
    depth[i]++;
    return took_over(c, rc);
}

int kh_cell_trylock(kh_cell *c) {
    int i = hold_index(c);
    if (i < 0) return KH_EINVAL;
    if (times_locked(c)) return KH_EBUSY;
    int rc = kh_lock_try(&c->lock);
    if (rc == KH_OK || rc == KH_EOWNERDEAD) depth[i] = 1;
    return took_over(c, rc);
}

void kh_cell_unlock(kh_cell *c) {
    int i = hold_index(c);
    if (i < 0 || !depth[i]) return;
    depth[i]--;
    if (!times_locked(c)) kh_lock_release(&c->lock);
}

void kh_cell_release(kh_cell *c) {
    int i = hold_index(c);
    if (i < 0) return;
    int locked = depth[i];
    depth[i] = 0;
    if (locked && !times_locked(c)) kh_lock_release(&c->lock);
    KH_STEP();
    __atomic_store_n(&own_row()->cell[i], (kh_cell *)NULL, __ATOMIC_RELEASE);
    if (found == c && hold_index(c) < 0) found = NULL;
}

/* ---------------------------------------------------------------- finding */

/* A chain is whole after each store; only its length may be wrong by the one that its dead holder was at. */
void kh_bucket_lock(kh_bucket *b) {
    if (KH_LIKELY(kh_lock_get(&b->lock) != KH_EOWNERDEAD)) return;
    b->length = 0;
    for (const kh_cell *c = b->first; c; c = c->next) b->length++;
}

kh_cell *kh_tm_by_ident(uint32_t hash, uint32_t label) {
    if (hash >= KH_TM_BUCKETS) return NULL;
    kh_bucket *b = &kh_tm_table[hash];
    if (!b->first) return NULL; /* a stray reply costs no lock */
    kh_bucket_lock(b);
    kh_cell *c = b->first;
    while (c && (c->label != label || c->flags & KH_CELL_DEAD)) c = c->next;
    if (c && kh_cell_hold(c) != KH_OK) c = NULL;
    kh_lock_release(&b->lock);
    return c;
}

kh_cell *kh_tm_by_callid(const char *callid, uint32_t len, uint32_t cseq) {
    kh_bucket *b = &kh_tm_table[kh_tm_hash(callid, len, cseq)];
    kh_bucket_lock(b);
    kh_cell *c = b->first;
    for (; c; c = c->next) {
        if (c->flags & KH_CELL_DEAD || c->cseq_num != cseq || c->k_callid != len || c->method == KH_M_CANCEL) continue;
        if (!memcmp(c->key, callid, len)) break;
    }
    if (c && kh_cell_hold(c) != KH_OK) c = NULL;
    kh_lock_release(&b->lock);
    kh_tm_set_found(c, -1);
    return c;
}

kh_cell *kh_tm_walk(uint32_t bucket, uint32_t after) {
    if (bucket >= KH_TM_BUCKETS) return NULL;
    kh_bucket *b = &kh_tm_table[bucket];
    if (!b->first) return NULL;
    kh_bucket_lock(b);
    kh_cell *c = b->first;
    if (after) {
        while (c && c->label != after) c = c->next;
        if (c) c = c->next;
    }
    while (c && c->flags & KH_CELL_DEAD) c = c->next;
    if (c && kh_cell_hold(c) != KH_OK) c = NULL;
    kh_lock_release(&b->lock);
    return c;
}

static int is_active(const kh_cell *c) {
    return c->flags & KH_CELL_LOCAL ? c->state != KH_ST_TERMINATED : c->uas_status < 200;
}

void kh_tm_count(kh_tm_numbers *out) {
    *out = (kh_tm_numbers){0};
    for (kh_bucket *b = kh_tm_table; b < kh_tm_table + KH_TM_BUCKETS; b++) {
        if (!__atomic_load_n(&b->first, __ATOMIC_ACQUIRE)) continue;
        kh_bucket_lock(b);
        for (const kh_cell *c = b->first; c; c = c->next) {
            out->inuse++;
            out->active += is_active(c);
        }
        kh_lock_release(&b->lock);
    }
}

int kh_tm_check(void) {
    int faults = 0;
    for (kh_bucket *b = kh_tm_table; b < kh_tm_table + KH_TM_BUCKETS; b++) {
        uint32_t n = 0;
        kh_bucket_lock(b);
        for (const kh_cell *c = b->first; c && n <= b->length; c = c->next, n++)
            faults += c->hash != (uint32_t)(b - kh_tm_table) || !kh_shm_size_of(c);
        faults += n != b->length;
        kh_lock_release(&b->lock);
    }
    return faults;
}

int kh_cell_unlink(kh_cell *c) {
    kh_bucket *b = &kh_tm_table[c->hash];
    int rc = KH_ENOTFOUND;
    kh_bucket_lock(b);
    for (kh_cell **pp = &b->first; *pp; pp = &(*pp)->next)
        if (*pp == c) {
            *pp = c->next; /* readers walk under the lock, so nobody stands on c */
            KH_STEP();
            b->length--;
            rc = KH_OK;
            break;
        }
    kh_lock_release(&b->lock);
    return rc;
}
