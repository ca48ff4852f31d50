"""Sending without Via and lumps: the message as received, or any data."""

from typing import Any

from ...core.msg.forward import dest_of_uri
from ...core.msg.forward import forward_reply as forward
from ...core.net.sockets import find_socket
from ...src.native import ffi, lib

_dest = ffi.new("kh_dest *")


def send_udp(msg: Any, target: bytes = b"") -> int:
    """The message as received, to `host[:port]` or its next hop."""
    uri = b"sip:" + target if target else msg.next_hop
    return _send(msg, uri or b"", msg.received(0, msg.c.len))


def send_data(msg: Any, uri: bytes, data: bytes) -> int:
    """Any data to where a URI leads."""
    return _send(msg, uri, data)


def sendx(msg: Any, uri: bytes, socket: bytes, data: bytes) -> int:
    """The same from a socket of ours."""
    info = find_socket(socket)
    return -1 if info is None else _send(msg, uri, data, info.index)


def _send(msg: Any, uri: bytes, data: bytes, socket: int | None = None) -> int:
    if dest_of_uri(msg, uri, _dest) < 0:
        return -1
    if socket is not None:
        _dest.sock = socket
    return 1 if lib.kh_send_now(_dest, data, len(data)) >= 0 else -1


def forward_reply(msg: Any) -> int:
    """Forward the reply in hand now."""
    return forward(msg)
