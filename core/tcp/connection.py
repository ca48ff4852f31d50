"""One connection in the receiver that owns it: what is done when its descriptor is ready.

    CONNECTING   we wait until it can be written: it is established, or refused
    OPENING      a PROXY header is awaited, then the handshake of its transport
    OPEN         bytes to messages, messages through the script; queued messages out

Bytes lie in shared memory in both directions (src/conn/rbuf.h, wqueue.h), so another process can go on with a plain
connection when this one is killed.
"""

import os
import select
import socket
from collections.abc import Callable
from typing import Any, Protocol

from ...src.native import ffi, lib
from ..log import logger
from ..msg.receive import message, receive
from ..net import transports
from ..net.addr import addr_text
from ..net.transports import ConnectionFacts, Transport, TransportError

log = logger(__name__)
IN, OUT = select.EPOLLIN, select.EPOLLOUT
NOTHING = memoryview(b"")
READS_AT_ONCE = 16  # of a transport, before other connections get their turn

_next, _done, _read, _write = lib.kh_conn_next, lib.kh_conn_next_done, lib.kh_conn_read, lib.kh_conn_write
_INCOMPLETE, _ALL, _SOME, _LAST = lib.KH_EINCOMPLETE, lib.KH_WRITTEN_ALL, lib.KH_WRITTEN_SOME, lib.KH_WRITTEN_LAST

REASONS = {
    lib.KH_WHY_IDLE: ("idle for too long", lib.KH_CNT_TCP_CON_TIMEOUT),
    lib.KH_WHY_DEADLINE: ("not established in time", lib.KH_CNT_TCP_CON_TIMEOUT),
    lib.KH_WHY_STALLED: ("the peer does not read", lib.KH_CNT_TCP_SEND_TIMEOUT),
    lib.KH_WHY_PEER: ("closed by the peer", -1),
    lib.KH_WHY_RESET: ("reset by the peer", lib.KH_CNT_TCP_CON_RESET),
    lib.KH_WHY_REFUSED: ("refused", lib.KH_CNT_TCP_CONNECT_FAILED),
    lib.KH_WHY_JUNK: ("what came is no SIP message, or too long", -1),
    lib.KH_WHY_SCRIPT: ("the script is done with it", -1),
    lib.KH_WHY_COMMAND: ("by a management command", -1),
    lib.KH_WHY_MEMORY: ("out of shared memory", -1),
    lib.KH_WHY_LOST: ("its receiver died with what it knew of it", lib.KH_CNT_TCP_LOST),
}

#: called in the receiver with the facts and enum kh_conn_why, when a connection is closed; register before fork
closed_hooks: list[Callable[[ConnectionFacts, int], None]] = []
#: called there with each message that was to leave by it and did not, and enum kh_conn_why
unsent_hooks: list[Callable[[bytes, int], None]] = []
_room = ffi.new("char[]", lib.KH_MSG_MAX)


class Owner(Protocol):
    """What a connection needs of its receiver."""

    epoll: select.epoll
    later: list[Callable[[], None]]  # to be called when all others had their turn

    def forget(self, connection: "Connection") -> None:
        """It is closed."""


class Connection:
    """All methods run in the owner's loop; `ready` is the entry when the descriptor is."""

    __slots__ = ("c", "closed", "events", "fd", "number", "owner", "ready", "transport")

    def __init__(self, owner: Owner, number: int, fd: int) -> None:
        self.owner, self.number, self.fd = owner, number, fd
        self.c = lib.kh_conn_get(number)  # the slot: ours as long as we do not free it
        self.transport: Transport | None = None
        self.closed = False
        self.events = 0
        self.ready: Callable[[int], None] = self.when_open

    def begin(self) -> None:
        """The descriptor has come and was adopted."""
        self.watch(IN)
        if self.c.state == lib.KH_CONN_CONNECTING:
            self.ready = self.when_connected
            self.watch(OUT)
        elif self.c.state == lib.KH_CONN_OPEN:  # a predecessor's
            self.route()
            self.look()
        elif self.c.flags & lib.KH_CONN_PROXY:
            self.ready = self.when_proxy
        else:
            self.made()

    def watch(self, events: int) -> None:
        """What to wait for."""
        if events == self.events:
            return
        if self.events:
            self.owner.epoll.modify(self.fd, events)
        else:
            self.owner.epoll.register(self.fd, events)
        self.events = events

    # until it is open

    def when_connected(self, events: int) -> None:
        """A connect has come to its end."""
        if lib.kh_tcp_error(self.fd) < 0:
            self.close(lib.KH_WHY_REFUSED)
            return
        lib.kh_counter_add(lib.KH_CNT_TCP_CONNECT_SUCCESS, 1)
        lib.kh_counter_add(lib.KH_CNT_TCP_ESTABLISHED, 1)
        self.made()

    def when_proxy(self, events: int) -> None:
        """A load balancer says who the peer is."""
        code = lib.kh_conn_read_proxy(self.number, self.fd)
        if code == lib.KH_OK:
            self.made()
        elif code != _INCOMPLETE:
            self.close(lib.KH_WHY_JUNK if code == lib.KH_EMALFORMED else lib.KH_WHY_RESET)

    def made(self) -> None:
        """Bytes can flow: SIP's, or a transport's first."""
        offered = transports.registered.get(self.c.proto)
        if offered is None:
            self.opened()
            return
        self.ready = self.when_shaking
        self.watch(IN)
        try:
            self.transport = offered.factory(self.facts(), self.fd)
        except TransportError as error:
            self.lost(error)
            return
        transports.opened(self.number, self.transport)
        self.when_shaking(0)

    def when_shaking(self, events: int) -> None:
        """The transport's handshake goes on."""
        assert self.transport is not None
        try:
            done = self.transport.handshake()
        except TransportError as error:
            self.lost(error)
            return
        if not done:
            self.watch(IN | OUT if self.transport.wants_write else IN)
            return
        if lifetime := transports.registered[self.c.proto].lifetime_s:
            self.c.lifetime_ms = lifetime * 1000
        self.opened()
        self.when_open(IN)  # what came behind the handshake may be decrypted already

    def opened(self) -> None:
        lib.kh_conn_established(self.number, self.fd)
        self.ready = self.when_open
        self.watch(IN)
        self.write()

    # open

    def when_open(self, events: int) -> None:
        if events & OUT:
            self.write()
        if not self.closed and events & ~OUT:
            if self.transport is None:
                self.read()
            else:
                self.read_transport(self.transport)

    def read(self) -> None:
        """Bytes from the socket, and what messages they make."""
        n = _read(self.number, self.fd)
        if n > 0:
            self.route()
        elif n != _INCOMPLETE:
            self.ended(n)

    def read_transport(self, transport: Transport) -> None:
        """The same through a transport, until it has no more."""
        place = ffi.new("char **")
        for _ in range(READS_AT_ONCE):
            room = lib.kh_conn_room(self.number, place)
            if room <= 0:
                self.ended(room)
                return
            try:
                n = transport.read(memoryview(ffi.buffer(place[0], room)))
            except TransportError as error:
                self.lost(error)
                return
            if n is None:
                self.attend()
                return
            if n == 0:
                self.ended(0)
                return
            lib.kh_conn_took(self.number, n)
            self.route()
            if self.closed:
                return
        self.owner.later.append(lambda: None if self.closed else self.read_transport(transport))

    def ended(self, code: int) -> None:
        """No more bytes: the peer has ended (0), or an error."""
        if code == 0:
            self.write()  # what its last messages led to
        why = {0: lib.KH_WHY_PEER, lib.KH_ENOMEM: lib.KH_WHY_MEMORY}.get(code, lib.KH_WHY_RESET)
        self.close(why)

    def route(self) -> None:
        """Every message that is there, through the script."""
        number, c, edits = self.number, message.c, message.edits
        while (facts := _next(number, c, edits)) > 0:
            code = receive(facts)
            _done(number)
            if code < 0 and lib.kh_conn_opts().close_on_error:
                lib.kh_conn_finish(number)
                break
        else:
            if facts != _INCOMPLETE:
                log.debug("bytes from %s are no message (code %d)", self, facts)
                self.write()  # what the messages before led to
                self.close(lib.KH_WHY_JUNK)
        message.reset(0)  # its bytes may be gone

    def write(self) -> None:
        """Queued messages, as far as the socket takes them."""
        try:
            code = _write(self.number, self.fd) if self.transport is None else self.write_transport(self.transport)
        except TransportError as error:
            self.lost(error)
            return
        if code == _LAST:
            self.close(lib.KH_WHY_SCRIPT)
        elif code < 0:
            self.close(lib.KH_WHY_RESET)
        elif code == _SOME:
            self.watch(IN | OUT)
        else:
            self.attend()

    def write_transport(self, transport: Transport) -> int:
        place = ffi.new("char **")
        while size := lib.kh_conn_front(self.number, place):
            n = transport.write(memoryview(ffi.buffer(place[0], size)))
            if n is None:
                lib.kh_conn_stalled(self.number)
                return int(_SOME)
            lib.kh_conn_wrote(self.number, n)
        if transport.wants_write:
            transport.write(NOTHING)
        return int(lib.kh_conn_wrote(self.number, 0))

    def attend(self) -> None:
        """All is written: wait for the peer, or until the transport's own bytes can leave."""
        wants = self.transport is not None and self.transport.wants_write
        self.watch(IN | OUT if wants else IN)

    def look(self) -> None:
        """Somebody has marked it: there is something to write, or it is to be closed."""
        if self.c.keep_new:
            lib.kh_conn_use_keepalive(self.number, self.fd)
        if why := self.c.why:
            self.close(why)
        elif self.ready == self.when_open:
            self.write()

    # the end

    def lost(self, error: TransportError) -> None:
        log.info("connection %s: %s", self, error)
        self.close(lib.KH_WHY_RESET)

    def close(self, why: int) -> None:
        """Close it; nothing of it remains in this process or the table."""
        if self.closed:
            return
        self.closed = True
        text, counter = REASONS[why]
        if why == lib.KH_WHY_DEADLINE and self.c.state == lib.KH_CONN_CONNECTING:
            counter = lib.KH_CNT_TCP_CONNECT_FAILED
        log.debug("connection %s is closed: %s", self, text)
        if counter >= 0:
            lib.kh_counter_add(counter, 1)
        facts, unsent = self.facts(), self.take_unsent(why)
        lib.kh_conn_free(self.number)
        if self.events:
            self.owner.epoll.unregister(self.fd)  # closing is not enough: the keeper has a second one
        if self.transport is not None:
            transports.closed(self.number)
            self.transport.close()
        else:
            self.shut_down()
        self.owner.forget(self)
        self.transport, self.ready = None, passed_over  # no circle: what it held is freed now, not by the collector
        for hook in closed_hooks:
            hook(facts, why)
        for data in unsent:
            for tell in unsent_hooks:
                tell(data, why)

    def take_unsent(self, why: int) -> list[bytes]:
        """What waits to be written and never will."""
        if self.c.queued == self.c.written or not unsent_hooks:
            return []
        lib.kh_conn_close(self.number, why)  # nobody adds to it from here on
        found = []
        while (size := lib.kh_conn_unsent(self.number, _room)) > 0:
            found.append(ffi.unpack(_room, size))
        return found

    def shut_down(self) -> None:
        """At once for the peer, whoever else has a descriptor."""
        with socket.socket(fileno=self.fd) as ending:
            try:
                ending.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the peer was faster

    def facts(self) -> ConnectionFacts:
        c = self.c
        return ConnectionFacts(
            self.number,
            c.proto,
            c.sock,
            (addr_text(ffi.addressof(c, "peer")), c.peer.port),
            (addr_text(ffi.addressof(c, "local")), c.local.port),
            bool(c.flags & lib.KH_CONN_ACCEPTED),
            ffi.unpack(c.label, c.label_len) if c.label_len else b"",
            bool(c.flags & lib.KH_CONN_TELL),
        )

    def __str__(self) -> str:
        peer: Any = ffi.addressof(self.c, "peer")
        return f"{self.number} of {addr_text(peer, True).decode()}:{self.c.peer.port}"


def passed_over(events: int) -> None:
    """What is ready of a connection that is closed already."""


def close_descriptor(fd: int) -> None:
    """Of a connection that is not ours."""
    if fd >= 0:
        os.close(fd)
