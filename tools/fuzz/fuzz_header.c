/* A header body by each of the parsers of bodies: they end, and what they tell lies inside. */
#include "fuzz.h"
#include "hdr.h"
#include "nameaddr.h"
#include "via.h"

static void inside(kh_span s, size_t size) { CHECK(s.off + s.len <= size); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > KH_MSG_MAX) return 0;
    char *buf = exact_copy(data, size);
    uint32_t end = (uint32_t)size;
    int off, next;
    kh_nameaddr a;
    for (off = 0; off >= 0 && off < (int)end; off = next) {
        next = kh_nameaddr_next(&a, buf, (uint32_t)off, end);
        CHECK(next < 0 || next > off);
        if (next < 0) break;
        inside(a.body, size), inside(a.display, size), inside(a.uri, size), inside(a.params, size), inside(a.tag, size);
        CHECK(a.uri.len > 0);
    }
    kh_via v;
    for (off = 0; off >= 0 && off < (int)end; off = next) {
        next = kh_via_next(&v, buf, (uint32_t)off, end);
        CHECK(next < 0 || next > off);
        if (next < 0) break;
        inside(v.body, size), inside(v.host, size), inside(v.params, size), inside(v.branch, size);
        CHECK(v.host.len > 0);
    }
    kh_param p;
    for (off = 0; off >= 0 && off < (int)end; off = next) {
        next = kh_param_next(&p, buf, (uint32_t)off, end);
        CHECK(next < 0 || next > off);
        if (next < 0 || next == (int)end || buf[next] == ',') break;
    }
    (void)kh_param_find(buf, 0, end, "tag", 3);
    (void)kh_hdr_classify(buf, end);
    free(buf);
    return 0;
}
