/* What hangs on a cell: buffers, branches, callbacks, names of routes; and the end of a cell. */
#include <string.h>

#include "arena.h"
#include "cells.h"
#include "fault.h"
#include "lock.h"

static void drop(kh_tmbuf **slot) {
    kh_tmbuf *b = *slot;
    if (!b) return;
    kh_shm_hold(b); /* between the pointer and the list of free blocks it is ours to return */
    KH_STEP();
    *slot = NULL;
    KH_STEP();
    kh_shm_free(b);
}

/* A copy, held: whoever links it keeps it. NULL: no memory. */
static kh_tmbuf *copy_of(const void *data, uint32_t len) {
    kh_tmbuf *b = kh_shm_malloc_held(sizeof(*b) + len);
    if (!b) return NULL;
    b->len = len;
    memcpy(b->data, data, len);
    return b;
}

int kh_tmbuf_set(kh_tmbuf **slot, const void *data, uint32_t len) {
    kh_tmbuf *old = *slot;
    if (!data || !len) {
        drop(slot);
        return KH_OK;
    }
    kh_tmbuf *b = copy_of(data, len);
    if (!b) return KH_ENOMEM;
    KH_STEP();
    if (old) kh_shm_hold(old);
    KH_STEP();
    *slot = b;
    KH_STEP();
    kh_shm_keep(b);
    KH_STEP();
    if (old) kh_shm_free(old);
    return KH_OK;
}

static kh_tmbuf **buf_slot(kh_cell *c, int which) {
    switch (which) {
    case KH_CB_REQ: return &c->req;
    case KH_CB_EDITS: return &c->edits;
    case KH_CB_BLOB: return &c->blob;
    case KH_CB_REPLY: return &c->reply;
    }
    return NULL;
}

int kh_cell_set_buf(kh_cell *c, int which, const void *data, uint32_t len) {
    kh_tmbuf **slot = buf_slot(c, which);
    return slot ? kh_tmbuf_set(slot, data, len) : KH_EINVAL;
}

kh_tmbuf *kh_cell_get_buf(kh_cell *c, int which) {
    kh_tmbuf **slot = buf_slot(c, which);
    return slot ? *slot : NULL;
}

/* ---------------------------------------------------------------- branches */

kh_uac *kh_cell_uac(kh_cell *c, int idx) {
    return idx >= 0 && idx < c->n_branches ? c->branch[idx] : NULL;
}

kh_uac *kh_uac_make(kh_cell *c, const char *data, uint32_t len) {
    if (c->n_branches >= KH_TM_BRANCHES) return NULL;
    kh_uac *b = c->n_branches ? kh_shm_malloc_held(sizeof(*b)) : &c->branch0;
    if (!b) return NULL;
    memset(b, 0, sizeof(*b));
    kh_timer_init(&b->timer, KH_TIMER_BRANCH);
    b->cell = c;
    b->idx = c->n_branches;
    b->generation = c->generation;
    if (!len || (b->req = copy_of(data, len))) return b;
    if (b != &c->branch0) kh_shm_free(b);
    return NULL;
}

void kh_cell_add_uac(kh_cell *c, kh_uac *b) {
    c->branch[b->idx] = b;
    KH_STEP();
    c->n_branches++;
    KH_STEP();
    if (b != &c->branch0) kh_shm_keep(b);
    KH_STEP();
    if (b->req) kh_shm_keep(b->req);
}

int kh_uac_set_info(kh_cell *c, int idx, const char *data, uint32_t len) {
    kh_uac *b = kh_cell_uac(c, idx);
    return b ? kh_tmbuf_set(&b->info, data, len) : KH_EINVAL;
}

/* ---------------------------------------------------------------- callbacks */

int kh_cell_add_callback(kh_cell *c, uint32_t types, uint32_t fn, uint64_t param) {
    if (c->n_callbacks >= KH_TM_CALLBACKS) return KH_ETOOBIG;
    if (!c->callbacks) {
        kh_tmcb *t = kh_shm_malloc_held(sizeof(kh_tmcb) * KH_TM_CALLBACKS);
        if (!t) return KH_ENOMEM;
        KH_STEP();
        c->callbacks = t;
        KH_STEP();
        kh_shm_keep(t);
    }
    c->callbacks[c->n_callbacks] = (kh_tmcb){types, fn, param};
    KH_STEP();
    c->n_callbacks++;
    KH_STEP();
    c->cb_types |= types;
    return KH_OK;
}

/* ---------------------------------------------------------------- names of routes */

/* Names only come, so a reader needs no lock: count grows after the text is there. */
typedef struct name_table {
    kh_lock lock;
    uint32_t count;
    char name[KH_TM_NAMES][KH_TM_NAME_MAX + 1];
} name_table;

static name_table *names;

int kh_tm_names_init(void) {
    names = kh_shm_malloc(sizeof(*names));
    if (!names) return KH_ENOMEM;
    memset(names, 0, sizeof(*names));
    return KH_OK;
}

void kh_tm_names_done(void) {
    kh_shm_free(names);
    names = NULL;
}

static int name_find(const char *name, uint32_t len) {
    uint32_t n = __atomic_load_n(&names->count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < n; i++)
        if (!memcmp(names->name[i], name, len) && !names->name[i][len]) return (int)i + 1;
    return 0;
}

int kh_tm_name_id(const char *name, uint32_t len) {
    if (!len) return 0;
    if (len > KH_TM_NAME_MAX || memchr(name, 0, len)) return KH_ETOOBIG;
    int id = name_find(name, len);
    if (id) return id;
    kh_lock_get(&names->lock);
    id = name_find(name, len);
    if (!id && names->count < KH_TM_NAMES) {
        memset(names->name[names->count], 0, KH_TM_NAME_MAX + 1);
        memcpy(names->name[names->count], name, len);
        KH_STEP();
        __atomic_store_n(&names->count, names->count + 1, __ATOMIC_RELEASE);
        id = (int)names->count;
    }
    kh_lock_release(&names->lock);
    return id ? id : KH_ETOOBIG;
}

const char *kh_tm_name(uint32_t id) {
    return id && id <= __atomic_load_n(&names->count, __ATOMIC_ACQUIRE) ? names->name[id - 1] : NULL;
}

/* ---------------------------------------------------------------- the end */

static void keep_buf(kh_tmbuf *b) {
    if (b) kh_shm_keep(b);
}

void kh_cell_keep(kh_cell *c) {
    kh_shm_keep(c);
    for (int i = KH_CB_REQ; i <= KH_CB_REPLY; i++) keep_buf(kh_cell_get_buf(c, i));
    if (c->callbacks) kh_shm_keep(c->callbacks);
    for (int i = 0; i < c->n_branches; i++) {
        kh_uac *b = c->branch[i];
        if (b != &c->branch0) kh_shm_keep(b);
        keep_buf(b->req);
        keep_buf(b->cancel);
        keep_buf(b->ack);
        keep_buf(b->rpl);
        keep_buf(b->info);
    }
}

static void free_branch(kh_cell *c, int i) {
    kh_uac *b = c->branch[i];
    drop(&b->req);
    drop(&b->cancel);
    drop(&b->ack);
    drop(&b->rpl);
    drop(&b->info);
    if (b == &c->branch0) return;
    kh_shm_hold(b);
    KH_STEP();
    c->branch[i] = &c->branch0; /* a successor in the middle of this finds only what is whole */
    KH_STEP();
    kh_shm_free(b);
}

int kh_cell_free(kh_cell *c) {
    for (int i = 0; i < c->n_branches; i++)
        if (kh_timer_del(kh_tm_wheel, &c->branch[i]->timer) == KH_EBUSY) return KH_EBUSY;
    if (kh_cell_hold(c) != KH_OK) return KH_EBUSY; /* so that main sees it in our row if we are killed now */
    KH_STEP();
    c->flags |= KH_CELL_FREEING;
    KH_STEP();
    for (int i = c->n_branches - 1; i >= 0; i--) free_branch(c, i);
    for (int i = KH_CB_REQ; i <= KH_CB_REPLY; i++) kh_cell_set_buf(c, i, NULL, 0);
    if (c->callbacks) {
        kh_tmcb *t = c->callbacks;
        kh_shm_hold(t);
        KH_STEP();
        c->callbacks = NULL;
        KH_STEP();
        kh_shm_free(t);
    }
    kh_timer_del(kh_tm_wheel, &c->timer); /* what its last moments armed must not fire into freed memory */
    kh_timer_done(kh_tm_wheel, &c->timer);
    KH_STEP();
    kh_shm_hold(c);
    KH_STEP();
    kh_cell_release(c);
    KH_STEP();
    kh_shm_free(c);
    return KH_OK;
}
