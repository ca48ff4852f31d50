/* A bounded output buffer: writes go on after it is full without doing harm, and the end tells. */
#ifndef KH_WRITER_H
#define KH_WRITER_H

#include <stdbool.h>
#include <string.h>

#include "kh.h"

typedef struct kh_writer {
    char *start, *p, *end;
    bool full;
} kh_writer;

static inline kh_writer kh_writer_on(char *out, uint32_t cap) { return (kh_writer){out, out, out + cap, false}; }

static inline void kh_put(kh_writer *w, const char *s, uint32_t len) {
    if (KH_UNLIKELY(len > (uint32_t)(w->end - w->p))) {
        w->full = true;
        w->end = w->p;
        return;
    }
    if (len) memcpy(w->p, s, len); /* an absent text is (NULL, 0) */
    w->p += len;
}

#define KH_PUT(w, literal) kh_put(w, literal, sizeof(literal) - 1)

static inline void kh_put_number(kh_writer *w, uint32_t n) {
    char digits[10];
    int at = 10;
    do digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    kh_put(w, digits + at, (uint32_t)(10 - at));
}

static inline void kh_put_hex(kh_writer *w, uint64_t n) {
    char digits[16];
    for (int i = 15; i >= 0; i--, n >>= 4) digits[i] = "0123456789abcdef"[n & 15];
    kh_put(w, digits, 16);
}

/* Without leading zeros. */
static inline void kh_put_short_hex(kh_writer *w, uint32_t n) {
    char digits[8];
    int at = 8;
    do digits[--at] = "0123456789abcdef"[n & 15];
    while (n >>= 4);
    kh_put(w, digits + at, (uint32_t)(8 - at));
}

/* Bytes written, or KH_ETOOBIG. */
static inline int kh_written(const kh_writer *w) { return w->full ? KH_ETOOBIG : (int)(w->p - w->start); }

#endif
