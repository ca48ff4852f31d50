/* What the transaction layer does with messages, each a coarse step of RFC 3261 §16 and §17 over the store of cells.h.
 *
 * Any process with an identity may call these. Datagrams go to the process' send queue (sendq.h): whoever is not a
 * worker in its batch loop calls kh_send_flush when its unit of work is done. A function that finds or makes a cell
 * leaves it in kh_tm_cell(), held.
 */
#ifndef KH_TM_H
#define KH_TM_H

#include "build.h"
#include "cells.h"
#include "lump.h"
#include "msg.h"

/* cdef */
/* What became of a message; < 0 is a KH_E... */
enum kh_tm_verdict {
    KH_TM_NONE = 0,     /* belongs to no transaction */
    KH_TM_ABSORBED = 1, /* a repeat (or a reply to our own CANCEL): dealt with, nothing is held */
    KH_TM_ACKED = 2,    /* ACK to a negative final: dealt with, nothing is held */
    KH_TM_E2E_ACK = 3,  /* ACK to a 2xx: forward it; the INVITE's cell is held */
    KH_TM_DONE = 4,     /* a reply: relayed or rightly not, nothing is held */
    KH_TM_PYTHON = 5,   /* a reply: the branch's machine has been stepped, now decide; held and locked */
    KH_TM_NEW = 6,      /* the cell was made; held and locked */
};

/* Requests (RFC 3261 §17.2.3, RFC 2543 for old clients). For ACK and repeats all is done here. Does not make a cell. */
int kh_tm_lookup(const kh_msg *m);
/* The cell of this request, or of the INVITE whose hop this ACK ends; nothing is sent. 1: found and held; 0. */
int kh_tm_find(const kh_msg *m);
/* The INVITE (or other request) that this CANCEL is for. 1: found and held; 0. */
int kh_tm_lookup_cancel(const kh_msg *m);
/* The cell and branch that this reply is for; nothing else happens. 1: found and held; 0. */
int kh_tm_lookup_reply(const kh_msg *m);
/* Makes the cell, unless kh_tm_lookup's verdict is another than KH_TM_NONE. KH_ENOMEM, KH_ETOOBIG. `e` may be NULL. */
int kh_tm_new(const kh_msg *m, const kh_edits *e);
/* A cell without server side, for requests of our own: found under this Call-ID and CSeq. */
int kh_tm_new_local(const kh_msg *m);

/* kh_tm_new, kh_next_hop, 100 for an INVITE and kh_tm_forward in one call, unlocked but held at its end.
 * c NULL: make it. >= 0: KH_TM_NEW, or as kh_tm_lookup when it is a repeat. KH_ENOTFOUND: the host is a name, the cell is
 * locked; go on with kh_tm_forward. Other KH_E*: nothing was sent; the cell (if any) is locked. */
int kh_tm_relay(kh_cell *c, const kh_msg *m, const kh_edits *e, int send_100);

/* Adds a branch and sends the request there. Lock held. `uri` NULL: the effective Request-URI. The branch's number;
 * KH_ETOOBIG: KH_TM_BRANCHES; KH_E* of kh_build_request; KH_ENOMEM; KH_ESEND: the transport refused, the branch is over
 * (408, KH_UAC_DROPPED). */
int kh_tm_forward(kh_cell *c, const kh_msg *m, const kh_edits *e, const kh_dest *d, const char *uri, uint32_t uri_len);
/* Adds a branch that is branch `idx` once more, to another server of its host: the bytes that were sent, from the same
 * socket, but for the branch parameter of our Via, and with another protocol the whole Via (RFC 3263 4.3). Lock held. As
 * kh_tm_forward; KH_ENOTFOUND: freed. */
int kh_tm_follow(kh_cell *c, int idx, const kh_addr *to);
/* Sends a request of our own on the cell of kh_tm_new_local. Its Via stands in m with KH_TM_NO_BRANCH as branch, which is
 * replaced. Lock held. As kh_tm_forward. */
#define KH_TM_NO_BRANCH_LEN 22
int kh_tm_send_local(kh_cell *c, const kh_msg *m, const kh_edits *e, const kh_dest *d);
/* A branch that goes nowhere but counts (t_suspend). Lock held. */
int kh_tm_blind(kh_cell *c);

/* A reply made here goes to the caller and is kept for repeats. Lock held. `extra`: complete lines, or NULL.
 * Bytes, KH_E*; KH_EBUSY: a final reply went already. */
int kh_tm_reply(kh_cell *c, const kh_msg *m, const kh_edits *e, int code, const char *reason, uint32_t reason_len,
                const char *extra, uint32_t extra_len);
/* Sends the kept reply again. Lock held. KH_ENOTFOUND: there is none. */
int kh_tm_retransmit(kh_cell *c);
/* The To tag of all replies made here for this cell; out: 32 bytes; its length. */
int kh_tm_tag(const kh_cell *c, char *out);

/* A reply from the network: found by our Via branch and the CSeq method (§17.1.3), its machine stepped, the ACK of a
 * negative final sent; and relayed, when the cell has one branch and `need` asks for nobody. */
int kh_tm_reply_in(const kh_msg *m, const kh_edits *e);
/* Sends a received reply of branch `idx` on to the caller (idx 0xffff: of none). Lock held. Bytes, KH_E*. */
int kh_tm_relay_reply(kh_cell *c, int idx, const kh_msg *m, const kh_edits *e);
/* Keeps the reply for the choice among branches. Lock held. KH_ENOMEM. */
int kh_tm_keep_reply(kh_cell *c, int idx, const kh_msg *m);

/* Steps the server machine as for a final reply although none is sent (t_drop), so that the cell ends. Lock held. */
int kh_tm_finish(kh_cell *c);
/* All branches are final and nobody waits: to the wait timer (t_release, local transactions). Lock held. */
int kh_tm_wait(kh_cell *c);

/* CANCEL for one branch (RFC 3261 §9.1): sent now when a provisional came, else after the first one, or as
 * conf.cancel_b_method says. `extra`: complete lines (Reason). Lock held. 1 sent, 0 waits, 2: the branch is to be ended
 * with 487 by the caller, KH_ENOTFOUND: nothing to cancel. */
int kh_tm_cancel(kh_cell *c, int idx, const char *extra, uint32_t extra_len);
/* Ends a branch without a reply: state Terminated, last status `code`, no timers. Lock held. */
int kh_tm_end_branch(kh_cell *c, int idx, int code);
/* Repair: the branch's final reply is lost with the process that got it. Sends the request again, so that the callee
 * repeats its answer. Lock held. KH_ENOTFOUND: it was freed. */
int kh_tm_restart_branch(kh_cell *c, int idx);
/* The cell's own times changed (ends_at, wait_at). Lock held. */
void kh_tm_rearm(kh_cell *c);
/* Final-response timers of the open branches changed (t_set_fr). Lock held. */
int kh_tm_restart_fr(kh_cell *c);

/* Copies a kept message into `room` (KH_MSG_MAX bytes) and parses it there. KH_ENOTFOUND: it was freed. */
int kh_tm_load_request(const kh_cell *c, kh_msg *m, kh_edits *e, char *room);
int kh_tm_load_reply(const kh_cell *c, int idx, kh_msg *m, char *room);
int kh_tm_load_sent(const kh_cell *c, int idx, kh_msg *m, char *room);

/* Timer process. Deals with what is due: repeats are sent, waits end. Returns what needs Python, one at a time, with the
 * cell locked and held (kh_tm_cell, kh_tm_branch); 0: nothing more is due. */
enum kh_tm_event {
    KH_TM_EV_NONE = 0,
    KH_TM_EV_TIMEOUT = 1, /* B, C or F of a branch; its machine is stepped */
    KH_TM_EV_EXPIRED = 2, /* the cell's lifetime is over without a final reply */
    KH_TM_EV_REPAIR = 3,  /* a process died inside it */
    KH_TM_EV_DELETE = 4,  /* about to be freed, and somebody asked to be told: call kh_tm_delete */
};
int kh_tm_timer(uint64_t now_ms);
/* For kh_signals_sleep: does what needs no decision, and says 1 when kh_tm_timer has one to hand out. */
int kh_tm_quiet(void);
/* After KH_TM_EV_DELETE: out of the table; freed as soon as nobody holds it. Releases it. */
void kh_tm_delete(kh_cell *c);

/* Counters of group "tmx", by number: ids for kh_counter_sum. */
enum kh_tm_counter {
    KH_TMC_UAS, KH_TMC_UAC, KH_TMC_FREED, KH_TMC_DELAYED_FREE, KH_TMC_2XX, KH_TMC_3XX, KH_TMC_4XX,
    KH_TMC_5XX, KH_TMC_6XX, KH_TMC_RPL_RECEIVED, KH_TMC_RPL_ABSORBED, KH_TMC_RPL_GENERATED, KH_TMC_RPL_RELAYED,
    KH_TMC_RPL_SENT, KH_TMC_REQ_ABSORBED, KH_TMC_RETRANSMITTED, KH_TMC_REPAIRED, KH_TMC_STILLBORN, KH_TMC_CHAIN_FULL,
    KH_TM_COUNTERS,
};
int kh_tm_counter(int which);
/* end cdef */

#define KH_TM_NO_BRANCH "z9hG4bK0000.00000000.0"

/* For the files of the transaction layer only. */
extern int kh_tm_ids[KH_TM_COUNTERS];
void kh_tm_counters_init(void);
kh_cell *kh_tm_match(kh_cell *first, const kh_msg *m, uint32_t method); /* bucket lock held */
int kh_tm_known(kh_cell *c, const kh_msg *m);                           /* a held cell matched; verdict */
void kh_cell_arm(kh_cell *c);
void kh_uac_arm(kh_uac *b);
void kh_tm_sent_final(kh_cell *c, int status); /* bookkeeping after a final reply went to the caller */
void kh_tm_apply_server(kh_cell *c, uint32_t actions);
int kh_uac_alive(const kh_uac *b);
int kh_tm_alive(const kh_cell *c); /* branches without a final reply */
int kh_tm_send_cancel(kh_cell *c, kh_uac *b, const char *extra, uint32_t extra_len);
int kh_tm_send_ack(kh_cell *c, kh_uac *b, const kh_msg *reply);
kh_msg *kh_tm_parse_sent(kh_uac *b); /* the branch's request, parsed in place; NULL */

#endif
