/* A header body by each of the parsers of bodies: they end, and what they tell lies inside. */
#include "fuzz.h"
#include "hdr.h"
#include "msg.h"
#include "nameaddr.h"
#include "reg.h"
#include "via.h"

static void addresses(const char *buf, uint32_t end) {
    kh_nameaddr a;
    for (int off = 0, next; off < (int)end; off = next) {
        next = kh_nameaddr_next(&a, buf, (uint32_t)off, end);
        CHECK(next < 0 || (next > off && next <= (int)end));
        if (next < 0) break;
        inside(a.body, end), inside(a.display, end), inside(a.uri, end), inside(a.params, end), inside(a.tag, end);
        CHECK(a.uri.len > 0);
    }
}

static void vias(const char *buf, uint32_t end) {
    kh_via v = {0};
    for (int off = 0, next; off < (int)end; off = next) {
        next = kh_via_next(&v, buf, (uint32_t)off, end);
        CHECK(next < 0 || (next > off && next <= (int)end));
        if (next < 0) break;
        inside(v.body, end), inside(v.transport, end), inside(v.host, end), inside(v.params, end);
        inside(v.branch, end), inside(v.received, end), inside(v.rport, end), inside(v.maddr, end), inside(v.i, end);
        CHECK(v.host.len > 0 && v.transport.len > 0);
    }
}

static void params(const char *buf, uint32_t end) {
    kh_param p;
    for (int off = 0, next; off < (int)end; off = next) {
        next = kh_param_next(&p, buf, (uint32_t)off, end);
        CHECK(next < 0 || (next > off && next <= (int)end));
        if (next < 0) break;
        inside(p.name, end), inside(p.value, end);
        CHECK(p.name.len > 0);
        if (next < (int)end && buf[next] == ',') break;
    }
    int64_t found = kh_param_find(buf, 0, end, "tag", 3);
    if (found >= 0) inside((kh_span){(uint16_t)(found >> 16), (uint16_t)found}, end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > KH_MSG_MAX) return 0;
    char *buf = exact_copy(data, size);
    uint32_t end = (uint32_t)size;
    for (int run = 0; run < LENIENT_RUNS; run++) {
        choose_leniencies(run, data, size);
        addresses(buf, end);
        vias(buf, end);
        params(buf, end);
        CHECK(kh_reg_q(buf, end) <= 1000);
    }
    int type = kh_hdr_classify(buf, end);
    CHECK(type >= 0 && type < KH_HDR_TYPES);
    (void)kh_method_id(buf, end);
    (void)kh_reg_methods(buf, end);
    free(buf);
    return 0;
}
