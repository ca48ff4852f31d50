/* The table of listening sockets, the names this server answers to, and the choice of the socket to send from.
 *
 * Filled by the main process before fork and read-only afterwards, so each process has the same copy and an index into
 * it may be stored in shared memory.
 */
#ifndef KH_SOCK_H
#define KH_SOCK_H

#include "addr.h"
#include "lump.h"
#include "msg.h"

/* cdef */
#define KH_MAX_SOCKS 128   /* listening sockets */
#define KH_MAX_ALIASES 512 /* host names that are "myself" besides the sockets */
#define KH_SOCK_TEXT 272   /* longest host and port text of a socket: a DNS name of 255 */

enum kh_sock_flags {
    KH_SOCK_WILDCARD = 1,   /* bound to 0.0.0.0 or ::, the destination address comes with each datagram */
    KH_SOCK_ADVERTISED = 2, /* shows another address than it is bound to */
    KH_SOCK_VIRTUAL = 4,    /* an address that may move between hosts */
};

typedef struct kh_sock {
    int fd;
    kh_addr addr;     /* bound address; for a wildcard the first own one is what texts show */
    uint8_t flags;    /* enum kh_sock_flags */
    uint16_t port;    /* advertised */
    uint16_t host_len, hostport_len, uri_len, via_len, name_len, adv_len;
    char host[KH_SOCK_TEXT];     /* advertised host as in a URI */
    char hostport[KH_SOCK_TEXT]; /* host[:port], without the default port */
    char uri[KH_SOCK_TEXT];      /* host[:port][;transport=x], udp left out: what Record-Route shows */
    char via[KH_SOCK_TEXT];      /* "Via: SIP/2.0/UDP host[:port];branch=" */
    char name[32];               /* socket name */
} kh_sock;

/* Adds a socket (main process, before fork). `host`: the text to show, "" for the bound address; adv_port 0: the bound
 * port. Returns its index, KH_ETOOBIG when the table is full, KH_EINVAL when a text is too long. */
int kh_sock_add(int fd, const kh_addr *addr, int flags, const char *host, int adv_port, const char *name);
void kh_sock_clear(void);
int kh_sock_count(void);
kh_sock *kh_sock_get(int index); /* NULL out of range */

/* Adds a name to "myself"; port 0 and proto 0 match any. KH_ETOOBIG when full. */
int kh_alias_add(const char *host, uint32_t len, int port, int proto);

/* 1 when host (any case; IPv6 with or without brackets), port and proto are one of our sockets or aliases;
 * port 0 and proto 0 match any. */
int kh_is_self(const char *host, uint32_t len, int port, int proto);

/* Index of the socket bound (or advertised) so; KH_ENOTFOUND. */
int kh_sock_find(const char *host, uint32_t len, int port, int proto);

/* Options of the choice: with `mhomed` the kernel's route to the destination decides. */
void kh_sock_options(int mhomed);

/* The socket to send to `to` from: the forced one (with another protocol the one of its address and port that has the
 * right one), the one the message came in on when it has the same protocol and family, else the first that has.
 * KH_ENOSOCK when none has. */
int kh_sock_pick(const kh_msg *m, const kh_edits *e, const kh_addr *to);
/* end cdef */

#endif
