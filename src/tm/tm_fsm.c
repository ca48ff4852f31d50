/* Steps of the transaction machines. The tables come from modules/tm/fsm.py, the one place that knows RFC 3261 §17. */
#include <string.h>

#include "cells.h"

kh_fsm_row kh_tm_fsm[KH_FSM_MACHINES][KH_FSM_STATES][KH_FSM_INPUTS];

int kh_tm_load_fsm(const char *packed, uint32_t len) {
    if (len != sizeof(kh_tm_fsm)) return KH_EINVAL;
    memcpy(kh_tm_fsm, packed, len);
    return KH_OK;
}

uint32_t kh_fsm_server(kh_cell *c, int input) {
    kh_fsm_row r = kh_tm_fsm[c->machine][c->state][input];
    c->state = (uint8_t)r.next;
    return r.action;
}

kh_fsm_row kh_fsm_client_row(const kh_cell *c, const kh_uac *b, int input) {
    int machine = c->flags & KH_CELL_INVITE ? KH_FSM_INVITE_CLIENT : KH_FSM_CLIENT;
    return kh_tm_fsm[machine][b->state][input];
}

uint32_t kh_fsm_client(kh_cell *c, kh_uac *b, int input) {
    kh_fsm_row r = kh_fsm_client_row(c, b, input);
    b->state = (uint8_t)r.next;
    return r.action;
}
