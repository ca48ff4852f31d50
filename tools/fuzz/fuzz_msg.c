/* A whole message: parsed, every field asked for, every header walked, read as a registration; all that is told lies
 * inside the message. */
#include "fuzz.h"
#include "msg.h"
#include "reg.h"
#include "rr.h"
#include "sanity.h"
#include "stateless.h"

static void in_message(const kh_msg *m, int64_t packed) {
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

static void walk_index(const kh_msg *m) {
    for (int i = 0; i < m->n_hdr; i++) {
        const kh_hdr *h = &m->hdr[i];
        CHECK(h->off + h->len <= m->eoh && h->body_off + h->body_len <= h->off + h->len);
        in_message(m, kh_msg_hdr(m, h->type, -1));
        in_message(m, kh_msg_hdr_name(m, m->buf + h->off, h->name_len, 0));
        in_message(m, kh_msg_hdr_name(m, m->buf + h->off, h->name_len, -1));
        CHECK(kh_msg_hdr_find(m, m->buf + h->off, h->name_len, i - 1) == i);
        CHECK(kh_msg_hdr_number(m, m->buf + h->off, h->name_len, 0) <= i);
        CHECK(h->type == KH_HDR_OTHER || kh_msg_hdr_count(m, h->type) > 0);
        walk_header(m, h);
    }
}

static void as_registration(const kh_msg *m, uint8_t flags) {
    static kh_reg r;
    kh_reg_settings *settings = kh_reg_settings_get();
    settings->options = flags * 16777619u; /* whatever an administrator may have set */
    settings->expires_range = flags % 120;
    (void)kh_reg_parse(&r, m, NULL, 0, flags);
    (void)kh_reg_parse(&r, m, "sip:aor%41@example.com", 22, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static kh_msg m;
    char tag[KH_SL_TAG];
    if (size > KH_MSG_MAX) return 0;
    char *buf = exact_copy(data, size);
    for (int run = 0; run < LENIENT_RUNS; run++) {
        choose_leniencies(run, data, size);
        if (kh_msg_parse(&m, buf, (uint32_t)size) != KH_OK) continue;
        CHECK(m.n_hdr <= KH_MAX_HDRS && m.eoh <= size && m.body.off + m.body.len <= size);
        CHECK(m.type == KH_REQUEST || m.type == KH_REPLY);
        CHECK(kh_msg_size(&m) <= sizeof m);
        (void)kh_msg_facts(&m);
        for (int i = 0; i < KH_FIELDS; i++) in_message(&m, kh_msg_field(&m, i));
        walk_index(&m);
        in_message(&m, kh_route_uri(&m));
        (void)kh_sanity(&m, 32767, 15);
        (void)kh_sl_is_ack(&m);
        if (m.type == KH_REQUEST && m.n_via) (void)kh_sl_tag(&m, tag);
        if (m.type == KH_REQUEST) as_registration(&m, data[size / 2]);
    }
    free(buf);
    return 0;
}
