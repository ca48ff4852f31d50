/* Addresses of this machine's interfaces, for `listen=eth0` and for listening on all. */
#ifndef KH_IFADDR_H
#define KH_IFADDR_H

#include "addr.h"

/* cdef */
#define KH_MAX_IFADDRS 256 /* addresses of all interfaces that are looked at */

/* Fills `out` with the addresses of an interface that is up, in the kernel's order; "" means all interfaces. IPv6
 * link-local addresses are left out. family 0: both. Returns how many, KH_EINVAL when the kernel does not tell. */
int kh_ifaddrs(const char *name, int family, kh_addr *out, int max);
/* end cdef */

#endif
