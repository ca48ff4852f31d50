#define _GNU_SOURCE
#include "wqueue.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "arena.h"
#include "counter.h"
#include "fault.h"
#include "proc.h"

#define IOVECS 16 /* messages of one write */

/* Write order. A message is held until it is linked, by one store, and kept; the tail and `queued` follow from the chain.
 * What leaves is on hold before the head moves on. So repair is: keep what is linked, and find the end. */

typedef struct kh_chunk {
    struct kh_chunk *next;
    uint64_t at; /* position of its first byte */
    uint32_t len;
    char data[];
} chunk_t;

void kh_wq_repair(kh_conn *c) {
    chunk_t *last = NULL;
    for (chunk_t *k = c->head; k; last = k, k = k->next) kh_shm_keep(k);
    c->tail = last;
    if (last) c->queued = last->at + last->len;
    kh_wq_wrote(c, c->written);
}

int kh_wq_sound(const kh_conn *c) {
    const chunk_t *last = NULL;
    uint64_t at = c->head ? c->head->at : c->queued;
    for (const chunk_t *k = c->head; k; last = k, k = k->next) {
        if (k->at != at) return 0;
        at += k->len;
    }
    if (c->head && (c->written < c->head->at || c->written >= c->head->at + c->head->len)) return 0;
    return at == c->queued && last == c->tail && (c->head || c->written == c->queued);
}

static void drop_head(kh_conn *c) {
    chunk_t *k = c->head;
    kh_shm_hold(k);
    KH_STEP();
    c->head = k->next;
    KH_STEP();
    if (!c->head) c->tail = NULL;
    kh_conn_reserve(-(int64_t)k->len);
    KH_STEP();
    kh_shm_free(k);
}

void kh_wq_wrote(kh_conn *c, uint64_t written) {
    c->written = written;
    KH_STEP();
    while (c->head && c->head->at + c->head->len <= written) drop_head(c);
}

void kh_wq_clear(kh_conn *c) { kh_wq_wrote(c, c->queued); }

static int append(kh_conn *c, const char *s, uint32_t len) {
    uint64_t waiting = c->queued - c->written;
    uint32_t limit = kh_conn_opts()->conn_queue;
    if (!(c->flags & KH_CONN_FULL) && limit < KH_CONN_TURN_BYTES) limit = KH_CONN_TURN_BYTES;
    if (waiting && waiting + len > limit) return KH_ETOOBIG;
    if (!kh_conn_reserve(len)) return KH_ETOOBIG;
    chunk_t *k = kh_shm_malloc_held(sizeof *k + len);
    if (!k) {
        kh_conn_reserve(-(int64_t)len);
        return KH_ENOMEM;
    }
    *k = (chunk_t){NULL, c->queued, len};
    memcpy(k->data, s, len);
    if (!waiting) c->moved_ms = kh_now_ms();
    KH_STEP();
    if (c->tail) c->tail->next = k;
    else c->head = k;
    KH_STEP();
    c->tail = k;
    KH_STEP();
    c->queued += len;
    KH_STEP();
    kh_shm_keep(k);
    return KH_OK;
}

int kh_conn_put(uint32_t id, const char *s, uint32_t len, int last) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    int rc = KH_ENOTFOUND;
    if (c->state != KH_CONN_CLOSING && !(c->flags & KH_CONN_LAST) && !c->why) {
        rc = append(c, s, len);
        if (rc == KH_ETOOBIG) kh_count(KH_CNT_TCP_SENDQ_FULL);
        if (rc == KH_OK && last) c->flags |= KH_CONN_LAST;
        if (rc == KH_OK) kh_conn_mark(c);
        else rc = KH_ESEND;
    }
    kh_lock_release(&c->lock);
    return rc;
}

int kh_conn_finish(uint32_t id) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    c->flags |= KH_CONN_LAST;
    kh_conn_mark(c);
    kh_lock_release(&c->lock);
    return KH_OK;
}

/* What is at the front, as pieces; their number. Who appends meanwhile changes nothing of it. */
static int pieces(const kh_conn *c, struct iovec *iov) {
    int n = 0;
    for (chunk_t *k = c->head; k && n < IOVECS; k = k->next) {
        uint64_t done = c->written > k->at ? c->written - k->at : 0;
        iov[n++] = (struct iovec){k->data + done, k->len - done};
    }
    return n;
}

static int outcome(const kh_conn *c) {
    if (c->head) return KH_WRITTEN_SOME;
    return c->flags & KH_CONN_LAST ? KH_WRITTEN_LAST : KH_WRITTEN_ALL;
}

/* Takes note of n written bytes. */
static int wrote(kh_conn *c, uint32_t id, uint64_t n) {
    if (kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    if (n) c->active_ms = c->moved_ms = kh_now_ms();
    kh_wq_wrote(c, c->written + n);
    int rc = outcome(c);
    if (rc != KH_WRITTEN_SOME) c->flags &= (uint16_t)~KH_CONN_FULL;
    kh_lock_release(&c->lock);
    return rc;
}

void kh_conn_stalled(uint32_t id) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return;
    c->flags |= KH_CONN_FULL;
    kh_lock_release(&c->lock);
}

int kh_conn_write(uint32_t id, int fd) {
    struct iovec iov[IOVECS];
    kh_conn *c = kh_conn_get(id);
    for (;;) {
        if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
        int n = pieces(c, iov), rc = outcome(c);
        kh_lock_release(&c->lock);
        if (!n) return rc;
        struct msghdr h = {.msg_iov = iov, .msg_iovlen = (size_t)n};
        ssize_t sent = sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN) return KH_ECLOSED;
        if (sent < 0) {
            kh_conn_stalled(id);
            return KH_WRITTEN_SOME;
        }
        KH_STEP();
        rc = wrote(c, id, (uint64_t)sent);
        if (rc != KH_WRITTEN_SOME) return rc;
    }
}

uint32_t kh_conn_front(uint32_t id, const char **s) {
    kh_conn *c = kh_conn_get(id);
    struct iovec iov[IOVECS];
    if (!c || kh_conn_lock(c, id) < 0) return 0;
    int n = pieces(c, iov);
    kh_lock_release(&c->lock);
    if (n) *s = iov[0].iov_base;
    return n ? (uint32_t)iov[0].iov_len : 0;
}

int kh_conn_wrote(uint32_t id, uint32_t n) {
    kh_conn *c = kh_conn_get(id);
    return c ? wrote(c, id, n) : KH_ENOTFOUND;
}

int kh_conn_unsent(uint32_t id, char *out) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    int n = 0;
    if (c->head) {
        n = (int)c->head->len;
        memcpy(out, c->head->data, c->head->len);
        kh_wq_wrote(c, c->head->at + c->head->len);
    }
    kh_lock_release(&c->lock);
    return n;
}
