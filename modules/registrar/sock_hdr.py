"""add_sock_hdr(name): tells the next registrar on which socket of this server a REGISTER came in."""

from typing import Any

from ...src.native import lib
from .location import usrloc


def add_sock_hdr(msg: Any, name: bytes) -> int:
    """Append `name: udp:192.0.2.1:5060`; -1 when there is no room."""
    line = name + b": " + usrloc().socket_text(msg.c.rcv.sock) + b"\r\n"
    return 1 if lib.kh_append_hf(msg.edits, msg.c, line, len(line)) >= 0 else -1
