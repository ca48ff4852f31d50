#define _GNU_SOURCE
#include "chan.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (1 << 20) /* of a channel: about a thousand messages; the system may give less */

typedef struct note {
    uint32_t kind, number;
} note;

static struct {
    int read, write, bell;
    bool ring;
} places[KH_CHAN_MAX];
static int n_places;
static bool any_ring;

static int open_place(int i) {
    int pair[2], bytes = BUFFER_BYTES;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) return KH_EINVAL;
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    places[i].read = pair[0];
    places[i].write = pair[1];
    places[i].bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    places[i].ring = false;
    n_places = i + 1;
    return places[i].bell < 0 ? KH_EINVAL : KH_OK;
}

int kh_chan_open(int n) {
    if (n < 1 || n > KH_CHAN_MAX) return KH_ETOOBIG;
    kh_chan_close();
    for (int i = 0; i < n; i++)
        if (open_place(i) < 0) {
            kh_chan_close();
            return KH_EINVAL;
        }
    return KH_OK;
}

void kh_chan_close(void) {
    for (int i = 0; i < n_places; i++) {
        close(places[i].read);
        close(places[i].write);
        if (places[i].bell >= 0) close(places[i].bell);
    }
    n_places = 0;
    any_ring = false;
}

int kh_chan_places(void) { return n_places; }

static bool bad(int place) { return place < 0 || place >= n_places; }

int kh_chan_fd(int place) { return bad(place) ? KH_EINVAL : places[place].read; }
int kh_chan_send_fd(int place) { return bad(place) ? KH_EINVAL : places[place].write; }
int kh_chan_bell_fd(int place) { return bad(place) ? KH_EINVAL : places[place].bell; }

int kh_chan_send(int place, int kind, uint32_t number, int fd) {
    note text = {(uint32_t)kind, number};
    struct iovec iov = {&text, sizeof text};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
    if (bad(place)) return KH_EINVAL;
    if (fd >= 0) {
        h.msg_control = control.bytes;
        h.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        *c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t n;
    do n = sendmsg(places[place].write, &h, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0) return KH_OK;
    return errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS ? KH_EBUSY : KH_EINVAL;
}

int kh_chan_recv(int place, uint32_t *number, int *fd) {
    note text;
    struct iovec iov = {&text, sizeof text};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr h = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    if (bad(place)) return KH_EINVAL;
    ssize_t n;
    do n = recvmsg(places[place].read, &h, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0) return errno == EAGAIN ? KH_EINCOMPLETE : KH_EINVAL;
    *fd = -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&h);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(c), sizeof *fd);
    if (n != sizeof text) return KH_EINVAL;
    *number = text.number;
    return (int)text.kind;
}

void kh_chan_ring(int place) {
    if (bad(place)) return;
    places[place].ring = true;
    any_ring = true;
}

void kh_chan_ring_out(void) {
    uint64_t one = 1;
    if (KH_LIKELY(!any_ring)) return;
    any_ring = false;
    for (int i = 0; i < n_places; i++) {
        if (!places[i].ring) continue;
        places[i].ring = false;
        ssize_t n = write(places[i].bell, &one, sizeof one); /* full: it rings already */
        (void)n;
    }
}

void kh_chan_heard(int place) {
    uint64_t count;
    if (bad(place)) return;
    ssize_t n = read(places[place].bell, &count, sizeof count);
    (void)n;
}
