/* Character classes of the SIP grammar (RFC 3261 25.1) and the small scanning steps that every parser here shares.
 *
 * All steps work on (buf, position, end) and never look at or past `end`.
 */
#ifndef KH_CHARS_H
#define KH_CHARS_H

#include <stdbool.h>
#include <string.h>

#include "kh.h"

enum kh_char {
    KH_C_TOKEN = 1,  /* alphanum / "-.!%*_+`'~" */
    KH_C_LWS = 2,    /* SP HT, and CR LF: inside a header body they can only be folding */
    KH_C_DIGIT = 4,
    KH_C_HEX = 8,
    KH_C_HOST = 16,  /* alphanum - . and what lenient.h adds */
    KH_C_PARAM = 32, /* ends a parameter's name or value: ; , = LWS and quotes */
    KH_C_USER = 64,  /* may stand in the user part, parameters or headers of a URI, and what lenient.h adds */
    KH_C_ALPHA = 128,
};

extern uint8_t kh_char_class[256]; /* written by lenient.c alone, before the fork */

static inline bool kh_is(char c, int class) { return kh_char_class[(uint8_t)c] & class; }

static inline uint32_t kh_skip(const char *buf, uint32_t p, uint32_t end, int class) {
    while (p < end && kh_is(buf[p], class)) p++;
    return p;
}

static inline uint32_t kh_skip_until(const char *buf, uint32_t p, uint32_t end, int class) {
    while (p < end && !kh_is(buf[p], class)) p++;
    return p;
}

static inline uint32_t kh_skip_lws(const char *buf, uint32_t p, uint32_t end) {
    return kh_skip(buf, p, end, KH_C_LWS);
}

/* [p, end) without the blanks at its end. */
static inline uint32_t kh_trim(const char *buf, uint32_t p, uint32_t end) {
    while (end > p && kh_is(buf[end - 1], KH_C_LWS)) end--;
    return end;
}

static inline kh_span kh_span_of(uint32_t from, uint32_t to) {
    return (kh_span){(uint16_t)from, (uint16_t)(to - from)};
}

/* `lower` is in lower case and of the same length. Only letters fold: |0x20 would also make digits of controls. */
static inline bool kh_case_eq(const char *s, const char *lower, uint32_t len) {
    for (uint32_t i = 0; i < len; i++)
        if (s[i] != lower[i] && (lower[i] < 'a' || (s[i] | 0x20) != lower[i])) return false;
    return true;
}

/*   quoted-string = SWS DQUOTE *( qdtext / quoted-pair ) DQUOTE      quoted-pair = "\" ( %x00-09 / %x0B-0C / %x0E-7F )
 *                                                                                            RFC 3261 25.1
 *
 * Position after the closing quote of the string that begins at p (buf[p] is '"'); KH_EMALFORMED without one. */
static inline int64_t kh_skip_quoted(const char *buf, uint32_t p, uint32_t end) {
    for (p++; p < end; p++) {
        if (buf[p] == '\\') p++; /* quoted-pair: the next octet, whatever it is */
        else if (buf[p] == '"') return p + 1;
    }
    return KH_EMALFORMED;
}

/*   1*DIGIT      RFC 3261 25.1
 *
 * A decimal number that fills [p, end) wholly and is at most `max`; KH_EMALFORMED else. */
static inline int64_t kh_number(const char *buf, uint32_t p, uint32_t end, int64_t max) {
    int64_t n = 0;
    if (p >= end) return KH_EMALFORMED;
    for (; p < end; p++) {
        if (!kh_is(buf[p], KH_C_DIGIT)) return KH_EMALFORMED;
        n = n * 10 + (buf[p] - '0');
        if (n > max) return KH_EMALFORMED;
    }
    return n;
}

#endif
