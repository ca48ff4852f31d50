"""What OpenSER 1.4 had in its core and Kamailio 5 has elsewhere or no more."""

from typing import Any

from ...cfg.argtypes import Int, Raw
from ..msg import dset, forward, serial
from ..net.addr import TCP, UDP
from ..sr_module import CmdExport

KEY: serial.Key = ("core", b"serial_branch")


def send(msg: Any, host: bytes) -> int:
    """The message as received, without Via, to `host[:port]`."""
    return forward.send_as_received(msg, b"sip:" + host, UDP)


def send_tcp(msg: Any, host: bytes) -> int:
    """The same by TCP."""
    return forward.send_as_received(msg, b"sip:" + host, TCP)


def len_gt(msg: Any, size: int) -> int:
    """Is the message at least so long?"""
    return 1 if msg.c.len >= size else -1


def serialize_branches(msg: Any, clear: int) -> int:
    """Put the destination set aside, by q; what was put aside before stays unless `clear`."""
    if clear or not serial.left(msg, KEY):
        serial.put_aside(msg, KEY, serial.by_q([dset.first_branch(msg), *dset.branches(msg)]))
    return 1


def next_branches(msg: Any) -> int:
    """The destinations with the highest q that are left: 1 when more are waiting, 2 for the last, -1 without any."""
    if serial.use_next(msg, KEY) != 1:
        return -1
    return 1 if serial.left(msg, KEY) else 2


def blacklist(msg: Any, name: bytes) -> int:
    """Lists of destinations to leave out: taken, without effect (the section that declares them says so)."""
    return 1


OPENSER = (
    CmdExport("send", send, (Raw,)),
    CmdExport("send_tcp", send_tcp, (Raw,)),
    CmdExport("len_gt", len_gt, (Int,)),
    CmdExport("serialize_branches", serialize_branches, (Int,)),
    CmdExport("next_branches", next_branches),
    CmdExport("use_blacklist", blacklist, (Raw,)),
    CmdExport("unuse_blacklist", blacklist, (Raw,)),
)
