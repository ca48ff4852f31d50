/* The transaction store: what a SIP transaction is in shared memory, and the table that finds it again.
 *
 * A cell is one transaction of the proxy: a server machine towards the caller (UAS side) and one kh_uac for each
 * request sent on (UAC side). Cells hang in a table hashed on Call-ID and CSeq number, as in SER, so that INVITE, its
 * CANCEL and its ACK meet in one bucket. Our Via branch is `z9hG4bK` + bucket (4 hex) + '.' + label (8 hex) + '.' +
 * branch number, so a reply names its bucket, cell and branch, and nothing is searched.
 *
 * Who may do what:
 *   - chain of a bucket: under the bucket's lock, which is never held longer than a walk of the chain;
 *   - fields of a cell and its branches: under the cell's lock (`kh_cell_lock`), which may be held across Python code;
 *   - a cell found is *held* by the finder's process until kh_cell_release: the hold is a hazard pointer in the
 *     process' own row, so it dies with the process, and a killed worker never pins a cell;
 *   - only the timer process unlinks and frees (a worker that takes a stillborn cell out of service sets its deadline
 *     to now). Lock order: one cell at a time, except the INVITE's cell under its CANCEL's.
 *
 * Write order, so that a process may die between any two stores:
 *   - what hangs on a cell (buffers, branches, callbacks) is complete before the one store that links it, and what it
 *     replaces is put on hold before and freed after; a chain changes by one store;
 *   - a branch's final status is stored before its machine moves, the cell's final status before its timers start: so
 *     what is missing can be told from what is there, and kh_cell_mend, under the lock of the dead, catches up on it;
 *   - a datagram leaves only after what it says has been stored.
 * What only a decision can catch up on (an answer that nobody passed on, branches that nobody called back) is left to
 * modules/tm/t_failure.py, settle(), by KH_CELL_REPAIR. A row of holds is the dead one's until the main process has seen
 * to every cell in it: none of them is freed before.
 */
#ifndef KH_CELLS_H
#define KH_CELLS_H

#include "addr.h"
#include "kh.h"
#include "lock.h"
#include "wheel.h"

/* cdef */
#define KH_TM_BUCKETS 16384      /* a power of two; the hash takes 4 hex digits of the Via branch */
#define KH_TM_CHAIN_MAX 1024     /* cells of one bucket; more are refused (one Call-ID + CSeq with endless branches) */
#define KH_TM_BRANCHES 32        /* of one cell; Kamailio's max_branches is 12 by default, at most 31 + 1 */
#define KH_TM_HOLDS 16           /* cells one process may hold at once */
#define KH_TM_CALLBACKS 16       /* callbacks of one cell */
#define KH_TM_NAMES 1024         /* names of routes that were ever armed */
#define KH_TM_NAME_MAX 63        /* bytes of such a name */
#define KH_TM_BRANCH_MAX 40      /* bytes of a Via branch of ours, with its zero */

enum kh_cell_flags {
    KH_CELL_LOCAL = 1,        /* made here (UAC), no server side */
    KH_CELL_INVITE = 2,
    KH_CELL_CANCELED = 4,     /* the caller sent CANCEL */
    KH_CELL_FORWARDED = 8,    /* a branch or a final reply exists: repeats may be absorbed */
    KH_CELL_DEAD = 16,        /* out of service: only waits to be freed */
    KH_CELL_NO_100 = 32,
    KH_CELL_NO_6XX = 64,      /* a 6xx ends nothing (t_set_disable_6xx) */
    KH_CELL_NO_FAILOVER = 128,
    KH_CELL_NO_INT_REPLY = 256, /* no reply of our own when relaying fails */
    KH_CELL_NO_CANCEL_REASON = 512,
    KH_CELL_SUSPENDED = 1024, /* t_suspend: a blind branch keeps it open */
    KH_CELL_EXPIRED = 2048,   /* its lifetime is over */
    KH_CELL_REPLICATED = 4096,
    KH_CELL_REPAIR = 8192,    /* the last holder of its lock died inside: look at everything again */
    KH_CELL_IN_FAILURE = 16384, /* its failure_route is being run */
    KH_CELL_FREEING = 65536,  /* the timer process is taking it apart */
    KH_CELL_COOKIE = 131072,  /* the caller's branch has the magic cookie: RFC 3261 matching */
    KH_CELL_KEEP_REQ = 262144, /* somebody needs the request after the final reply */
    KH_CELL_RELIABLE = 32768, /* the caller's transport is reliable: no retransmission, no wait */
};

/* Why a reply must be shown to Python; 0: the kernel relays by itself. */
enum kh_need {
    KH_NEED_REPLY = 1,    /* every reply: an onreply_route or a callback is armed */
    KH_NEED_NEGATIVE = 2, /* negative finals: failure_route, branch-failure or a callback */
    KH_NEED_FINAL = 4,    /* any final: a callback */
    KH_NEED_PROVISIONAL = 8,
    KH_NEED_DELETE = 16,  /* a callback at the end of the cell */
    KH_NEED_ACK = 32,     /* a callback on the end-to-end ACK */
};

enum kh_uac_flags {
    KH_UAC_CANCEL_WANTED = 1, /* no provisional yet: CANCEL follows the first one (RFC 3261 9.1) */
    KH_UAC_CANCEL_SENT = 2,
    KH_UAC_CANCEL_DONE = 4,   /* the CANCEL was answered: no more retransmission */
    KH_UAC_REPLIED = 8,       /* something came back */
    KH_UAC_TIMEOUT = 16,      /* its final status is our own 408 */
    KH_UAC_LOCAL = 32,        /* its final reply was made here */
    KH_UAC_PICKED = 64,       /* its reply went upstream */
    KH_UAC_BLIND = 128,       /* no destination: t_suspend */
    KH_UAC_DROPPED = 256,     /* its reply no longer counts (t_drop_replies) */
    KH_UAC_FR_INV = 512,      /* the final-response timer is fr_inv */
};

/* A piece of shared memory that says how long it is. Not changed once it hangs on a cell: another takes its place. */
typedef struct kh_tmbuf {
    uint32_t len;
    uint32_t reserved;
    char data[];
} kh_tmbuf;

/* Another process' callback: its number in the table made before the fork, and a parameter. */
typedef struct kh_tmcb {
    uint32_t types; /* bits of the callback types */
    uint32_t fn;
    uint64_t param;
} kh_tmcb;

struct kh_cell;

/* One outgoing request. */
typedef struct kh_uac {
    kh_timer timer; /* the nearer of retr_at and fr_at */
    struct kh_cell *cell;
    kh_tmbuf *req;    /* as sent; freed at the final reply */
    kh_tmbuf *cancel; /* our CANCEL as sent */
    kh_tmbuf *ack;    /* our ACK to a negative final */
    kh_tmbuf *rpl;    /* the final reply as received, kept for the choice among branches */
    kh_tmbuf *info;   /* marshalled facts of the branch: URI, ruid, instance, path, socket */
    uint64_t retr_at; /* ms; 0: off */
    uint64_t fr_at;   /* ms; 0: off */
    uint32_t retr_ms; /* the present interval */
    uint32_t bflags;  /* the script's branch flags */
    kh_dest dst;
    kh_rcv rpl_rcv;   /* where its kept reply came from */
    uint16_t last_status; /* last status received or made up; 0: none */
    uint16_t on_reply;    /* its own onreply_route; 0: that of the cell */
    uint16_t flags;       /* enum kh_uac_flags */
    uint8_t idx;
    uint8_t state;        /* of its client machine */
    uint8_t generation;   /* which round of serial forking made it */
    uint8_t pad;
} kh_uac;

typedef struct kh_cell {
    struct kh_cell *next; /* chain of the bucket */
    uint32_t hash, label;
    kh_lock lock;
    uint32_t pad0;
    uint64_t key_hash;    /* kh_request_hash of the request: RFC 2543 matching */
    kh_timer timer;       /* server machine: G, H, wait; before the final reply the lifetime */
    uint32_t creator;     /* process that made it (kh_proc_self), to tell a stillborn cell */
    uint32_t flags;       /* enum kh_cell_flags */
    uint32_t method;
    uint32_t cseq_num;
    uint64_t born, retr_at, fr_at, wait_at, ends_at; /* ms; 0: off; ends_at: lifetime */
    uint32_t retr_ms;
    uint32_t t1, t2, fr_ms, fr_inv_ms; /* timers of this transaction */
    uint32_t need;        /* enum kh_need */
    uint32_t script_flags; /* setflag() */
    uint32_t cb_types;    /* all types of its callbacks */
    uint16_t on_failure, on_reply, on_branch, on_branch_failure; /* numbers of route names; 0: none */
    uint16_t uas_status;  /* last status sent to the caller; 0: none */
    uint16_t relayed_branch; /* branch whose reply went upstream; 0xffff: ours */
    uint8_t machine, state; /* of the server side */
    uint8_t n_branches;
    uint8_t first_branch; /* of the present round of serial forking */
    uint8_t n_callbacks;
    uint8_t generation;
    uint8_t drop_mode;
    uint8_t pad;
    kh_rcv rcv;
    kh_dest reply_to;     /* where replies go (RFC 3261 18.2.2, RFC 3581) */
    kh_tmbuf *req;        /* the request as received; freed when no longer needed */
    kh_tmbuf *edits;      /* its edits when it was forwarded */
    kh_tmbuf *blob;       /* the script's variables, marshalled */
    kh_tmbuf *reply;      /* last reply sent, to be sent again */
    kh_tmcb *callbacks;   /* KH_TM_CALLBACKS of them, or NULL */
    kh_uac *branch[KH_TM_BRANCHES];
    kh_uac branch0;    /* most transactions have one */
    uint16_t k_callid, k_branch, k_host, k_from_tag; /* lengths of the parts of key[], in this order */
    uint16_t k_port;      /* of the sent-by */
    uint16_t failing;     /* the failure_route that is being run; 0: none */
    char key[];           /* Call-ID, Via branch, sent-by host, From tag */
} kh_cell;

/* Settings that all processes share; times in ms. */
typedef struct kh_tm_conf {
    uint32_t fr, fr_inv, max_inv, max_noninv, wait, t1, t2;
    uint32_t restart_fr, relay_100, remap_503, cancel_b_method, callid_matching, via1_matching;
    uint32_t trying_len; /* reason phrase of the automatic 100 */
    char trying[128];
} kh_tm_conf;

/* Makes the table in the arena. Main process, before fork. KH_ENOMEM. */
int kh_tm_init(void);
/* The end of the main process (and of a test): gives the table back; cells still in it are forgotten. */
void kh_tm_done(void);
kh_tm_conf *kh_tm_conf_get(void);

/* Gives the kernel the tables of modules/tm/fsm.py: pairs of 16 bit, [machine][state][input]. Before fork. */
int kh_tm_load_fsm(const char *packed, uint32_t len);

/* The cell that the last call found or made; held by this process. NULL: none. */
kh_cell *kh_tm_cell(void);
int kh_tm_branch(void); /* and the branch it concerned, -1: none */

/* Ends this process' last hold, with the locks taken since; an outer hold keeps its own. */
void kh_cell_release(kh_cell *c);
/* One more hold, for a nested use. KH_ETOOBIG. */
int kh_cell_hold(kh_cell *c);
/* Nested locks of the same process count. KH_EOWNERDEAD: it is yours, and KH_CELL_REPAIR is set. */
int kh_cell_lock(kh_cell *c);
int kh_cell_trylock(kh_cell *c); /* KH_EBUSY when anybody has it, we included */
void kh_cell_unlock(kh_cell *c);

/* Finds by bucket and label; held. NULL: none. */
kh_cell *kh_tm_by_ident(uint32_t hash, uint32_t label);
/* Finds the transaction with this Call-ID and CSeq number that is no CANCEL; held. */
kh_cell *kh_tm_by_callid(const char *callid, uint32_t len, uint32_t cseq);
/* Transactions in the table, and how many of them wait for a final reply. Walks it. */
typedef struct kh_tm_numbers {
    uint64_t inuse, active;
} kh_tm_numbers;
void kh_tm_count(kh_tm_numbers *out);
/* Walks the table: 0 when chains, labels and lengths agree, else the number of faults. */
int kh_tm_check(void);
/* Walks all cells: the first in bucket `bucket` after the cell with `after` as label (0: the first); held. */
kh_cell *kh_tm_walk(uint32_t bucket, uint32_t after);

/* Number of a route's name, the same in every process and for ever; 0: no name. KH_ETOOBIG: table full or name long. */
int kh_tm_name_id(const char *name, uint32_t len);
/* Its bytes, zero-terminated; NULL: no such number. */
const char *kh_tm_name(uint32_t id);

/* Replaces one of a cell's buffers by a copy of `len` bytes; NULL or 0 clears it. Lock held. KH_ENOMEM. */
enum kh_cell_buf { KH_CB_REQ, KH_CB_EDITS, KH_CB_BLOB, KH_CB_REPLY };
int kh_cell_set_buf(kh_cell *c, int which, const void *data, uint32_t len);
kh_tmbuf *kh_cell_get_buf(kh_cell *c, int which);
int kh_uac_set_info(kh_cell *c, int idx, const char *data, uint32_t len);
kh_uac *kh_cell_uac(kh_cell *c, int idx); /* NULL: none */

/* One more callback. KH_ETOOBIG: KH_TM_CALLBACKS reached; KH_ENOMEM. */
int kh_cell_add_callback(kh_cell *c, uint32_t types, uint32_t fn, uint64_t param);

/* Our Via branch parameter of branch `idx`, made or to come (out: KH_TM_BRANCH_MAX bytes, ends in zero); its length. */
int kh_tm_branch_text(char *out, const kh_cell *c, int idx);
/* end cdef */

/* For the other files of the transaction layer only. */
typedef struct kh_bucket {
    kh_lock lock;
    uint32_t next_label;
    uint32_t length;
    kh_cell *first;
} kh_bucket;

typedef struct kh_fsm_row {
    uint16_t next, action;
} kh_fsm_row;

enum { KH_FSM_MACHINES = 4, KH_FSM_STATES = 8, KH_FSM_INPUTS = 10 };
enum kh_fsm_machine { KH_FSM_INVITE_CLIENT, KH_FSM_INVITE_SERVER, KH_FSM_CLIENT, KH_FSM_SERVER };
enum kh_fsm_state {
    KH_ST_IDLE, KH_ST_CALLING, KH_ST_TRYING, KH_ST_PROCEEDING, KH_ST_ACCEPTED, KH_ST_COMPLETED, KH_ST_CONFIRMED,
    KH_ST_TERMINATED,
};
enum kh_fsm_input {
    KH_IN_SEND, KH_IN_REQUEST, KH_IN_ACK, KH_IN_1XX, KH_IN_2XX, KH_IN_NEG, KH_IN_RETR, KH_IN_FR, KH_IN_WAIT,
    KH_IN_SEND_ERROR,
};
enum kh_fsm_action {
    KH_ACT_SEND = 1, KH_ACT_PASS = 2, KH_ACT_ACK = 4, KH_ACT_REPLY = 8, KH_ACT_TIMEOUT = 16, KH_ACT_FAIL = 32,
    KH_ACT_RETR = 64, KH_ACT_FR = 128, KH_ACT_WAIT = 256,
};

enum { KH_TIMER_CELL = 1, KH_TIMER_BRANCH = 2 }; /* kinds in the wheel */

extern kh_wheel *kh_tm_wheel;
extern kh_bucket *kh_tm_table;
extern kh_tm_conf *kh_tm_cfg;
extern kh_fsm_row kh_tm_fsm[KH_FSM_MACHINES][KH_FSM_STATES][KH_FSM_INPUTS];

uint32_t kh_tm_hash(const char *callid, uint32_t len, uint32_t cseq);
void kh_tm_set_found(kh_cell *c, int branch);
int kh_tm_names_init(void);
void kh_tm_names_done(void);
void kh_bucket_lock(kh_bucket *b); /* and count again, when its holder died */
void kh_cell_keep(kh_cell *c); /* kh_shm_keep for all that hangs on it */
void kh_cell_mend(kh_cell *c); /* its lock was a dead process': catch up on what its state says has begun */
int kh_tmbuf_set(kh_tmbuf **slot, const void *data, uint32_t len);
int kh_cell_is_held(const kh_cell *c);
/* Timer process, cell unlinked, held by nobody else, its own timer firing. KH_EBUSY: a branch's timer is firing too. */
int kh_cell_free(kh_cell *c);
int kh_cell_unlink(kh_cell *c);
/* A branch that is no part of the cell yet, with what it sends (len 0: nothing); NULL: no memory, or no more branches.
 * It is, from the one store in kh_cell_add_uac on. */
kh_uac *kh_uac_make(kh_cell *c, const char *data, uint32_t len);
void kh_cell_add_uac(kh_cell *c, kh_uac *b);
/* Steps the machine and stores its new state; the actions. */
uint32_t kh_fsm_server(kh_cell *c, int input);
uint32_t kh_fsm_client(kh_cell *c, kh_uac *b, int input);
kh_fsm_row kh_fsm_client_row(const kh_cell *c, const kh_uac *b, int input); /* what that step would be */

static inline int kh_fsm_input_of(int status) {
    return status < 200 ? KH_IN_1XX : status < 300 ? KH_IN_2XX : KH_IN_NEG;
}

#endif
