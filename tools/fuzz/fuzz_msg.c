/* A whole message: parsed, every field asked for, every header walked; all that is told lies inside the message. */
#include "fuzz.h"
#include "msg.h"
#include "sanity.h"

static void inside(const kh_msg *m, int64_t packed) {
    CHECK(packed < 0 || (uint32_t)(packed >> 16) + (packed & 0xffff) <= m->len);
}

static void walk_header(const kh_msg *m, const kh_hdr *h) {
    int off = h->body_off, end = off + h->body_len;
    kh_nameaddr a;
    while (off >= 0 && off < end) {
        int next = kh_nameaddr_next(&a, m->buf, (uint32_t)off, (uint32_t)end);
        CHECK(next < 0 || (next > off && next <= end));
        off = next;
    }
    kh_via v;
    for (off = h->body_off; off >= 0 && off < end;) {
        int next = kh_via_next(&v, m->buf, (uint32_t)off, (uint32_t)end);
        CHECK(next < 0 || (next > off && next <= end));
        off = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static kh_msg m;
    if (size > KH_MSG_MAX) return 0;
    char *buf = exact_copy(data, size);
    if (kh_msg_parse(&m, buf, (uint32_t)size) == KH_OK) {
        CHECK(m.n_hdr <= KH_MAX_HDRS && m.eoh <= size);
        CHECK(m.type == KH_REQUEST || m.type == KH_REPLY);
        (void)kh_msg_facts(&m);
        for (int i = 0; i < KH_FIELDS; i++) inside(&m, kh_msg_field(&m, i));
        for (int i = 0; i < m.n_hdr; i++) {
            const kh_hdr *h = &m.hdr[i];
            CHECK(h->off + h->len <= m.eoh && h->body_off + h->body_len <= h->off + h->len);
            inside(&m, kh_msg_hdr(&m, h->type, -1));
            inside(&m, kh_msg_hdr_name(&m, buf + h->off, h->name_len, 0));
            CHECK(kh_msg_hdr_find(&m, buf + h->off, h->name_len, i - 1) == i);
            walk_header(&m, h);
        }
        (void)kh_sanity(&m, 32767, 15);
    }
    free(buf);
    return 0;
}
