#include "stateless.h"

#include <string.h>

#include "counter.h"
#include "hash.h"
#include "sendq.h"

#define SERVER_LINE_MAX 512
#define TAG_HALF 16 /* hex digits: a signature of the dialog, then the hash of the request */

static char server[SERVER_LINE_MAX];
static uint32_t server_len;
static uint64_t key;
static kh_dest scratch;
static int32_t counter_of[700]; /* by status code, 0: not counted */

kh_dest *kh_scratch_dest(void) { return &scratch; }

int kh_sl_setup(const char *line, uint32_t len, uint64_t tag_key) {
    if (len > SERVER_LINE_MAX) return KH_EINVAL;
    memcpy(server, line, len);
    server_len = len;
    key = tag_key;
    return KH_OK;
}

int kh_sl_count_as(int code, int counter) {
    if (code < 100 || code > 699 || counter < KH_CNT_FIXED || counter >= KH_COUNTER_MAX) return KH_EINVAL;
    counter_of[code] = counter;
    return KH_OK;
}

static void put_hex(char *out, uint64_t n) {
    for (int i = TAG_HALF - 1; i >= 0; i--, n >>= 4) out[i] = "0123456789abcdef"[n & 15];
}

/* What an ACK has in common with the request it acknowledges, keyed so that no one else can make it. */
static uint64_t signature(const kh_msg *m) {
    uint64_t h = kh_hash_mix(key, KH_HASH_START);
    h = kh_hash_add(h, m->buf + m->callid.off, m->callid.len);
    h = kh_hash_add(h, m->buf + m->from.tag.off, m->from.tag.len);
    return kh_hash_mix(h, key);
}

int kh_sl_tag(const kh_msg *m, char *out) {
    put_hex(out, signature(m));
    out[TAG_HALF] = '.';
    put_hex(out + TAG_HALF + 1, kh_hash_mix(kh_request_hash(m), key));
    return 2 * TAG_HALF + 1;
}

int kh_sl_is_ack(const kh_msg *m) {
    char expected[TAG_HALF];
    if (m->method != KH_M_ACK || m->to.tag.len != 2 * TAG_HALF + 1) return 0;
    put_hex(expected, signature(m));
    return !memcmp(m->buf + m->to.tag.off, expected, TAG_HALF);
}

int kh_sl_reply(const kh_msg *m, const kh_edits *e, int code, const char *reason, uint32_t reason_len) {
    kh_dest d;
    char tag[KH_SL_TAG];
    uint32_t tag_len = m->to.tag.len ? 0 : (uint32_t)kh_sl_tag(m, tag);
    kh_reply_dest(&d, m, e);
    if (code < 200) d.flags &= (uint16_t)~KH_DEST_CLOSE; /* there is more to come */
    int n = kh_build_reply(m, e, code, reason, reason_len, tag, tag_len, server, server_len, kh_send_reserve(),
                           KH_MSG_MAX);
    if (n > 0) n = kh_send_commit(&d, (uint32_t)n);
    if (n > 0 && counter_of[code]) kh_count(counter_of[code]);
    return n;
}

static int build(const kh_msg *m, const kh_edits *e, const kh_dest *d) {
    return kh_build_request(m, e, d, NULL, 0, NULL, 0, kh_send_reserve(), KH_MSG_MAX);
}

int kh_forward_to(const kh_msg *m, const kh_edits *e, kh_dest *d) {
    if (d->sock == KH_NO_SOCK) {
        int sock = kh_sock_pick(m, e, &d->to);
        if (sock < 0) return sock;
        d->sock = (uint16_t)sock;
    }
    int n = build(m, e, d);
    if (n > 0 && kh_mtu_switch(d, m, e, n)) n = build(m, e, d);
    if (n > 0) n = kh_send_commit(d, (uint32_t)n);
    if (n == KH_ESEND && d->flags & KH_DEST_BY_LENGTH) { /* RFC 3261 18.1.1: a peer that knows no stream */
        kh_mtu_switch_back(d, m, e);
        n = build(m, e, d);
        if (n > 0) n = kh_send_commit(d, (uint32_t)n);
    }
    if (n > 0) kh_count(KH_CNT_FWD_REQUESTS);
    return n;
}

int kh_forward(const kh_msg *m, const kh_edits *e) {
    int rc = kh_next_hop(&scratch, m, e);
    return rc < 0 ? rc : kh_forward_to(m, e, &scratch);
}

int kh_forward_reply_to(const kh_msg *m, const kh_edits *e, kh_dest *d) {
    if (d->sock == KH_NO_SOCK) {
        int sock = kh_sock_pick(m, e, &d->to);
        if (sock < 0) return sock;
        d->sock = (uint16_t)sock;
    }
    int n = kh_build_forwarded_reply(m, e, kh_is_stream(d->to.proto), kh_send_reserve(), KH_MSG_MAX);
    if (n > 0) n = kh_send_commit(d, (uint32_t)n);
    if (n > 0) kh_count(KH_CNT_FWD_REPLIES);
    return n;
}

int kh_forward_reply(const kh_msg *m, const kh_edits *e) {
    int rc = kh_reply_next_hop(&scratch, m, e);
    return rc < 0 ? rc : kh_forward_reply_to(m, e, &scratch);
}
