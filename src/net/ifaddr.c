#include "ifaddr.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static int is_wanted(const struct ifaddrs *i, const char *name, int family) {
    if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) || (*name && strcmp(i->ifa_name, name))) return 0;
    int af = i->ifa_addr->sa_family;
    if ((af != AF_INET && af != AF_INET6) || (family && af != family)) return 0;
    return af == AF_INET || !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)i->ifa_addr)->sin6_addr);
}

int kh_ifaddrs(const char *name, int family, kh_addr *out, int max) {
    struct ifaddrs *all;
    int n = 0;
    if (getifaddrs(&all)) return KH_EINVAL;
    for (const struct ifaddrs *i = all; i && n < max; i = i->ifa_next)
        if (is_wanted(i, name, family)) kh_addr_from_sa(&out[n++], (const struct sockaddr_storage *)i->ifa_addr, 0);
    freeifaddrs(all);
    return n;
}
