/* What the targets share: the input in memory of its exact size, and a check that holds in release builds too. */
#ifndef KH_FUZZ_H
#define KH_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kh.h"
#include "lenient.h"

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #condition); \
            abort();                                                              \
        }                                                                         \
    } while (0)

/* A copy that ends where the allocation ends, so that reading one byte more is reported. */
static inline char *exact_copy(const uint8_t *data, size_t size) {
    char *copy = malloc(size ? size : 1);
    if (size) memcpy(copy, data, size);
    return copy;
}

static inline void inside(kh_span s, size_t size) { CHECK((size_t)s.off + s.len <= size); }

/* Every input runs twice: as the server is by default, and with leniencies that its own bytes choose. */
enum { LENIENT_RUNS = 2 };
static inline void choose_leniencies(int run, const uint8_t *data, size_t size) {
    uint32_t bits = size > 1 ? (uint32_t)(data[size - 1] << 8 | data[size / 2]) * 2654435761u >> 7 : 0;
    kh_lenient_set(run ? bits : KH_LAX_DEFAULT);
}

#endif
