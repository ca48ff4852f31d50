"""The TCP main process: accepts connections, and keeps a second descriptor of each.

A connection lives as long as somebody has a descriptor of it. So when a receiver is killed, nothing happens to its
connections: the process that takes its place asks here for them. When the keeper is killed, its successor asks the
receivers. It routes nothing.
"""

import errno
import os
from collections.abc import Callable
from functools import partial

from ...src.native import ffi, lib
from ..log import logger
from ..net import sockets
from ..net.addr import UDP, addr_text
from ..process.waiter import Waiter
from .outbox import Outbox
from .setup import State

log = logger(__name__)
SWEEP_S = 0.5  # how often the times of all connections are looked at
MISSING_SWEEPS = 4  # until receivers are asked again: a channel was full
ACCEPT_AT_ONCE = 64  # connections, before anything else gets its turn


class Keeper:
    """The loop and what it keeps. All methods run in the keeper process."""

    def __init__(self) -> None:
        self.place = State.keeper
        self.waiter = Waiter()
        self.kept: dict[int, tuple[int, int]] = {}  # slot -> number, descriptor
        self.outboxes = [self.outbox(place) for place in range(State.receivers)]
        self.peer, self.local = ffi.new("kh_addr *"), ffi.new("kh_addr *")
        self.missing = 0  # sweeps in a row that found connections without a descriptor here
        self.paused: list[tuple[int, Callable[[], None]]] = []

    def outbox(self, place: int) -> Outbox:
        return Outbox(place, lambda fd: self.waiter.add(fd, self.outboxes[place].flush, True), self.waiter.remove)

    def run(self) -> None:
        """Until SIGTERM."""
        lib.kh_chan_heard(self.place)
        self.waiter.add(lib.kh_chan_fd(self.place), self.receive)
        self.waiter.add(lib.kh_chan_bell_fd(self.place), self.let_go)
        for info in sockets.sockets():
            if info.proto != UDP:
                self.waiter.add(info.fd, partial(self.accept, info))
        lib.kh_conn_keep()
        next_sweep = [0]

        def each() -> None:
            now = lib.kh_now_ms()
            if now >= next_sweep[0]:
                next_sweep[0] = now + int(SWEEP_S * 1000)
                self.sweep()

        self.waiter.run(each, SWEEP_S)

    # new connections

    def accept(self, info: sockets.SocketInfo) -> None:
        """A listening socket has some that wait."""
        options = lib.kh_conn_opts()
        socket_options = ffi.addressof(options, "socket")
        for _ in range(ACCEPT_AT_ONCE):
            fd = lib.kh_tcp_accept(info.fd, info.proto, socket_options, self.peer, self.local)
            if fd >= 0:
                self.accepted(info, fd, lib.KH_CONN_ACCEPTED | (lib.KH_CONN_PROXY if options.proxy else 0))
            elif -fd == errno.EAGAIN:
                return
            elif -fd in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                log.warning("no connection is accepted for a moment: %s", os.strerror(-fd))
                self.pause(info)
                return

    def accepted(self, info: sockets.SocketInfo, fd: int, flags: int) -> None:
        number = lib.kh_conn_new(self.peer, self.local, info.index, flags)
        if number < 0:
            log.debug("a connection from %s is refused: too many", addr_text(self.peer))
            os.close(fd)
            return
        lib.kh_counter_add(lib.KH_CNT_TCP_PASSIVE_OPEN, 1)
        lib.kh_counter_add(lib.KH_CNT_TCP_ESTABLISHED, 1)
        self.keep(number, fd)
        self.pass_on(number, fd)

    def pause(self, info: sockets.SocketInfo) -> None:
        """Accept nothing until the next sweep: the system has no more descriptors."""
        self.waiter.remove(info.fd)
        self.paused.append((info.fd, partial(self.accept, info)))

    # what is kept

    def keep(self, number: int, fd: int) -> None:
        slot = lib.kh_conn_index(number)
        known = self.kept.get(slot)
        if known is not None:
            os.close(known[1])
        self.kept[slot] = number, fd

    def fd_of(self, number: int) -> int:
        """The descriptor of a connection that still is; -1."""
        known = self.kept.get(lib.kh_conn_index(number))
        alive = known is not None and known[0] == number and lib.kh_conn_get(number) != ffi.NULL
        return known[1] if known is not None and alive else -1

    def let_go(self) -> None:
        """Owners have closed connections: close the second descriptors, so that the peers learn of it."""
        lib.kh_chan_heard(self.place)
        while (slot := lib.kh_conn_marked(self.place)) >= 0:
            known = self.kept.get(slot)
            if known is not None and lib.kh_conn_get(known[0]) == ffi.NULL:
                del self.kept[slot]
                os.close(known[1])

    # between processes

    def receive(self) -> None:
        """A sender has made a connection, a receiver sends what it has, or wants its own."""
        number, fd = ffi.new("uint32_t *"), ffi.new("int *")
        while (kind := lib.kh_chan_recv(self.place, number, fd)) >= 0:
            if kind == lib.KH_CHAN_CONN and fd[0] >= 0:
                self.keep(number[0], fd[0])
            elif kind == lib.KH_CHAN_WANT and number[0] < len(self.outboxes):
                self.send_all_of(number[0])

    def pass_on(self, number: int, fd: int) -> None:
        self.outboxes[lib.kh_conn_get(number).owner].post(lib.KH_CHAN_CONN, number, partial(self.fd_of, number))

    def send_all_of(self, place: int) -> None:
        """A new process in a receiver's place: send it the connections of its predecessor."""
        outbox = self.outboxes[place]
        for number, _ in list(self.kept.values()):
            conn = lib.kh_conn_get(number)
            if conn != ffi.NULL and conn.owner == place:
                outbox.post(lib.KH_CHAN_CONN, number, partial(self.fd_of, number))
        outbox.post(lib.KH_CHAN_DONE)

    def sweep(self) -> None:
        """Twice a second: times that are over, descriptors that did not come, and sockets that were paused."""
        lib.kh_conn_sweep()
        self.let_go()
        self.missing = self.missing + 1 if len(self.kept) < lib.kh_conn_count(0) else 0
        if self.missing > MISSING_SWEEPS:
            self.missing = 0
            lib.kh_conn_keep()
        paused, self.paused = self.paused, []
        for fd, ready in paused:
            self.waiter.add(fd, ready)


def run_keeper() -> None:
    """The tcp main process until SIGTERM."""
    Keeper().run()
