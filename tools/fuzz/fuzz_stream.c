/* Bytes of a connection: a PROXY header, then messages, cut into pieces. How they are cut makes no difference to what is
 * found, and what is found lies inside what came.
 */
#include "addr.h"
#include "frame.h"
#include "fuzz.h"
#include "proxy.h"

enum { MESSAGES = 64, SHORT = 2000 };

/* What became of a stream: the lengths of its messages, its double line ends, why it ended. */
typedef struct {
    uint32_t n, length[MESSAGES], pings;
    int end;
} outcome;

/* The messages in the first `size` bytes, which come `step` at a time; each look is at a copy of what has come. */
static outcome frames(const uint8_t *data, uint32_t size, uint32_t step, uint32_t max, int flags) {
    outcome o = {.end = KH_EINCOMPLETE};
    kh_frame f = {0};
    for (uint32_t front = 0, come = 0; o.end == KH_EINCOMPLETE && come < size && o.n < MESSAGES;) {
        come = size - come < step ? size : come + step;
        char *buf = exact_copy(data + front, come - front);
        uint32_t at = 0, left = come - front;
        while (left && o.n < MESSAGES) {
            uint32_t blanks = f.looked ? 0 : kh_frame_blanks(&f, buf + at, left, &o.pings);
            CHECK(blanks <= left);
            at += blanks;
            left -= blanks;
            if (!left) break;
            int length = kh_frame_next(&f, buf + at, left, max, flags);
            if (length < 0) o.end = length;
            if (length < 0) break;
            CHECK(length > 0 && (uint32_t)length <= left && (uint32_t)length <= max);
            o.length[o.n++] = (uint32_t)length;
            f = (kh_frame){0};
            at += (uint32_t)length;
            left -= (uint32_t)length;
        }
        front += at;
        free(buf);
    }
    return o;
}

static uint32_t proxy(const uint8_t *data, uint32_t size) {
    kh_addr src = {0}, dst = {0};
    char *buf = exact_copy(data, size);
    int whole = kh_proxy_header(buf, size, &src, &dst);
    free(buf);
    CHECK(whole < 0 || (whole > 0 && (uint32_t)whole <= size && whole <= KH_PROXY_MAX));
    for (uint32_t some = 0; whole > 0 && some < (uint32_t)whole; some++) { /* less than it is never all of it */
        buf = exact_copy(data, some);
        CHECK(kh_proxy_header(buf, some, &src, &dst) < 0);
        free(buf);
    }
    return whole > 0 ? (uint32_t)whole : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > KH_MSG_MAX) return 0;
    uint32_t step = data[0] % 32 + 1, max = data[1] & 2 ? SHORT / 16 : SHORT;
    int flags = data[1] & 1 ? KH_FRAME_NO_CL : 0;
    data += 2;
    size -= 2;
    uint32_t header = proxy(data, (uint32_t)size);
    data += header;
    size -= header;
    outcome whole = frames(data, (uint32_t)size, (uint32_t)size, max, flags);
    outcome cut = frames(data, (uint32_t)size, step, max, flags);
    CHECK(whole.n == cut.n && whole.pings == cut.pings); /* the end may have two reasons, and either be seen first */
    CHECK((whole.end == KH_EINCOMPLETE) == (cut.end == KH_EINCOMPLETE));
    CHECK(!memcmp(whole.length, cut.length, whole.n * sizeof *whole.length));
    return 0;
}
