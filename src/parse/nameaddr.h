/* name-addr and addr-spec with header parameters: From, To, Contact, Route, Record-Route, Path, Refer-To, P-Asserted-Identity...
 *
 *   value      = ( name-addr / addr-spec ) *( SEMI generic-param )          RFC 3261 25.1
 *   name-addr  = [ display-name ] LAQUOT addr-spec RAQUOT
 *   display-name = *(token LWS) / quoted-string
 *
 * What is read leniently stands in parser/README.md.
 */
#ifndef KH_NAMEADDR_H
#define KH_NAMEADDR_H

#include "kh.h"

/* cdef */
typedef struct kh_nameaddr {
    kh_span body;    /* this value alone: no comma, no blanks at its ends */
    kh_span display; /* as written, with its quotes; len 0: none */
    kh_span uri;     /* without < > */
    kh_span params;  /* from after the first ';' to the end; len 0: none */
    kh_span tag;     /* value of the tag parameter; len 0: none */
} kh_nameaddr;

/* Parses the value at `off` of a header body that ends before `end` (both offsets into buf).
 * Returns the offset of the next value (after the comma), or `end` when this was the last; KH_EMALFORMED. */
int kh_nameaddr_next(kh_nameaddr *a, const char *buf, uint32_t off, uint32_t end);

/* Walks a parameter list `a=b;c;d="e;f"`: a param, its value without quotes' interpretation (quotes stay).
 * Returns the offset after the parameter and its ';' (== end at the last one), KH_ENOTFOUND when nothing is left,
 * KH_EMALFORMED. value.off is 0 when there was no '='. */
typedef struct kh_param {
    kh_span name;
    kh_span value;
} kh_param;
int kh_param_next(kh_param *p, const char *buf, uint32_t off, uint32_t end);

/* off << 16 | len of the value of the parameter `name` (any case) in [off, end); -1: no such parameter;
 * with no value: off of its name << 16 | 0. */
int64_t kh_param_find(const char *buf, uint32_t off, uint32_t end, const char *name, uint32_t name_len);
/* end cdef */

#endif
