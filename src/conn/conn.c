#include "conn.h"

#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include "arena.h"
#include "chan.h"
#include "counter.h"
#include "fault.h"
#include "hash.h"
#include "proc.h"
#include "rbuf.h"
#include "wqueue.h"

/* Write order. A slot is in use exactly when its state is not FREE: that store is the last of kh_conn_new, and under the
 * table's lock the first of kh_conn_free. Index, free slots and counts follow from it, and are made anew when somebody died
 * with the table's lock. */

typedef struct conns {
    kh_lock lock;
    uint32_t slots, bits; /* bits of an index in a number */
    uint32_t buckets;     /* of the index, a power of two */
    uint32_t receivers, words;
    uint32_t keeper; /* identity of the process that is it */
    uint64_t seed;
    uint32_t count, count_tls, owned[KH_CHAN_MAX];
    uint32_t first_free, n_free; /* of the ring `free` */
    int64_t queued;              /* bytes in all write queues; atomic */
    int64_t drift;               /* by how much `queued` was wrong at the last sweep */
    kh_conn_options options;
    kh_conn *slot;
    uint32_t *bucket; /* links: 0 is the end, else slot * KH_CONN_PORTS + port + 1 */
    uint32_t *free;
    uint64_t *marks; /* by place: a bit a slot */
} conns;

static conns *T;

kh_conn_options *kh_conn_opts(void) { return T ? &T->options : NULL; }
int kh_conn_owner_count(void) { return T ? (int)T->receivers : 0; }
uint32_t kh_conn_index(uint32_t id) { return id & ((1u << T->bits) - 1); }
kh_conn *kh_conn_slot(uint32_t index) { return T && index < T->slots ? &T->slot[index] : NULL; }

kh_conn *kh_conn_get(uint32_t id) {
    kh_conn *c = T ? kh_conn_slot(kh_conn_index(id)) : NULL;
    return c && id && c->id == id && c->state != KH_CONN_FREE ? c : NULL;
}

int kh_conn_lock(kh_conn *c, uint32_t id) {
    int rc = kh_lock_get(&c->lock);
    if (KH_UNLIKELY(rc == KH_EOWNERDEAD)) kh_wq_repair(c);
    else if (rc < 0) return rc;
    if (c->id == id && c->state != KH_CONN_FREE) return KH_OK;
    kh_lock_release(&c->lock);
    return KH_ENOTFOUND;
}

/* ---- the index, under the table's lock ---- */

static uint32_t *bucket_of(const kh_addr *a, uint16_t port) {
    uint64_t h = kh_hash_mix(T->seed, (uint64_t)port << 16 | (uint64_t)a->family << 8 | a->proto);
    h = kh_hash_add(h, (const char *)a->ip, sizeof a->ip);
    return &T->bucket[h & (T->buckets - 1)];
}

static uint32_t link_of(const kh_conn *c, uint32_t i) { return (uint32_t)(c - T->slot) * KH_CONN_PORTS + i + 1; }
static kh_conn *linked(uint32_t link) { return &T->slot[(link - 1) / KH_CONN_PORTS]; }
static uint32_t *next_of(uint32_t link) { return &linked(link)->next[(link - 1) % KH_CONN_PORTS]; }

static void index_add(kh_conn *c, uint32_t i) {
    uint32_t *b = bucket_of(&c->peer, c->port[i]);
    c->next[i] = *b;
    KH_STEP();
    *b = link_of(c, i);
}

static void index_remove(kh_conn *c, uint32_t i) {
    uint32_t *at = bucket_of(&c->peer, c->port[i]);
    while (*at && *at != link_of(c, i)) at = next_of(*at);
    if (*at) *at = c->next[i];
}

static void count(const kh_conn *c, int n) {
    T->count += (uint32_t)n;
    T->owned[c->owner] += (uint32_t)n;
    if (c->proto == KH_PROTO_TLS) T->count_tls += (uint32_t)n;
}

static void give_back(uint32_t index) {
    T->free[(T->first_free + T->n_free) % T->slots] = index;
    T->n_free++;
}

static void rebuild(void) {
    memset(T->bucket, 0, T->buckets * sizeof *T->bucket);
    memset(T->owned, 0, sizeof T->owned);
    T->count = T->count_tls = T->first_free = T->n_free = 0;
    for (uint32_t s = 0; s < T->slots; s++) {
        kh_conn *c = &T->slot[s];
        if (c->state == KH_CONN_FREE) {
            give_back(s);
            continue;
        }
        count(c, 1);
        for (uint32_t i = 0; i < c->n_ports; i++) index_add(c, i);
    }
}

static int lock_table(void) {
    int rc = T ? kh_lock_get(&T->lock) : KH_EINVAL;
    if (KH_UNLIKELY(rc == KH_EOWNERDEAD)) {
        rebuild();
        rc = KH_OK;
    }
    return rc;
}

/* ---- setup, and after a death ---- */

/* Receivers send what they have to the keeper's channel, where it waits for whoever is or will be the keeper. */
static void ask_for_all(void) {
    for (uint32_t r = 0; r < T->receivers; r++) kh_chan_send((int)r, KH_CHAN_KEEP, 0, -1);
}

/* Main process, for a dead one: none of its locks stays, what it was about to read into is kept, and nobody waits for a
 * ring that did not come. */
static void reap(uint32_t dead) {
    int64_t queued = 0;
    if (lock_table() < 0) return;
    kh_lock_release(&T->lock);
    for (uint32_t s = 0; s < T->slots; s++) {
        kh_conn *c = &T->slot[s];
        if (kh_lock_owner(&c->lock) == dead && kh_lock_get(&c->lock) == KH_EOWNERDEAD) {
            kh_wq_repair(c);
            kh_lock_release(&c->lock);
        }
        if (c->state == KH_CONN_FREE) continue;
        if (c->holder == dead && c->rbuf) kh_shm_keep(c->rbuf);
        queued += (int64_t)(c->queued - c->written);
        kh_conn_mark(c);
    }
    __atomic_store_n(&T->queued, queued, __ATOMIC_RELAXED);
    kh_chan_ring_out();
    if (dead == T->keeper) ask_for_all(); /* now, not when its successor is up: a receiver may be the next to die */
}

void kh_conn_keep(void) {
    T->keeper = kh_self;
    ask_for_all();
}

static bool reserve_memory(conns *t) {
    t->slot = kh_shm_mallocz(t->slots * sizeof *t->slot);
    t->bucket = kh_shm_mallocz(t->buckets * sizeof *t->bucket);
    t->free = kh_shm_mallocz(t->slots * sizeof *t->free);
    t->marks = kh_shm_mallocz((t->receivers + 1) * t->words * sizeof *t->marks);
    return t->slot && t->bucket && t->free && t->marks;
}

int kh_conn_setup(const kh_conn_options *o, int receivers) {
    if (o->max < 1 || o->max > KH_CONN_MAX || receivers < 1 || receivers >= KH_CHAN_MAX) return KH_EINVAL;
    kh_conn_done();
    conns *t = kh_shm_mallocz(sizeof *t);
    if (!t) return KH_ENOMEM;
    t->slots = o->max;
    t->receivers = (uint32_t)receivers;
    t->options = *o;
    t->words = (t->slots + 63) / 64;
    for (t->bits = 1; 1u << t->bits < t->slots; t->bits++) {}
    for (t->buckets = 64; t->buckets < 2 * t->slots; t->buckets *= 2) {}
    T = t;
    if (!reserve_memory(t) || getrandom(&t->seed, sizeof t->seed, 0) != sizeof t->seed) {
        kh_conn_done();
        return KH_ENOMEM;
    }
    uint32_t generation = (uint32_t)t->seed & (0x3fffffffu >> t->bits); /* none that a former start used lately */
    for (uint32_t s = 0; s < t->slots; s++) t->slot[s].id = generation << t->bits | s;
    rebuild();
    kh_proc_on_reap(reap);
    return KH_OK;
}

void kh_conn_done(void) {
    conns *t = T;
    if (!t) return;
    for (uint32_t s = 0; t->slot && s < t->slots; s++) {
        if (t->slot[s].state == KH_CONN_FREE) continue;
        kh_wq_clear(&t->slot[s]);
        kh_rbuf_clear(&t->slot[s]);
    }
    T = NULL;
    kh_shm_free(t->slot);
    kh_shm_free(t->bucket);
    kh_shm_free(t->free);
    kh_shm_free(t->marks);
    kh_shm_free(t);
}

/* ---- life of a slot ---- */

static uint16_t idlest(void) {
    uint32_t best = 0;
    for (uint32_t r = 1; r < T->receivers; r++)
        if (T->owned[r] < T->owned[best]) best = r;
    return (uint16_t)best;
}

/* Everything but number, state and lock, which somebody with an old number may be about to take. */
static void fill(kh_conn *c, const kh_addr *peer, const kh_addr *local, int sock, int flags) {
    uint64_t now = kh_now_ms();
    const kh_conn_options *o = &T->options;
    memset(&c->sock, 0, sizeof *c - offsetof(kh_conn, sock));
    c->proto = peer->proto;
    c->flags = (uint16_t)flags;
    c->sock = (uint16_t)sock;
    c->owner = idlest();
    c->peer = *peer;
    c->local = *local;
    c->creator = kh_self;
    c->born_ms = c->active_ms = c->moved_ms = now;
    c->lifetime_ms = o->lifetime_ms;
    c->deadline_ms = now + (flags & KH_CONN_PROXY ? o->proxy_ms : o->connect_ms);
    c->n_ports = 1;
    c->port[0] = peer->port;
}

int64_t kh_conn_new(const kh_addr *peer, const kh_addr *local, int sock, int flags) {
    int rc = lock_table();
    if (rc < 0) return rc;
    bool full = T->count >= T->options.max || !T->n_free;
    if (full || (peer->proto == KH_PROTO_TLS && T->count_tls >= T->options.max_tls)) {
        kh_lock_release(&T->lock);
        kh_count(KH_CNT_TCP_LOCAL_REJECT);
        return KH_ETOOBIG;
    }
    kh_conn *c = &T->slot[T->free[T->first_free]];
    uint32_t index = (uint32_t)(c - T->slot), generation = ((c->id >> T->bits) + 1) & (0x7fffffffu >> T->bits);
    T->first_free = (T->first_free + 1) % T->slots;
    T->n_free--;
    KH_STEP();
    fill(c, peer, local, sock, flags);
    KH_STEP();
    c->id = (generation ? generation : 1) << T->bits | index;
    uint32_t id = c->id;
    KH_STEP();
    c->state = flags & KH_CONN_ACCEPTED ? KH_CONN_OPENING : KH_CONN_CONNECTING;
    KH_STEP();
    count(c, 1);
    index_add(c, 0);
    kh_lock_release(&T->lock);
    return id;
}

/* Takes the slot out of everything, under the table's lock. */
static void unlink_slot(kh_conn *c) {
    c->state = KH_CONN_FREE;
    KH_STEP();
    for (uint32_t i = 0; i < c->n_ports; i++) index_remove(c, i);
    KH_STEP();
    count(c, -1);
    give_back((uint32_t)(c - T->slot));
}

int kh_conn_describe(uint32_t id, const char *s, uint32_t len) {
    kh_conn *c = kh_conn_get(id);
    if (!c) return KH_ENOTFOUND;
    if (len > sizeof c->label) return KH_ETOOBIG;
    c->label_len = 0; /* who reads meanwhile sees nothing */
    memcpy(c->label, s, len);
    c->label_len = (uint8_t)len;
    return KH_OK;
}

int kh_conn_free(uint32_t id) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    c->state = KH_CONN_CLOSING;
    KH_STEP();
    kh_wq_clear(c);
    kh_rbuf_clear(c);
    int rc = lock_table();
    if (rc == KH_OK) {
        unlink_slot(c);
        kh_lock_release(&T->lock);
    }
    kh_lock_release(&c->lock);
    uint32_t index = (uint32_t)(c - T->slot), bit = index % 64;
    __atomic_fetch_or(&T->marks[T->receivers * T->words + index / 64], 1ull << bit, __ATOMIC_RELEASE);
    kh_chan_ring((int)T->receivers);
    return rc;
}

static bool takes_messages(const kh_conn *c) {
    return c->state != KH_CONN_FREE && c->state != KH_CONN_CLOSING && !(c->flags & KH_CONN_LAST) && !c->why;
}

uint32_t kh_conn_find(const kh_addr *to) {
    uint32_t id = 0;
    if (lock_table() < 0) return 0;
    for (uint32_t link = *bucket_of(to, to->port); link && !id; link = *next_of(link)) {
        const kh_conn *c = linked(link);
        if (c->port[(link - 1) % KH_CONN_PORTS] == to->port && c->proto == to->proto && kh_addr_same_ip(&c->peer, to) &&
            takes_messages(c))
            id = c->id;
    }
    kh_lock_release(&T->lock);
    return id;
}

int kh_conn_alias(uint32_t id, int port) {
    if (lock_table() < 0) return KH_ENOTFOUND;
    kh_conn *c = kh_conn_get(id);
    int rc = c ? KH_OK : KH_ENOTFOUND;
    bool known = !c || port < 1 || port > 65535;
    for (uint32_t i = 0; c && i < c->n_ports; i++) known |= c->port[i] == port;
    if (!known && c->n_ports == KH_CONN_PORTS) rc = KH_ETOOBIG;
    if (!known && rc == KH_OK) {
        c->port[c->n_ports] = (uint16_t)port;
        index_add(c, c->n_ports);
        KH_STEP();
        c->n_ports++;
    }
    kh_lock_release(&T->lock);
    return rc;
}

int kh_conn_rename(uint32_t id, const kh_addr *peer, const kh_addr *local) {
    if (lock_table() < 0) return KH_ENOTFOUND;
    kh_conn *c = kh_conn_get(id);
    if (c) {
        uint8_t proto = c->proto;
        for (uint32_t i = 0; i < c->n_ports; i++) index_remove(c, i);
        KH_STEP();
        c->n_ports = 0;
        c->peer = *peer;
        c->local = *local;
        c->peer.proto = c->local.proto = proto;
        c->port[0] = peer->port;
        index_add(c, 0);
        KH_STEP();
        c->n_ports = 1;
    }
    kh_lock_release(&T->lock);
    return c ? KH_OK : KH_ENOTFOUND;
}

int kh_conn_close(uint32_t id, int why) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    if (!c->why) c->why = (uint32_t)why;
    kh_conn_mark(c);
    kh_lock_release(&c->lock);
    return KH_OK;
}

int kh_conn_set_lifetime(uint32_t id, uint64_t ms) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    c->lifetime_ms = ms;
    kh_lock_release(&c->lock);
    return KH_OK;
}

int kh_conn_tell(uint32_t id) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    c->flags |= KH_CONN_TELL;
    kh_lock_release(&c->lock);
    return KH_OK;
}

int kh_conn_keepalive(uint32_t id, int idle, int cnt, int intvl) {
    kh_conn *c = kh_conn_get(id);
    if (!c || kh_conn_lock(c, id) < 0) return KH_ENOTFOUND;
    c->keep_idle = (uint16_t)idle;
    c->keep_cnt = (uint16_t)cnt;
    c->keep_intvl = (uint16_t)intvl;
    KH_STEP();
    c->keep_new = 1;
    kh_conn_mark(c);
    kh_lock_release(&c->lock);
    return KH_OK;
}

void kh_conn_use_keepalive(uint32_t id, int fd) {
    kh_conn *c = kh_conn_get(id);
    if (!c || !c->keep_new || kh_conn_lock(c, id) < 0) return;
    c->keep_new = 0;
    int idle = c->keep_idle, cnt = c->keep_cnt, intvl = c->keep_intvl;
    kh_lock_release(&c->lock);
    kh_tcp_keepalive(fd, idle, cnt, intvl);
}

/* ---- marks ---- */

void kh_conn_mark(const kh_conn *c) {
    uint32_t index = (uint32_t)(c - T->slot), bit = index % 64;
    __atomic_fetch_or(&T->marks[c->owner * T->words + index / 64], 1ull << bit, __ATOMIC_RELEASE);
    kh_chan_ring(c->owner);
}

int kh_conn_marked(int place) {
    if (!T || place < 0 || place > (int)T->receivers) return KH_ENOTFOUND;
    uint64_t *words = &T->marks[(uint32_t)place * T->words];
    for (uint32_t w = 0; w < T->words; w++) {
        uint64_t seen = __atomic_load_n(&words[w], __ATOMIC_RELAXED);
        if (!seen) continue;
        uint32_t bit = (uint32_t)__builtin_ctzll(seen);
        __atomic_fetch_and(&words[w], ~(1ull << bit), __ATOMIC_ACQUIRE);
        return (int)(w * 64 + bit);
    }
    return KH_ENOTFOUND;
}

/* ---- time ---- */

static int overdue(const kh_conn *c, uint64_t now) {
    uint64_t waits_since = c->moved_ms;
    if (c->deadline_ms && now > c->deadline_ms) return KH_WHY_DEADLINE;
    if (c->state != KH_CONN_OPEN) return KH_WHY_NONE;
    if (c->queued != c->written && now > waits_since + T->options.send_ms) return KH_WHY_STALLED;
    return now > c->active_ms + c->lifetime_ms ? KH_WHY_IDLE : KH_WHY_NONE;
}

/* Nobody has taken it within the time: it is lost with the process that made it. */
static bool orphaned(kh_conn *c, uint32_t id, uint64_t now) {
    if (c->holder || now < c->born_ms + KH_CONN_HANDOVER_MS || kh_conn_lock(c, id) < 0) return false;
    bool yes = !c->holder;
    if (yes) c->state = KH_CONN_CLOSING;
    kh_lock_release(&c->lock);
    return yes;
}

/* Who dies between a queue and the sum of all leaves the sum wrong for ever. What is wrong twice by as much is no message
 * that was just on its way between the two. */
static void mend_sum(int64_t queued) {
    int64_t drift = __atomic_load_n(&T->queued, __ATOMIC_RELAXED) - queued;
    if (drift && drift == T->drift) __atomic_sub_fetch(&T->queued, drift, __ATOMIC_RELAXED);
    T->drift = drift;
}

int kh_conn_sweep(void) {
    uint64_t now = kh_now_ms();
    int64_t queued = 0;
    int n = 0;
    for (uint32_t s = 0; T && s < T->slots; s++) {
        kh_conn *c = &T->slot[s];
        uint32_t id = c->id;
        if (c->state == KH_CONN_FREE) continue;
        queued += (int64_t)(c->queued - c->written);
        if (orphaned(c, id, now)) {
            kh_count(KH_CNT_TCP_LOST);
            kh_conn_free(id);
            n++;
        } else {
            int why = c->why ? KH_WHY_NONE : overdue(c, now);
            if (why && kh_conn_close(id, why) == KH_OK) n++;
        }
    }
    if (T) mend_sum(queued);
    kh_chan_ring_out();
    return n;
}

int kh_conn_disown(int place) {
    int n = 0;
    for (uint32_t s = 0; T && s < T->slots; s++) {
        const kh_conn *c = &T->slot[s];
        if (c->state == KH_CONN_FREE || c->owner != place || !c->holder || c->holder == kh_self) continue;
        kh_count(KH_CNT_TCP_LOST);
        n += kh_conn_free(c->id) == KH_OK;
    }
    return n;
}

/* ---- counts ---- */

int kh_conn_reserve(int64_t bytes) {
    int64_t now = __atomic_add_fetch(&T->queued, bytes, __ATOMIC_RELAXED);
    if (bytes <= 0 || now <= (int64_t)T->options.all_queues) return 1;
    __atomic_sub_fetch(&T->queued, bytes, __ATOMIC_RELAXED);
    return 0;
}

uint64_t kh_conn_queued(void) {
    int64_t n = T ? __atomic_load_n(&T->queued, __ATOMIC_RELAXED) : 0;
    return n > 0 ? (uint64_t)n : 0;
}

int kh_conn_count(int proto) {
    if (!T) return 0;
    return (int)(proto == KH_PROTO_TLS ? T->count_tls : proto ? T->count - T->count_tls : T->count);
}

int kh_conn_count_of(int place) { return T && place >= 0 && place < (int)T->receivers ? (int)T->owned[place] : 0; }

static bool is_linked(const kh_conn *c, uint32_t i) {
    uint32_t link = *bucket_of(&c->peer, c->port[i]);
    while (link && link != link_of(c, i)) link = *next_of(link);
    return link;
}

int kh_conn_check(void) {
    uint32_t used = 0, tls = 0, links = 0, chained = 0;
    int faults = 0;
    int64_t queued = 0;
    if (lock_table() < 0) return 1;
    for (uint32_t s = 0; s < T->slots; s++) {
        kh_conn *c = &T->slot[s];
        if (c->state == KH_CONN_FREE) continue;
        used++;
        tls += c->proto == KH_PROTO_TLS;
        links += c->n_ports;
        faults += !kh_wq_sound(c);
        queued += (int64_t)(c->queued - c->written);
        for (uint32_t i = 0; i < c->n_ports; i++) faults += !is_linked(c, i);
    }
    for (uint32_t b = 0; b < T->buckets; b++)
        for (uint32_t link = T->bucket[b]; link && chained <= links; link = *next_of(link)) chained++;
    faults += (used != T->count) + (tls != T->count_tls) + (T->n_free + used != T->slots) + (chained != links) +
              (queued != T->queued);
    kh_lock_release(&T->lock);
    return faults;
}
