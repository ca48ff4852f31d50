"""Where datagrams go."""

import socket
from typing import Any

from kahea.core.net.addr import make_addr
from kahea.src.native import ffi


def dest(index: int, ip: bytes, port: int) -> Any:
    """A kh_dest."""
    made = ffi.new("kh_dest *")
    made.to, made.sock = make_addr(ip, port)[0], index
    return made


def to_peer(index: int, peer: socket.socket) -> Any:
    """The kh_dest of the peer."""
    return dest(index, b"127.0.0.1", peer.getsockname()[1])
