#include "lenient.h"

#include "chars.h"

uint32_t kh_lenient = KH_LAX_DEFAULT;
bool kh_name_extra[256];

static bool host_extra[256]; /* what the last kh_lenient_chars added to kh_char_class */

static void switch_class(uint8_t c, int class, bool on) {
    if (on) kh_char_class[c] |= (uint8_t)class;
    else kh_char_class[c] &= (uint8_t)~class;
}

void kh_lenient_set(uint32_t on) {
    kh_lenient = on;
    for (const char *c = "#\\^`{|}"; *c; c++) switch_class((uint8_t)*c, KH_C_USER, on & KH_LAX_USER_CHARS);
    for (int c = 0x80; c <= 0xff; c++) switch_class((uint8_t)c, KH_C_USER, on & KH_LAX_USER_CHARS);
    switch_class('_', KH_C_HOST, on & KH_LAX_HOST_UNDERSCORE || host_extra['_']);
}

uint32_t kh_lenient_get(void) { return kh_lenient; }

static bool is_delimiter(uint8_t c) { return c <= ' ' || c == 127 || memchr("()<>@,;:\\\"/[]?={}", c, 17); }

int kh_lenient_allows(const char *chars, uint32_t len) {
    for (uint32_t i = 0; i < len; i++)
        if (is_delimiter((uint8_t)chars[i])) return KH_EINVAL;
    return KH_OK;
}

int kh_lenient_chars(const char *host, uint32_t host_len, const char *name, uint32_t name_len) {
    if (kh_lenient_allows(host, host_len) < 0 || kh_lenient_allows(name, name_len) < 0) return KH_EINVAL;
    for (int c = 0; c < 256; c++) {
        if (host_extra[c]) switch_class((uint8_t)c, KH_C_HOST, false);
        host_extra[c] = kh_name_extra[c] = false;
    }
    for (uint32_t i = 0; i < host_len; i++) {
        uint8_t c = (uint8_t)host[i];
        host_extra[c] = !kh_is((char)c, KH_C_ALPHA | KH_C_DIGIT) && c != '-' && c != '.';
        switch_class(c, KH_C_HOST, true);
    }
    for (uint32_t i = 0; i < name_len; i++) kh_name_extra[(uint8_t)name[i]] = true;
    return KH_OK;
}
