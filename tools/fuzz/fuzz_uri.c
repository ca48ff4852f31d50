/* A URI: what is accepted has its parts inside, and its pieces put together parse again. */
#include "fuzz.h"
#include "uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kh_uri u;
    char *buf = exact_copy(data, size);
    if (kh_uri_parse(&u, buf, (uint32_t)size) == KH_OK && u.type != KH_URI_OTHER) {
        const kh_span *parts[] = {&u.user, &u.passwd, &u.host, &u.port, &u.params, &u.headers, &u.transport_val, &u.lr_val};
        for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) CHECK(parts[i]->off + parts[i]->len <= size);
        CHECK(u.len == size && (u.host.len || u.user.len));
        if (u.type == KH_URI_SIP || u.type == KH_URI_SIPS) { /* without headers it is a URI still */
            kh_uri again;
            CHECK(u.headers.len == 0 || kh_uri_parse(&again, buf, u.headers.off - 1u) == KH_OK);
        }
    }
    free(buf);
    return 0;
}
