/* A fast hash of short byte strings for identifiers inside one server (branches, tags, tables): not for secrets. */
#ifndef KH_HASH_H
#define KH_HASH_H

#include <string.h>

#include "kh.h"

#define KH_HASH_START 0x9e3779b97f4a7c15u

static inline uint64_t kh_hash_mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)(a ^ KH_HASH_START) * (b ^ 0xe7037ed1a0b428dbu);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Folds `len` bytes into h; the length counts, so that "ab","c" is not "a","bc". */
static inline uint64_t kh_hash_add(uint64_t h, const char *s, uint32_t len) {
    uint64_t word;
    h = kh_hash_mix(h, len);
    for (; len >= 8; s += 8, len -= 8) {
        memcpy(&word, s, 8);
        h = kh_hash_mix(h, word);
    }
    if (len) {
        word = 0;
        memcpy(&word, s, len);
        h = kh_hash_mix(h, word);
    }
    return h;
}

#endif
