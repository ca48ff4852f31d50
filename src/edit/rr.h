/* Record-Route and Route as single steps (RFC 3261 16.4, 16.6 items 4 and 6, 16.12); what to make of the result is
 * Python's business. */
#ifndef KH_RR_H
#define KH_RR_H

#include "lump.h"
#include "msg.h"

/* cdef */
enum kh_rr_options {
    KH_RR_DOUBLE = 1,   /* two Record-Routes when the request leaves by another socket than it came in on */
    KH_RR_FULL_LR = 2,  /* lr=on */
    KH_RR_FROM_TAG = 4, /* ;ftag= */
    KH_RR_SIPS = 8,     /* sips: when the Request-URI is sips: */
    KH_RR_SOCKNAME = 16, /* ;sn= */
    KH_RR_FORCE_SOCKET = 32, /* loose_route pins the socket with a single Record-Route too */
    KH_RR_NO_STRICT = 64,    /* loose_route does not look at the Request-URI */
    KH_RR_ALWAYS_DOUBLE = 128, /* two Record-Routes in any case */
};

/* Adds the Record-Route line(s). `user` and `params` (";a=b...") may be empty. KH_OK, KH_EEXIST when done before. */
int kh_record_route(kh_edits *e, const kh_msg *m, int options, const char *user, uint32_t user_len, const char *params,
                    uint32_t params_len);
/* The same with given text "host[:port][;params]"; out_len 0: one line. With `in` and `out`: r2=on on both. */
int kh_record_route_preset(kh_edits *e, const kh_msg *m, int options, const char *user, uint32_t user_len,
                           const char *in, uint32_t in_len, const char *out, uint32_t out_len);
/* Appends parameters to Record-Routes that are there; KH_ENOTFOUND when there are none. */
int kh_rr_add_param(kh_edits *e, const char *params, uint32_t len);

/* Takes back what kh_record_route did; returns how many lumps. */
int kh_rr_remove(kh_edits *e);

enum kh_loose_rc {
    KH_LOOSE_ROUTED = 1,     /* next hop set: dst_uri, or the Request-URI itself */
    KH_LOOSE_NONE = -1,      /* no Route */
    KH_LOOSE_PRELOADED = -3, /* only our own Route on a request without To tag: popped, nothing else decided */
    KH_LOOSE_ERROR = -4,     /* malformed Route or URI, or no room */
};
/* Processes the Route headers: pops ours (two with r2=on), sets dst_uri, or does what a strict router needs.
 * `user` (may be empty): a Route is ours only with this user part ("ignore_user"). Returns enum kh_loose_rc. */
int kh_loose_route(kh_edits *e, const kh_msg *m, int options, const char *user, uint32_t user_len);

/* off << 16 | len of the URI of the topmost Route; -1. */
int64_t kh_route_uri(const kh_msg *m);
/* 1 when a Route is left after what loose_route took off. */
int kh_route_left(const kh_edits *e, const kh_msg *m);
/* end cdef */

#endif
