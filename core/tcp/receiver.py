"""The loop of a TCP receiver: the connections it owns, and what other processes want of them.

It waits in epoll for its connections, for its channel (descriptors of connections that it is to own), and for its bell:
another process has queued a message on one of its connections, or wants one closed.
"""

import gc
import select
import time
from collections.abc import Callable

from ...src.native import ffi, lib
from .. import runtime
from ..log import logger
from ..process.waiter import act_on_signals, open_signals
from ..process.worker import GC_MESSAGES
from .connection import Connection, close_descriptor
from .outbox import Outbox
from .setup import State

log = logger(__name__)
LAST_WRITES_S = 1.0  # at the end of the server: so long for what is queued to leave
TURNS_AT_ONCE = 64  # descriptors that are ready, taken with one call


class Receiver:
    """What a receiver process has. All methods run in it."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.epoll = select.epoll()
        self.connections: dict[int, Connection] = {}  # by slot
        self.ready: dict[int, Callable[[int], None]] = {}  # by descriptor: all but connections
        self.by_fd: dict[int, Connection] = {}
        self.later: list[Callable[[], None]] = []
        self.stopping = False
        self.keeper = Outbox(State.keeper, self.watch_keeper, self.unwatch)
        self.pipe = open_signals()

    def run(self) -> None:
        """Until SIGTERM."""
        self.watch(self.pipe, self.signals)
        self.watch(lib.kh_chan_fd(self.place), self.receive)
        bell = select.EPOLLIN | select.EPOLLET  # every ring wakes, and none has to be silenced
        self.watch(lib.kh_chan_bell_fd(self.place), lambda events: None, bell)
        self.keeper.post(lib.KH_CHAN_WANT, self.place)
        turns = 0
        while not self.stopping:
            self.turn(0 if self.later else -1)
            turns += 1
            if turns >= GC_MESSAGES:
                turns = 0
                gc.collect()
        self.write_the_rest()

    def turn(self, timeout_s: float) -> None:
        """Whatever is ready, and after each what it led to; one that fails is not the end of the others."""
        found = self.epoll.poll(timeout_s, TURNS_AT_ONCE)
        if runtime.generation[0] != runtime.seen[0]:
            runtime.sync()
        for fd, events in found:
            connection = self.by_fd.get(fd)
            try:
                if connection is not None:
                    connection.ready(events)
                elif fd in self.ready:
                    self.ready[fd](events)
                self.look()
            except Exception:
                log.exception("a connection failed")
                if connection is not None:
                    connection.close(lib.KH_WHY_JUNK)
            lib.kh_send_flush()
        if self.later:
            later, self.later = self.later, []
            for again in later:
                again()
            self.look()
            lib.kh_send_flush()

    def look(self) -> None:
        """Connections that somebody has marked, this process too."""
        while (slot := lib.kh_conn_marked(self.place)) >= 0:
            connection = self.connections.get(slot)
            if connection is not None:
                connection.look()

    def write_the_rest(self) -> None:
        """The server ends: let leave what is queued, if that does not take long."""
        end = time.monotonic() + LAST_WRITES_S
        while time.monotonic() < end and any(c.c.queued != c.c.written for c in self.connections.values()):
            self.turn(0.05)

    # descriptors

    def watch(self, fd: int, ready: Callable[[int], None], events: int = select.EPOLLIN) -> None:
        self.ready[fd] = ready
        self.epoll.register(fd, events)

    def watch_keeper(self, fd: int) -> None:
        self.watch(fd, lambda events: self.keeper.flush(), select.EPOLLOUT)

    def unwatch(self, fd: int) -> None:
        del self.ready[fd]
        self.epoll.unregister(fd)

    def signals(self, events: int) -> None:
        if not act_on_signals(self.pipe):
            self.stopping = True

    # the channel

    def receive(self, events: int) -> None:
        """Connections that are to be ours; what the keeper says and asks."""
        number, fd = ffi.new("uint32_t *"), ffi.new("int *")
        while (kind := lib.kh_chan_recv(self.place, number, fd)) >= 0:
            if kind == lib.KH_CHAN_CONN:
                self.adopt(number[0], fd[0])
            elif kind == lib.KH_CHAN_DONE:
                lost = lib.kh_conn_disown(self.place)
                if lost:
                    log.warning("%d connections went down with receiver %d and the keeper", lost, self.place)
            elif kind == lib.KH_CHAN_KEEP:
                for connection in list(self.connections.values()):
                    self.keeper.post(lib.KH_CHAN_CONN, connection.number, self.fd_of(connection))

    def fd_of(self, connection: Connection) -> Callable[[], int]:
        return lambda: -1 if connection.closed else connection.fd

    def adopt(self, number: int, fd: int) -> None:
        """A connection from the keeper or from who made it."""
        slot = lib.kh_conn_index(number)
        known = self.connections.get(slot)
        if fd < 0 or (known is not None and known.number == number):
            if known is None:
                log.error("connection %d is lost: no descriptor is left in this process", number)
                lib.kh_conn_free(number)
            close_descriptor(fd)
            return
        code = lib.kh_conn_adopt(number, fd, self.place)
        if code == lib.KH_ENOTFOUND:
            close_descriptor(fd)
            return
        connection = Connection(self, number, fd)
        self.connections[slot] = self.by_fd[fd] = connection
        if code < 0:
            connection.close(lib.KH_WHY_LOST)
        else:
            connection.begin()

    def forget(self, connection: Connection) -> None:
        """A connection is closed."""
        slot = lib.kh_conn_index(connection.number)
        if self.connections.get(slot) is connection:
            del self.connections[slot]
        if self.by_fd.get(connection.fd) is connection:
            del self.by_fd[connection.fd]


def run_receiver(place: int) -> None:
    """A tcp receiver until SIGTERM."""
    Receiver(place).run()
