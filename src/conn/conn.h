/* The table of connections: what all processes know of each, and how one is found.
 *
 * A connection is a slot and a number: the slot's index in the low bits, above it a generation that counts up, so a number
 * is never used for another connection in any span of time that matters. The file descriptors are not here: the owner,
 * one of the receivers, has one, and the keeper has a second (chan.h, core/tcp/). Who reads what:
 *
 *   any process    finds a connection, and under its lock appends to its write queue (wqueue.h)
 *   the owner      reads (rbuf.h), writes, closes, frees the slot
 *   the keeper     accepts, sweeps: times and orphans
 *
 * Two kinds of lock. The table's guards free slots, counts and the index by address; all of it can be made anew from the
 * slots, and is when a process died inside. A connection's guards its state and its write queue. With both, the
 * connection's is taken first.
 */
#ifndef KH_CONN_H
#define KH_CONN_H

#include "addr.h"
#include "frame.h"
#include "kh.h"
#include "lock.h"
#include "tcp.h"

/* cdef */
#define KH_CONN_MAX 1048576        /* slots of a table */
#define KH_CONN_PORTS 4            /* of a peer: its own, and aliases (tcp_accept_aliases, force_tcp_alias) */
#define KH_CONN_LABEL 127          /* bytes that its sender says to its transport, and its transport to the user */
#define KH_CONN_HANDOVER_MS 10000  /* a connection that reached no receiver by then is given up */
#define KH_CONN_DEAD_TRIES 2       /* a message that was in hand when so many receivers died is dropped */

enum kh_conn_state {
    KH_CONN_FREE = 0,
    KH_CONN_CONNECTING = 1, /* by us, not established yet */
    KH_CONN_OPENING = 2,    /* established; a PROXY header or a TLS handshake is awaited */
    KH_CONN_OPEN = 3,
    KH_CONN_CLOSING = 4,    /* takes no more messages */
};

enum kh_conn_flags {
    KH_CONN_ACCEPTED = 1, /* the peer has made it */
    KH_CONN_PROXY = 2,    /* begins with a PROXY header */
    KH_CONN_LAST = 4,     /* is closed when its queue is written */
    KH_CONN_TELL = 8,     /* somebody wants to know of its end (module tcpops) */
    KH_CONN_FULL = 16,    /* the socket takes no more: what waits is as much as the peer is behind */
};

enum kh_conn_why { /* it is to be closed, or was */
    KH_WHY_NONE = 0,
    KH_WHY_IDLE = 1,     /* tcp_connection_lifetime */
    KH_WHY_DEADLINE = 2, /* not connected, or no handshake, in time */
    KH_WHY_STALLED = 3,  /* tcp_send_timeout */
    KH_WHY_PEER = 4,     /* the peer has ended it */
    KH_WHY_RESET = 5,
    KH_WHY_REFUSED = 6,  /* a connect failed */
    KH_WHY_JUNK = 7,     /* what came is no SIP */
    KH_WHY_SCRIPT = 8,   /* the script's result, or close flags */
    KH_WHY_COMMAND = 9,
    KH_WHY_MEMORY = 10,
    KH_WHY_LOST = 11,    /* no process has it any more */
};

/* Settings, in shared memory: they may change while the server runs. */
typedef struct kh_conn_options {
    uint32_t max, max_tls; /* connections; max_tls of them may be TLS */
    uint32_t lifetime_ms, connect_ms, send_ms, proxy_ms;
    uint32_t conn_queue, all_queues; /* bytes that wait to be written */
    uint32_t buffer;                 /* bytes of the longest message */
    int32_t no_connect, accept_aliases, accept_no_cl, crlf_ping, proxy, close_on_error;
    kh_addr source4, source6; /* of outgoing connections; family 0: the listening socket's */
    kh_tcp_socket_options socket;
} kh_conn_options;

struct kh_rbuf;
struct kh_chunk;

typedef struct kh_conn {
    uint32_t id;     /* its number; 0: not used yet */
    uint8_t state;   /* enum kh_conn_state */
    uint8_t proto;   /* enum kh_proto */
    uint16_t flags;  /* enum kh_conn_flags */
    kh_lock lock;
    uint16_t sock;   /* index of the listening socket */
    uint16_t owner;  /* place of its receiver */
    uint32_t why;    /* enum kh_conn_why: the owner is to close it */
    kh_addr peer, local;
    uint32_t creator; /* identity of the process that made it */
    uint32_t holder;  /* identity of the receiver that has its descriptor; 0: it is on its way */
    uint64_t born_ms, active_ms; /* CLOCK_MONOTONIC; active: a message came or left */
    uint64_t deadline_ms;        /* for what is awaited in CONNECTING and OPENING; 0: none */
    uint64_t lifetime_ms;        /* how long it may be idle */
    uint16_t keep_idle, keep_cnt, keep_intvl; /* keepalive that somebody wants; idle 0: off */
    uint16_t keep_new;                        /* the owner has not set it yet */
    uint8_t label_len;           /* of the creator, before others know of the connection; then of the owner */
    char label[KH_CONN_LABEL];

    /* by the table's lock */
    uint16_t n_ports, port[KH_CONN_PORTS]; /* the peer's; port[0] is peer.port */
    uint32_t next[KH_CONN_PORTS];          /* links of the index */

    /* reading: by the owner alone. Positions are in the stream of bytes of its whole life. */
    struct kh_rbuf *rbuf;     /* what has come and is not done with; NULL when that is nothing */
    uint64_t taken, consumed; /* end of what has come; front of the first message that is not done */
    uint32_t tries;           /* how often that message was begun */
    kh_frame frame;

    /* writing: by the lock */
    struct kh_chunk *head, *tail;
    uint64_t queued, written; /* positions: end of the queue, front of what is not written */
    uint64_t moved_ms;        /* when the queue was empty, or bytes of it left, last */

    uint64_t read_origin, write_origin; /* kh_tcp_position at our position 0 */
} kh_conn;

/* Main process, before the fork: a table of o->max slots whose owners are the places 0 to receivers - 1, and the keeper's
 * place receivers. KH_OK, KH_ENOMEM, KH_EINVAL (numbers). A second call makes a new one. */
int kh_conn_setup(const kh_conn_options *o, int receivers);
void kh_conn_done(void); /* frees all of it: nobody else uses it any more */
kh_conn_options *kh_conn_opts(void); /* NULL: there is no table */

/* Takes a slot: state CONNECTING, or OPENING with KH_CONN_ACCEPTED; its owner is the receiver with the fewest. Its number;
 * KH_ETOOBIG (counted as tcp:local_reject), KH_EINVAL (no table). */
int64_t kh_conn_new(const kh_addr *peer, const kh_addr *local, int sock, int flags);

/* The slot of a number; NULL when that connection is gone. May change hands any time, unless the caller is its owner. */
kh_conn *kh_conn_get(uint32_t id);
kh_conn *kh_conn_slot(uint32_t index); /* the index-th, whatever its state; NULL out of range: for walks */
uint32_t kh_conn_index(uint32_t id);

/* Number of a connection that takes messages to this address (proto, ip, port or an alias); 0: none. */
uint32_t kh_conn_find(const kh_addr *to);

/* The owner (the keeper: of one that no receiver has): drops what is queued, and frees the slot. KH_ENOTFOUND. */
int kh_conn_free(uint32_t id);

/* Any process: one more port by which the peer is found. KH_ENOTFOUND, KH_ETOOBIG (KH_CONN_PORTS). */
int kh_conn_alias(uint32_t id, int port);

/* The peer is another than it seemed (PROXY header): found by that address from now on. The owner. */
int kh_conn_rename(uint32_t id, const kh_addr *peer, const kh_addr *local);

/* Any process: the owner is to close it, for this reason. The first reason stays. KH_ENOTFOUND. */
int kh_conn_close(uint32_t id, int why);

/* The owner: what a listing shows about it. KH_ENOTFOUND, KH_ETOOBIG (KH_CONN_LABEL). */
int kh_conn_describe(uint32_t id, const char *s, uint32_t len);

/* Any process: how long it may be idle, ms; that its end is to be told (KH_CONN_TELL); keepalive of the socket (seconds
 * and a count; idle 0: off), which the owner sets when it looks at the connection next. KH_ENOTFOUND. */
int kh_conn_set_lifetime(uint32_t id, uint64_t ms);
int kh_conn_tell(uint32_t id);
int kh_conn_keepalive(uint32_t id, int idle, int cnt, int intvl);
/* The owner: sets what was asked for since. */
void kh_conn_use_keepalive(uint32_t id, int fd);

/* The owner is to look at this connection. Call kh_chan_ring_out after. */
void kh_conn_mark(const kh_conn *c);
/* The process of a place: index of the next marked slot, its mark taken away; KH_ENOTFOUND when there is no more. */
int kh_conn_marked(int place);

/* A process becomes the keeper: receivers send it a descriptor of each of their connections. */
void kh_conn_keep(void);

/* The keeper, every second or so: marks those whose time is over for their owners, frees those that nobody has. How many. */
int kh_conn_sweep(void);

/* The receiver of a place that took a dead one's: frees those that the dead one had and that the keeper did not send. */
int kh_conn_disown(int place);

int kh_conn_owner_count(void); /* receivers */
int kh_conn_count(int proto);  /* 0: all */
int kh_conn_count_of(int place);
uint64_t kh_conn_queued(void); /* bytes in all write queues */

/* 0 when index, free slots, counts and queues agree with the slots, else the number of faults. Nobody else may use it. */
int kh_conn_check(void);
/* end cdef */

/* Locks a connection that is alive. KH_OK; KH_ENOTFOUND. Unlock with kh_lock_release. */
int kh_conn_lock(kh_conn *c, uint32_t id);

/* Adds to the bytes of all queues (negative: takes away); 0 when that would pass the limit. */
int kh_conn_reserve(int64_t bytes);

#endif
