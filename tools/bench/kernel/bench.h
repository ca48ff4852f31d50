/* What the parts of the benchmark share. One line a figure goes to stdout: "what: who nanoseconds". */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS 30 /* a figure is the best of these: what the neighbours of the machine do only adds */
#define TIMES 1000000

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline double best(double (*measure)(void *), void *arg)
{
    double least = measure(arg);
    for (int i = 1; i < ROUNDS; i++) {
        double once = measure(arg);
        least = once < least ? once : least;
    }
    return least;
}

/* The same in two processes of the server at once: the mean of their bests. */
double in_two_processes(double (*measure)(void *), void *arg);

/* The same in two threads of a process that ends then, so that this one stays single-threaded. */
double in_two_threads(double (*measure)(void *), void *arg);

/* One of those that do the same. */
struct rival {
    const char *who;
    double (*measure)(void *);
    void *arg;
    double ns; /* to be 0 */
};

/* Measures them in turns, so that a neighbour hits all alike, and prints a line for each. */
void compare(const char *what, struct rival *rivals, int n);

void lock_figures(void);
void heap_figures(void);
void sharing_figures(void);

#endif
