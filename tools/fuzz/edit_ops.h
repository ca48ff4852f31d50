/* The edits that fuzz_edits.c makes: four bytes of the input are one. */
#ifndef KH_EDIT_OPS_H
#define KH_EDIT_OPS_H

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "build.h"
#include "lump.h"
#include "rr.h"
#include "seen.h"

typedef struct fuzz_op {
    uint8_t kind, at, len, arg;
} fuzz_op;

enum { FUZZ_SOCKETS = 3, FUZZ_MTU = 100 };

/* Three sockets, so that conditions and substitutions have something to tell apart; once. */
static void fuzz_sockets(void) {
    static const char *const ip[FUZZ_SOCKETS] = {"192.0.2.1", "192.0.2.1", "2001:db8::5"};
    if (kh_sock_count()) return;
    kh_mtu_options(FUZZ_MTU);
    for (int i = 0; i < FUZZ_SOCKETS; i++) {
        kh_addr a = {.port = (uint16_t)(5060 + 10 * i), .proto = i == 1 ? KH_PROTO_TCP : KH_PROTO_UDP};
        kh_addr_parse(&a, ip[i], (uint32_t)strlen(ip[i]));
        kh_sock_add(-1, &a, 0, i == 2 ? "proxy.example.net" : "", 0, i ? "side" : "");
    }
}

static const char *const texts[] = {"", "x", "X-A: b\r\n", "\r\n", "a\r\nb: c", "\r\n\r\n", ";tag=1", "<sip:a@b;lr>", "12"};
enum { TEXTS = sizeof texts / sizeof *texts };

/* Where in the message, how much, and what to put there. */
static void pick(const kh_msg *m, const fuzz_op *op, uint32_t *at, uint32_t *len, const char **text, uint32_t *n) {
    *at = m->len ? (uint32_t)(op->at | op->kind / 32 << 8) % (m->len + 1u) : 0;
    *len = op->len % 64;
    if (*len > m->len - *at) *len = m->len - *at;
    *text = texts[op->arg % TEXTS];
    *n = (uint32_t)strlen(*text);
}

static void edit_plain(kh_edits *e, const kh_msg *m, const fuzz_op *op) {
    uint32_t at, len, n;
    const char *text;
    pick(m, op, &at, &len, &text, &n);
    (void)kh_replace(e, m, at, len, text, n, op->arg % 60);
}

/* An anchor or deletion with chains on both sides: text, substitution, condition, text. */
static void edit_chains(kh_edits *e, const kh_msg *m, const fuzz_op *op) {
    uint32_t at, len, n;
    const char *text;
    pick(m, op, &at, &len, &text, &n);
    int lump = len ? kh_del_lump(e, m, at, len, 10) : kh_anchor_lump(e, m, at, 10);
    for (int side = 0; lump > 0 && side < 2; side++) {
        int in = side ? kh_insert_before(e, (uint32_t)lump, text, n, 10) : kh_insert_after(e, (uint32_t)lump, text, n, 10);
        if (in > 0) in = kh_insert_subst(e, (uint32_t)in, side, op->arg % 12, 10);
        if (in > 0) in = kh_insert_cond(e, (uint32_t)in, side, op->len % 9, 10);
        if (in > 0) (void)kh_insert_after(e, (uint32_t)in, "t", 1, 10);
    }
}

static void edit_branches(kh_edits *e, const fuzz_op *op) {
    const char *text = texts[op->arg % TEXTS];
    uint32_t n = (uint32_t)strlen(text);
    switch (op->at % 6) {
    case 0: (void)kh_branch_add(e, text, n); break;
    case 1: (void)kh_branch_set(e, op->len % 4, op->arg % KH_ED_PARTS, text, n); break;
    case 2: (void)kh_branch_remove(e, op->len % 4); break;
    case 3: (void)kh_branch_clear(e); break;
    case 4: (void)kh_branch_text(e, op->len % 4, op->arg % KH_ED_PARTS); break;
    case 5: (void)kh_text_set(e, op->len % KH_ED_PARTS, text, n); break;
    }
}

static void edit_routes(kh_edits *e, const kh_msg *m, const fuzz_op *op) {
    switch (op->at % 6) {
    case 0: (void)kh_loose_route(e, m, op->arg, "", 0); break;
    case 1: (void)kh_record_route(e, m, op->arg, "u", op->len & 1, ";p", op->len & 2); break;
    case 2: (void)kh_record_route_preset(e, m, op->arg, "", 0, "h:1", 3, "k", op->len & 1); break;
    case 3: (void)kh_rr_add_param(e, ";q=1", 4); break;
    case 4: (void)kh_rr_remove(e); break;
    case 5: (void)kh_loose_route(e, m, op->arg, "u", 1); break;
    }
}

static void edit_lists(kh_edits *e, const fuzz_op *op) {
    static kh_edits saved;
    switch (op->at % 7) {
    case 0: (void)kh_lump_remove(e, 10, op->arg % 5); break;
    case 1: (void)kh_lump_unlink(e, op->arg * 4u); break;
    case 2: (void)kh_lump_remove_flagged(e, op->arg, op->len & 1); break;
    case 3: e->lump_flags = op->arg & KH_LUMPFLAG_BRANCH; break;
    case 4: (void)kh_reply_lump(e, op->len & 1 ? KH_RPL_HDR : KH_RPL_BODY, "R: s\r\n", 6); break;
    case 5: (void)kh_reply_lump_unlink(e, op->arg * 4u); break;
    case 6: kh_edits_copy(&saved, e), kh_edits_reset(e), kh_edits_copy(e, &saved); break;
    }
}

/* Anything that a script can do to a message. */
static void edit_any(kh_edits *e, const kh_msg *m, const fuzz_op *op) {
    uint32_t at, len, n;
    const char *text;
    pick(m, op, &at, &len, &text, &n);
    switch (op->kind % 16) {
    case 0: (void)kh_remove_hf(e, m, op->at % (KH_HDR_TYPES + 1)); break;
    case 1: (void)kh_append_hf(e, m, text, n); break;
    case 2: (void)kh_insert_hf(e, m, text, n); break;
    case 3: (void)kh_maxfwd(e, m, op->arg); break;
    case 4: (void)kh_append_hf_at(e, m, op->at % (m->n_hdr + 1), op->arg & 1, text, n); break;
    case 5: (void)kh_uri_edit(e, m, op->at % (KH_URI_USERPHONE + 2), text, n, op->len); break;
    case 6: edit_routes(e, m, op); break;
    case 7: edit_branches(e, op); break;
    case 8: edit_lists(e, op); break;
    case 9: (void)kh_rewrite(e, m, at, len, text, n, op->arg % 4); break;
    case 10: edit_chains(e, m, op); break;
    case 11:
        e->flags ^= op->arg & (KH_ED_FORCE_RPORT | KH_ED_LOCAL_RPORT);
        if (op->len & 1) e->flags ^= KH_ED_MTU_TCP;
        break;
    case 12: (void)kh_remove_hf_name(e, m, "route", 5); break;
    case 13: e->sock = op->arg % (FUZZ_SOCKETS + 1); break;
    default: edit_plain(e, m, op);
    }
}

#endif
