/* What every file of the kernel shares: return codes, the span, limits.
 *
 * One habit of return: >= 0 is success (a count, an index or bytes), < 0 is one of KH_E... below.
 * "Incomplete" (more bytes may make it valid) is not "malformed".
 * C never logs and never prints: it reports, Python speaks.
 */
#ifndef KH_H
#define KH_H

#include <stddef.h>
#include <stdint.h>

/* cdef */
enum kh_rc {
    KH_OK = 0,
    KH_EINVAL = -1,      /* the caller's fault: a bad argument */
    KH_EMALFORMED = -2,  /* the peer's fault: the bytes are not what the grammar wants */
    KH_EINCOMPLETE = -3, /* more bytes may make it valid */
    KH_ENOMEM = -4,      /* shared or private memory is full */
    KH_ETOOBIG = -5,     /* a named limit was reached */
    KH_ENOTFOUND = -6,
    KH_EOWNERDEAD = -7, /* the lock is yours, but its last holder died inside */
    KH_EBUSY = -8,
    KH_ESEND = -9, /* the kernel refused to send */
    KH_EINTR = -10, /* a signal is waiting to be looked at */
    KH_EEXIST = -11,
    KH_ECHANGED = -12, /* compare-and-set lost: the record has another version */
    KH_ENOSOCK = -13,  /* no socket of ours fits the destination */
    KH_ECLOSED = -14,  /* the connection is gone: reset, or an error of its socket */
};

/* A piece of a message: offset from the message's first byte, and length. Relocatable with the message. */
typedef struct kh_span {
    uint16_t off;
    uint16_t len;
} kh_span;

#define KH_MSG_MAX 65535 /* bytes of one message; spans are 16 bit for this reason */
/* end cdef */

#define KH_LIKELY(x) __builtin_expect(!!(x), 1)
#define KH_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define KH_RARE __attribute__((cold, noinline)) /* a function that must not burden the usual way */

#endif
