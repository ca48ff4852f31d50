"""Sending without Via and lumps: the message as received, or any data."""

from typing import Any

from ...core.msg import forward
from ...core.net.addr import TCP, UDP
from ...core.net.sockets import find_socket


def send_udp(msg: Any, target: bytes = b"") -> int:
    """The message as received, to `host[:port]` or its next hop, by UDP whatever that says."""
    return _send(msg, target, UDP)


def send_tcp(msg: Any, target: bytes = b"") -> int:
    """The same by TCP."""
    return _send(msg, target, TCP)


def _send(msg: Any, target: bytes, proto: int) -> int:
    return forward.send_as_received(msg, b"sip:" + target if target else msg.next_hop or b"", proto)


def send_data(msg: Any, uri: bytes, data: bytes) -> int:
    """Any data to where a URI leads."""
    return forward.send_data(msg, uri, data)


def sendx(msg: Any, uri: bytes, socket: bytes, data: bytes) -> int:
    """The same from a socket of ours."""
    info = find_socket(socket)
    return -1 if info is None else forward.send_data(msg, uri, data, info.index, info.proto)


def forward_reply(msg: Any) -> int:
    """Forward the reply in hand now."""
    return forward.forward_reply(msg)
