/* Times the parser over messages given as files: rounds of 20,000 parses, the median round counts.
 *
 * usage: parser_bench FILE...   prints one line a file: name, bytes, ns of one memchr over the same bytes, of finding all
 * line ends as this build does, of the header index, of the complete parse
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "msg.h"
#include "msg_parts.h"
#include "scan.h"

enum { ROUNDS = 15, TIMES = 20000 };

static kh_msg msg;
static volatile uintptr_t sink; /* what keeps the compiler from dropping the work */

/* CPU time: what others run meanwhile is not counted. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

/* All line ends: what any line-based parser pays at least. */
static void lines(const char *buf, uint32_t len) {
    uint32_t p = 0, n = 0;
    while ((p = kh_scan_lf(buf, p, len) + 1) <= len) n++;
    sink += n;
}

static void scan(const char *buf, uint32_t len) { sink += (uintptr_t)memchr(buf, '\1', len); }
static void index_only(const char *buf, uint32_t len) { sink += (uintptr_t)kh_msg_index(&msg, buf, len); }
static void complete(const char *buf, uint32_t len) { sink += (uintptr_t)kh_msg_parse(&msg, buf, len); }

static double median(void (*work)(const char *, uint32_t), const char *buf, uint32_t len) {
    double rounds[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        double start = now();
        for (int i = 0; i < TIMES; i++) {
            __asm__ volatile("" ::: "memory");
            work(buf, len);
        }
        rounds[r] = (now() - start) / TIMES;
    }
    qsort(rounds, ROUNDS, sizeof(double), by_value);
    return rounds[ROUNDS / 2];
}

int main(int argc, char **argv) {
    static char buf[KH_MSG_MAX];
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) {
            perror(argv[i]);
            return 1;
        }
        uint32_t len = (uint32_t)fread(buf, 1, sizeof(buf), f);
        fclose(f);
        if (kh_msg_parse(&msg, buf, len) < 0 || msg.bad) {
            fprintf(stderr, "%s: malformed (%#x)\n", argv[i], msg.bad);
            return 1;
        }
        printf("%s %u %.1f %.1f %.1f %.1f\n", argv[i], len, median(scan, buf, len), median(lines, buf, len),
               median(index_only, buf, len), median(complete, buf, len));
    }
    return 0;
}
