/* Taking and returning memory: alone, with blocks of many sizes and lives, and with the arena ever fuller. */
#include <stdlib.h>

#include "arena.h"
#include "bench.h"
#include "heaps.h"

#undef kh_shm_malloc /* no site a call: what C callers pay for it is one store */
#undef kh_shm_free

#define WORKING_SET 1000
#define BLOCK 600 /* bytes: about a cell or a message */
#define FILL_MAX 400000

static void give_shm(void *p)
{
    kh_shm_free(p);
}

const struct heap shm_heap = {kh_shm_malloc, give_shm}, libc_heap = {malloc, free};
const size_t sizes[8] = {64, 200, 350, 600, 1000, 1500, 90, 2400};

static double pairs(void *arg)
{
    const struct heap *h = arg;
    double began = now();
    for (int i = 0; i < TIMES; i++) {
        void *p = h->take(BLOCK);
        *(volatile char *)p = 1;
        h->give(p);
    }
    return (now() - began) / TIMES;
}

/* Lives of different length: a random one of a working set is replaced by one of another size. */
static double churn(void *arg)
{
    const struct heap *h = arg;
    void *set[WORKING_SET];
    uint32_t dice = 12345;
    int times = TIMES / 2;
    for (int i = 0; i < WORKING_SET; i++)
        set[i] = h->take(sizes[i % 8]);
    double began = now();
    for (int i = 0; i < times; i++) {
        dice = next_dice(dice);
        uint32_t at = (dice >> 8) % WORKING_SET;
        h->give(set[at]);
        set[at] = h->take(sizes[dice >> 29]);
        *(volatile char *)set[at] = 1;
    }
    double took = (now() - began) / times;
    for (int i = 0; i < WORKING_SET; i++)
        h->give(set[i]);
    return took;
}

/* Fills the arena up to a share and leaves holes: every third block is freed. */
static int fill(void **blocks, double share)
{
    kh_shm_info info;
    int n = 0;
    for (kh_shm_info_get(&info); n < FILL_MAX && (double)info.real_used < share * (double)info.total_size; n++) {
        if (!(blocks[n] = kh_shm_malloc((size_t)(100 + n * 37 % 2000))))
            break;
        if (n % 256 == 0)
            kh_shm_info_get(&info);
    }
    for (int i = 0; i < n; i += 3) {
        kh_shm_free(blocks[i]);
        blocks[i] = NULL;
    }
    return n;
}

void heap_figures(void)
{
    static void *blocks[FILL_MAX];
    void *ours = (void *)&shm_heap, *libc = (void *)&libc_heap;
    compare("malloc+free", (struct rival[]){{"kahea", pairs, ours, 0}, {"glibc", pairs, libc, 0}}, 2);
    compare("churn", (struct rival[]){{"kahea", churn, ours, 0}, {"glibc", churn, libc, 0}}, 2);
    printf("churn, two processes: kahea %.2f\n", in_two_processes(churn, ours));
    printf("churn, two processes: glibc (own heaps) %.2f\n", in_two_processes(churn, libc));
    for (int share = 10; share <= 90; share += 40) {
        int n = fill(blocks, share / 100.0);
        printf("churn, %d %% full and fragmented: kahea %.2f\n", share, best(churn, ours));
        for (int i = 0; i < n; i++)
            kh_shm_free(blocks[i]);
    }
}
