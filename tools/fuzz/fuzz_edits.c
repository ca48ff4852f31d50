/* Edits and the build: the first bytes say what is done to the message that follows; the result parses, and without
 * edits it is the message itself. */
#include "build.h"
#include "fuzz.h"
#include "rr.h"

enum { OPS = 8 };

static void edit(kh_edits *e, const kh_msg *m, const uint8_t *op) {
    uint32_t at = (uint32_t)op[1] * 4 % (m->len + 1u);
    int lump;
    switch (op[0] % 10) {
        case 0: kh_remove_hf(e, m, op[1] % KH_HDR_TYPES); break;
        case 1: kh_append_hf(e, m, "X-A: b\r\n", 8); break;
        case 2: kh_insert_hf(e, m, "X-I: j\r\n", 8); break;
        case 3: kh_maxfwd(e, m, op[1]); break;
        case 4: kh_del_lump(e, m, at, op[2], 0); break;
        case 5:
            if ((lump = kh_anchor_lump(e, m, at, 0)) > 0) kh_insert_after(e, (uint32_t)lump, "ab", 2, 0);
            break;
        case 6: kh_replace(e, m, at, op[2], "xyz", 3, 0); break;
        case 7: kh_uri_edit(e, m, op[1] % (KH_URI_USERPHONE + 1), "q", 1, op[2]); break;
        case 8: kh_loose_route(e, m, op[1], "", 0); break;
        case 9: kh_branch_add(e, "sip:x@y", 7); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static kh_msg m, again;
    static kh_edits e;
    static char out[2 * KH_MSG_MAX];
    if (size < OPS * 3 || size - OPS * 3 > KH_MSG_MAX) return 0;
    const uint8_t *ops = data;
    data += OPS * 3;
    size -= OPS * 3;
    char *buf = exact_copy(data, size);
    if (kh_msg_parse(&m, buf, (uint32_t)size) == KH_OK) {
        kh_edits_reset(&e);
        int n = kh_build_plain(&m, &e, out, sizeof(out));
        int framed = m.body.off + m.body.len; /* octets after what Content-Length says are not the message's */
        CHECK(n < 0 || (n == framed && memcmp(out, buf, (size_t)n) == 0));
        for (int i = 0; i < OPS; i++) edit(&e, &m, ops + i * 3);
        n = kh_build_plain(&m, &e, out, sizeof(out));
        if (n > 0 && n <= KH_MSG_MAX) (void)kh_msg_parse(&again, out, (uint32_t)n);
        if (m.type == KH_REQUEST) (void)kh_build_reply(&m, &e, 400, "Bad", 3, "t", 1, NULL, 0, out, sizeof(out));
        else (void)kh_build_forwarded_reply(&m, &e, out, sizeof(out));
    }
    free(buf);
    return 0;
}
