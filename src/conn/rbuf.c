#define _GNU_SOURCE
#include "rbuf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "arena.h"
#include "counter.h"
#include "fault.h"
#include "proc.h"
#include "proxy.h"
#include "wqueue.h"

/* Write order. Bytes land in the buffer, then `taken` says so; `consumed` moves on when a message is done. A buffer knows
 * the position of its first byte, so a larger or an emptied one takes the place of the old by one store. */

typedef struct kh_rbuf {
    uint64_t at; /* position of data[0] */
    uint32_t size;
    char data[];
} rbuf_t;

static char *front(const kh_conn *c) { return c->rbuf->data + (c->consumed - c->rbuf->at); }

static void replace(kh_conn *c, rbuf_t *fresh) {
    rbuf_t *old = c->rbuf;
    if (old) kh_shm_hold(old);
    KH_STEP();
    c->rbuf = fresh;
    KH_STEP();
    if (fresh) kh_shm_keep(fresh);
    KH_STEP();
    if (old) kh_shm_free(old);
}

void kh_rbuf_clear(kh_conn *c) {
    if (c->rbuf) replace(c, NULL);
}

/* A buffer of `size` bytes that begins with what is not done yet. */
static int renew(kh_conn *c, uint32_t size) {
    uint32_t left = (uint32_t)(c->taken - c->consumed);
    rbuf_t *b = kh_shm_malloc_held(sizeof *b + size);
    if (!b) return KH_ENOMEM;
    b->at = c->consumed;
    b->size = size;
    if (left) memcpy(b->data, front(c), left);
    replace(c, b);
    return KH_OK;
}

static uint32_t longest(void) {
    uint32_t max = kh_conn_opts()->buffer;
    return max < KH_MSG_MAX ? max : KH_MSG_MAX;
}

/* Sees to it that there is room for more bytes. Their number. */
static int make_room(kh_conn *c, char **p) {
    uint32_t left = (uint32_t)(c->taken - c->consumed), max = longest();
    uint32_t used = c->rbuf ? (uint32_t)(c->taken - c->rbuf->at) : 0;
    if (!c->rbuf || c->rbuf->size - used == 0) {
        uint32_t size = KH_RBUF_FIRST;
        while (size <= left && size < max) size *= 2;
        if (size > max) size = max;
        if (size < c->frame.length) size = c->frame.length;
        if (renew(c, size) < 0) return KH_ENOMEM;
        used = left;
    }
    *p = c->rbuf->data + used;
    return (int)(c->rbuf->size - used);
}

int kh_conn_room(uint32_t id, char **p) {
    kh_conn *c = kh_conn_get(id);
    return c ? make_room(c, p) : KH_ENOTFOUND;
}

int kh_conn_took(uint32_t id, uint32_t n) {
    kh_conn *c = kh_conn_get(id);
    if (!c) return KH_ENOTFOUND;
    c->taken += n;
    return KH_OK;
}

static ssize_t receive(int fd, char *p, size_t size, int flags) {
    ssize_t n;
    do n = recv(fd, p, size, flags | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n >= 0) return n;
    return errno == EAGAIN ? KH_EINCOMPLETE : KH_ECLOSED;
}

int kh_conn_read(uint32_t id, int fd) {
    char *p;
    kh_conn *c = kh_conn_get(id);
    if (!c) return KH_ENOTFOUND;
    int room = make_room(c, &p);
    if (room < 0) return room;
    ssize_t n = receive(fd, p, (size_t)room, 0);
    KH_STEP();
    if (n > 0) c->taken += (uint64_t)n;
    else if (c->taken == c->consumed) kh_rbuf_clear(c);
    return (int)n;
}

static void consume(kh_conn *c, uint32_t n) {
    c->consumed += n;
    KH_STEP();
    c->tries = 0;
    c->frame = (kh_frame){.blanks = c->frame.blanks};
    if (c->consumed == c->taken) kh_rbuf_clear(c);
}

/* Passes over what stands between messages, and answers pings. */
static void skip_blanks(kh_conn *c) {
    uint32_t pings = 0, n = kh_frame_blanks(&c->frame, front(c), (uint32_t)(c->taken - c->consumed), &pings);
    if (!n) return;
    if (pings) {
        c->active_ms = kh_now_ms();
        kh_counts[KH_CNT_TCP_PINGS] += pings;
    }
    for (; pings && kh_conn_opts()->crlf_ping; pings--) kh_conn_put(c->id, "\r\n", 2, 0);
    consume(c, n);
}

static uint32_t messages; /* taken by this process */

/* The frame at the front as a message. */
static int64_t message(kh_conn *c, kh_msg *m, kh_edits *e, uint32_t len) {
    m->rcv = (kh_rcv){.src = c->peer, .dst = c->local, .sock = c->sock, .conn = c->id};
    m->id = ++messages;
    c->active_ms = kh_now_ms();
    int rc = kh_msg_parse(m, front(c), len);
    if (rc < 0 || m->fline_flags != KH_FLINE_SIP) {
        kh_count(rc < 0 ? KH_CNT_BAD_MSG_HDR : KH_CNT_HTTP_OVER_UDP);
        return KH_EMALFORMED;
    }
    kh_count(m->type == KH_REQUEST ? KH_CNT_RCV_REQUESTS : KH_CNT_RCV_REPLIES);
    if (kh_conn_opts()->accept_aliases && m->type == KH_REQUEST && m->n_via && m->via1.flags & KH_VIA_ALIAS)
        kh_conn_alias(c->id, m->via1.port ? m->via1.port : kh_default_port(c->proto));
    if (c->tries) kh_count(KH_CNT_TCP_REPEATED);
    c->tries++;
    kh_edits_reset(e);
    return kh_msg_facts(m);
}

int64_t kh_conn_next(uint32_t id, kh_msg *m, kh_edits *e) {
    kh_conn *c = kh_conn_get(id);
    int rc;
    if (!c) return KH_ENOTFOUND;
    for (;;) {
        if (c->consumed == c->taken) return KH_EINCOMPLETE;
        if (!c->frame.looked && !c->frame.length) skip_blanks(c);
        if (c->consumed == c->taken) return KH_EINCOMPLETE;
        int flags = kh_conn_opts()->accept_no_cl ? KH_FRAME_NO_CL : 0;
        rc = kh_frame_next(&c->frame, front(c), (uint32_t)(c->taken - c->consumed), longest(), flags);
        if (rc < 0 || c->tries < KH_CONN_DEAD_TRIES) break;
        kh_count(KH_CNT_TCP_DROPPED);
        consume(c, (uint32_t)rc);
    }
    int64_t facts = rc < 0 ? rc : message(c, m, e, (uint32_t)rc);
    if (facts < 0 && facts != KH_EINCOMPLETE) kh_count(KH_CNT_TCP_BAD_FRAMES);
    return facts;
}

void kh_conn_next_done(uint32_t id) {
    kh_conn *c = kh_conn_get(id);
    if (c && c->tries) consume(c, c->frame.length);
}

int kh_conn_established(uint32_t id, int fd) {
    uint64_t read, written;
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    if (c->state == KH_CONN_CONNECTING && kh_tcp_position(fd, &read, &written) == KH_OK) {
        c->read_origin = read;
        c->write_origin = written;
    }
    c->active_ms = c->moved_ms = kh_now_ms();
    c->deadline_ms = 0;
    KH_STEP();
    if (c->state != KH_CONN_CLOSING) c->state = KH_CONN_OPEN;
    kh_lock_release(&c->lock);
    return KH_OK;
}

/* What the dead owner has read and written by the system's account, and did not come to note. */
static int catch_up(kh_conn *c, int fd) {
    uint64_t read, written;
    if (c->proto != KH_PROTO_TCP || c->state == KH_CONN_CLOSING) return KH_ECLOSED;
    if (c->state == KH_CONN_CONNECTING) return KH_OK;
    if (kh_tcp_position(fd, &read, &written) < 0) return KH_ECLOSED;
    read -= c->read_origin;
    written -= c->write_origin;
    uint64_t end = c->rbuf ? c->rbuf->at + c->rbuf->size : c->taken;
    if (read < c->taken || read > end || written < c->written || written > c->queued) return KH_ECLOSED;
    c->taken = read;
    kh_wq_wrote(c, written);
    c->frame = (kh_frame){0};
    return KH_OK;
}

static int adopt_locked(kh_conn *c, int fd) {
    int rc = KH_OK;
    if (c->holder && c->holder != kh_self) rc = catch_up(c, fd);
    else if (c->state != KH_CONN_CONNECTING && kh_tcp_position(fd, &c->read_origin, &c->write_origin) < 0)
        c->read_origin = c->write_origin = 0;
    KH_STEP();
    c->holder = kh_self;
    return rc;
}

int kh_conn_adopt(uint32_t id, int fd, int place) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    int rc = c->owner == place ? adopt_locked(c, fd) : KH_ENOTFOUND;
    kh_lock_release(&c->lock);
    return rc;
}

/* Bytes of the header go to the buffer, and nothing behind it is read: it may be the transport's. */
int kh_conn_read_proxy(uint32_t id, int fd) {
    char text[KH_PROXY_MAX];
    kh_addr src, dst;
    kh_conn *c = kh_conn_get(id);
    if (!c) return KH_ENOTFOUND;
    uint32_t have = (uint32_t)(c->taken - c->consumed);
    if (have) memcpy(text, front(c), have);
    ssize_t n = receive(fd, text + have, sizeof text - have, MSG_PEEK);
    if (n <= 0) return n ? (int)n : KH_ECLOSED;
    int len = kh_proxy_header(text, have + (uint32_t)n, &src, &dst);
    if (len < 0 && (len != KH_EINCOMPLETE || have + (uint32_t)n == sizeof text)) return KH_EMALFORMED;
    uint32_t take = len < 0 ? (uint32_t)n : (uint32_t)len - have;
    char *p;
    if (make_room(c, &p) < (int)take) return KH_ENOMEM;
    if (receive(fd, p, take, 0) != (ssize_t)take) return KH_ECLOSED;
    c->taken += take;
    if (len < 0) return KH_EINCOMPLETE;
    consume(c, (uint32_t)len);
    return src.family ? kh_conn_rename(id, &src, &dst) : KH_OK;
}
