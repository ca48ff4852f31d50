"""How the bytes of a connection travel: as they are, or through a transport that a module brings (TLS).

A module registers a factory for a protocol when it is initialised; the TCP receiver that owns a connection then makes
one transport a connection, and uses it from its loop alone. What belongs to SIP (framing, queues, limits) stays with
the receiver: a transport turns bytes of the wire into bytes of messages and back, and never waits.

    register(TLS, factory, lifetime_s)      main process, in a module's init
    transport(number)                       in a receiver: the one of a connection that this process owns
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ...src.native import lib
from ..errors import KaheaError


class TransportError(KaheaError):
    """The connection is of no use any more: the handshake failed, a record is forged, the peer is gone. The text is for
    the log."""


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """What is known about a connection when its transport is made."""

    number: int  # $conid, kh_rcv.conn
    proto: int
    socket: int  # index of the listening socket that it belongs to; of an outgoing one the socket it was opened for
    peer: tuple[bytes, int]  # IP, port
    local: tuple[bytes, int]
    accepted: bool  # by us: we are the server side
    label: bytes = b""  # what the sender that opened it had to say to the transport
    tell: bool = False  # somebody wants to know of its end


class Transport(Protocol):
    """One connection's. Made when the TCP connection is established; it owns the (non-blocking) file descriptor.

    The receiver waits until the descriptor can be read, and written when `wants_write` says so or a write was refused.
    Every method raises TransportError when the connection is lost.
    """

    wants_write: bool  # its own bytes (a handshake, a renewed key) wait until the socket takes more

    def handshake(self) -> bool:
        """Go on with it; True when it is done. Called first, again whenever the socket is ready, until then."""

    def read(self, into: memoryview) -> int | None:
        """Bytes put into the buffer; 0: the peer has ended; None: nothing now. The receiver reads until None, so bytes
        that were decrypted ahead are not forgotten."""

    def write(self, data: memoryview) -> int | None:
        """Bytes taken from the front of `data`; None: none now. Of no data: its own bytes leave, if they can."""

    def close(self) -> None:
        """Say goodbye if that is possible without waiting, shut the connection down (another process has a descriptor
        of it, too), and close ours. Never raises."""


Factory = Callable[[ConnectionFacts, int], Transport]


@dataclass(frozen=True, slots=True)
class Registered:
    """What a module offers for one protocol."""

    factory: Factory
    lifetime_s: int  # an idle connection's; 0: tcp_connection_lifetime


registered: dict[int, Registered] = {}
_open: dict[int, Transport] = {}  # of this process, by the connection's number


def register(proto: int, factory: Factory, lifetime_s: int = 0) -> None:
    """From now on connections of `proto` are made by `factory(facts, fd)`, which may raise TransportError."""
    registered[proto] = Registered(factory, lifetime_s)


def unregister(proto: int) -> None:
    """Forget it (a module's destroy)."""
    registered.pop(proto, None)


def transport(number: int) -> Transport | None:
    """The transport of a connection, where this process owns it; None for others, and for plain TCP."""
    return _open.get(number)


def opened(number: int, made: Transport) -> None:
    """The receiver: this connection has a transport now."""
    _open[number] = made


def closed(number: int) -> None:
    """The receiver: it has none any more."""
    _open.pop(number, None)


#: what senders have to say to the transports of connections that are opened for a message; a module appends to it in
#: its init. Each is called with a message that is about to be sent, and returns the label, b"" for none.
labels: list[Callable[[Any], bytes]] = []


def labelled(msg: Any, send: Callable[..., int], *args: Any) -> int:
    """Any process: `send(*args)` of the message; connections opened by it carry what modules have to say."""
    text = next(filter(None, (label(msg) for label in labels)), b"")
    if not text:
        return send(*args)
    lib.kh_stream_label(text, len(text), 0)
    try:
        return send(*args)
    finally:
        lib.kh_stream_label(b"", 0, 0)
