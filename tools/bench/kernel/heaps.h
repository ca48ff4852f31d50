/* An allocator under test, and the sizes it is asked for. */
#ifndef HEAPS_H
#define HEAPS_H

#include <stddef.h>
#include <stdint.h>

struct heap {
    void *(*take)(size_t);
    void (*give)(void *);
};

extern const struct heap shm_heap, libc_heap;
extern const size_t sizes[8];

static inline uint32_t next_dice(uint32_t dice)
{
    return dice * 1664525u + 1013904223u;
}

#endif
