/* Finding line ends: 16 bytes at a time where SSE2 is there (every x86-64), else by memchr.
 *
 * Lines of a SIP message are 20 to 80 bytes, so the call to memchr would cost more than its scan. Nothing outside
 * [p, end) is read: the last bytes are done one by one.
 */
#ifndef KH_SCAN_H
#define KH_SCAN_H

#include <string.h>

#include "kh.h"

#if defined(__SSE2__) && !defined(KH_NO_SIMD)
#include <emmintrin.h>

static inline uint32_t kh_scan_lf(const char *buf, uint32_t p, uint32_t end) {
    const __m128i lf = _mm_set1_epi8('\n');
    for (; p + 16 <= end; p += 16) {
        int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(buf + p)), lf));
        if (hits) return p + (uint32_t)__builtin_ctz((unsigned)hits);
    }
    while (p < end && buf[p] != '\n') p++;
    return p;
}

#else

static inline uint32_t kh_scan_lf(const char *buf, uint32_t p, uint32_t end) {
    const char *q = memchr(buf + p, '\n', end - p);
    return q ? (uint32_t)(q - buf) : end;
}

#endif
#endif
