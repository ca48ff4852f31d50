/* What the targets share: the input in memory of its exact size, and a check that holds in release builds too. */
#ifndef KH_FUZZ_H
#define KH_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#endif
