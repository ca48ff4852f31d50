"""Listening sockets as texts `udp:192.0.2.1:5060`: what the RPC, headers and databases show for an index."""

from ...core.net.addr import PROTO_NAMES
from ...core.net.sockets import sockets


def socket_text(index: int) -> bytes:
    """The text of a socket; b"" when there is no such index."""
    known = sockets()
    if index >= len(known):
        return b""
    info = known[index]
    return b"%s:%s:%d" % (PROTO_NAMES[info.proto].encode(), info.host, info.port)


def socket_index(text: bytes) -> int | None:
    """The index of the socket with this text; None when none has it."""
    for index in range(len(sockets())):
        if socket_text(index) == text:
            return index
    return None
