/* A URI, an address, an address of record: what is accepted has its parts inside, and its pieces put together parse again. */
#include "addr.h"
#include "build.h"
#include "fuzz.h"
#include "reg.h"
#include "uri.h"

static void parts_inside(const kh_uri *u, size_t size) {
    const kh_span parts[] = {
        u->user, u->passwd, u->host, u->port, u->params, u->headers, u->transport_val, u->ttl_val, u->user_param_val,
        u->maddr_val, u->method_val, u->lr_val, u->r2_val, u->gr_val, u->ob_val,
    };
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) inside(parts[i], size);
    CHECK(u->len == size && (u->host.len || u->user.len || u->type == KH_URI_OTHER));
}

static void parse(const char *buf, uint32_t size) {
    kh_uri u, again;
    if (kh_uri_parse(&u, buf, size) == KH_OK) {
        parts_inside(&u, size);
        if ((u.type == KH_URI_SIP || u.type == KH_URI_SIPS) && u.headers.len) /* without headers it is a URI still */
            CHECK(kh_uri_parse(&again, buf, u.headers.off - 1u) == KH_OK);
    }
    kh_dest d;
    if (kh_dest_of_uri(&d, buf, size, 0) == KH_OK) {
        char text[KH_ADDR_TEXT];
        kh_addr back = {0};
        int n = kh_addr_text(&d.to, text, 1);
        CHECK(n > 0 && kh_addr_parse(&back, text, (uint32_t)n) == KH_OK && kh_addr_same_ip(&back, &d.to));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > KH_MSG_MAX) return 0;
    char *buf = exact_copy(data, size), aor[KH_SHT_KEY_MAX];
    for (int run = 0; run < LENIENT_RUNS; run++) {
        choose_leniencies(run, data, size);
        parse(buf, (uint32_t)size);
        int n = kh_reg_aor(buf, (uint32_t)size, aor);
        CHECK(n <= KH_SHT_KEY_MAX);
    }
    kh_addr a = {0};
    (void)kh_addr_parse(&a, buf, (uint32_t)size);
    (void)kh_proto_of(buf, (uint32_t)size);
    (void)kh_is_self(buf, (uint32_t)size, 5060, 0);
    free(buf);
    return 0;
}
