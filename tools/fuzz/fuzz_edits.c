/* Edits and the build: the first bytes say what is done to the message that follows.
 *
 * Without edits the result is the message itself. With them nothing is written past the end, a clone builds the same, and
 * while edits are counted in what is seen, each does to those bytes what splicing them does.
 */
#include "edit_ops.h"
#include "fuzz.h"
#include "stateless.h"

enum { OPS = 8 };

static char out[2 * KH_MSG_MAX], twin[2 * KH_MSG_MAX];

/* The bytes that an edit in offsets of what is seen must lead to, unless Content-Length follows the body. */
static void splice(kh_edits *e, const kh_msg *m, const fuzz_op *op) {
    static char before[KH_MSG_MAX];
    const kh_msg *seen = kh_seen(m, e);
    if (!seen->seen) return edit_plain(e, seen, op);
    uint32_t size = seen->len, at, len, n;
    const char *text;
    memcpy(before, seen->buf, size);
    pick(seen, op, &at, &len, &text, &n);
    int made = kh_replace(e, seen, at, len, text, n, 0);
    const kh_msg *after = kh_seen(m, e);
    if (e->flags & KH_ED_BODY || !after->seen) return;
    if (made < 0) {
        CHECK(after->len == size && !memcmp(after->buf, before, size));
        return;
    }
    CHECK(after->len == size - len + n);
    CHECK(!memcmp(after->buf, before, at) && (!n || !memcmp(after->buf + at, text, n)));
    CHECK(!memcmp(after->buf + at + n, before + at + len, size - at - len));
}

static void edit(kh_edits *e, const kh_msg *m, const fuzz_op *op, bool visible) {
    if (visible && op->kind % 4 == 0) splice(e, m, op);
    else edit_any(e, visible ? kh_seen(m, e) : m, op);
}

/* Every way to build, into exactly as much room as there is. */
static void build_all(const kh_msg *m, const kh_edits *e, uint32_t cap) {
    kh_dest d = {.sock = 1}, to;
    int hop = kh_next_hop(&to, m, e);
    if (hop == KH_OK && kh_mtu_switch(&to, m, e, FUZZ_MTU + 1)) {
        CHECK(to.to.proto != KH_PROTO_UDP && kh_sock_get(to.sock)->addr.proto == to.to.proto);
        kh_mtu_switch_back(&to, m, e);
        CHECK(to.to.proto == KH_PROTO_UDP);
    }
    (void)kh_reply_next_hop(&to, m, e);
    kh_reply_dest(&to, m, e);
    (void)kh_route_left(e, m);
    (void)kh_body_len(m, e);
    for (int sock = 0; sock < FUZZ_SOCKETS; sock++) {
        d.sock = (uint16_t)sock;
        CHECK(kh_build_request(m, e, &d, NULL, 0, NULL, 0, out, cap) <= (int)cap);
    }
    d.sock = KH_NO_SOCK;
    CHECK(kh_build_request(m, e, &d, "sip:a", 5, "z9hG4bKx", 8, out, cap) < 0);
    CHECK(kh_build_forwarded_reply(m, e, (int)(cap & 1), out, cap) <= (int)cap);
    for (int code = 100; code < 700; code += 150)
        CHECK(kh_build_reply(m, e, code, "Bad", 3, "t", 1, "X: y\r\n", 6, out, cap) <= (int)cap);
    CHECK(kh_build_hop(m, "ACK", 3, NULL, 0, NULL, 0, out, cap) <= (int)cap);
    CHECK(kh_build_hop(m, "CANCEL", 6, "<sip:x>", 7, "R: s\r\n", 6, out, cap) <= (int)cap);
}

/* A clone of the edits is as good as they are. */
static void clone(const kh_msg *m, const kh_edits *e, const char *built, int n) {
    uint32_t size = kh_edits_size(e);
    kh_edits *copy = malloc(size);
    static kh_edits full;
    memcpy(copy, e, size);
    CHECK(kh_build_plain(m, copy, twin, sizeof twin) == n && (n < 0 || !memcmp(twin, built, (size_t)n)));
    kh_edits_copy(&full, copy);
    CHECK(kh_build_plain(m, &full, twin, sizeof twin) == n && (n < 0 || !memcmp(twin, built, (size_t)n)));
    free(copy);
}

static void edit_and_build(const kh_msg *m, const uint8_t *ops, uint32_t cap) {
    static kh_msg again;
    static kh_edits e;
    kh_edits_reset(&e);
    int n = kh_build_plain(m, &e, out, sizeof out);
    int framed = m->body.off + m->body.len; /* octets after what Content-Length says are not the message's */
    CHECK(n == framed && memcmp(out, m->buf, (size_t)n) == 0);
    for (int i = 0; i < OPS; i++) {
        const fuzz_op *op = (const fuzz_op *)(ops + i * sizeof(fuzz_op));
        edit(&e, m, op, ops[0] & 128);
    }
    n = kh_build_plain(m, &e, out, sizeof out);
    clone(m, &e, out, n);
    if (n > 0 && n <= KH_MSG_MAX) (void)kh_msg_parse(&again, out, (uint32_t)n);
    build_all(m, &e, n > 0 ? (uint32_t)n + cap : cap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static kh_msg m;
    const size_t head = OPS * sizeof(fuzz_op);
    fuzz_sockets();
    if (size < head || size - head > KH_MSG_MAX) return 0;
    const uint8_t *ops = data;
    data += head;
    size -= head;
    char *buf = exact_copy(data, size);
    if (kh_msg_parse(&m, buf, (uint32_t)size) == KH_OK) {
        m.rcv.sock = ops[1] % (FUZZ_SOCKETS + 1);
        m.rcv.src = kh_sock_get(ops[2] % FUZZ_SOCKETS)->addr;
        m.rcv.conn = ops[3] & 1;
        edit_and_build(&m, ops, ops[4]);
    }
    free(buf);
    return 0;
}
