/* The shared segment: one mapping that every process inherits at the same address, so raw pointers are valid everywhere.
 *
 * Its header carries what a later start needs in order to adopt it (--keep-shm): magic, layout version, build id, the
 * address it must be mapped at, and named roots: the structures to be found again.
 *
 * The main process maps it once, before anything else uses shared memory, and is slot 0 from then on.
 */
#ifndef KH_SHM_H
#define KH_SHM_H

#include "kh.h"

/* cdef */
#define KH_SHM_LAYOUT 1         /* counts up when a struct of this folder changes its meaning but not its text */
#define KH_SHM_MIN 4194304      /* bytes: smaller segments are refused */
#define KH_ROOT_MAX 64
#define KH_ROOT_NAME 48         /* bytes of a root's name, with its final 0 */

enum kh_shm_open {
    KH_SHM_FRESH = 0, /* a new segment, all zero */
    KH_SHM_ADOPT = 1, /* take over a segment whose processes are all gone */
};

/* How large a segment must be for `size` bytes of blocks: process table and counters come on top. */
uint64_t kh_shm_bytes(uint64_t size);

/* Map `fd` (a file of kh_shm_bytes(size) bytes; -1: anonymous memory) and become slot 0.
 * KH_SHM_ADOPT keeps the content; the caller knows that no process of the predecessor lives (mem/segment.py). It fails
 * and leaves it untouched: KH_EINCOMPLETE (no segment of this server, or its making was cut short), KH_EMALFORMED
 * (corrupt), KH_ECHANGED (other layout or build), KH_EEXIST (its address is taken, or mapped already).
 * KH_ENOMEM: cannot map. KH_EINVAL: less than KH_SHM_MIN. */
int kh_shm_init(int fd, uint64_t size, int how);

/* Unmap; for tests and for the end of the main process. */
void kh_shm_done(void);

/* Keep `p` under `name` for every process and for the next start; `version` is the structure's own layout version.
 * NULL removes. KH_ETOOBIG: no room or name too long. */
int kh_root_set(const char *name, void *p, uint32_t version);

/* NULL when unknown or stored with another version. */
void *kh_root_get(const char *name, uint32_t version);

int kh_shm_adopted(void); /* 1 when this start found its predecessor's content */
void *kh_shm_base(void);
uint64_t kh_shm_size(void);
/* end cdef */

#endif
