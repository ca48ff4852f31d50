"""Names under which KEMI scripts call functions with other arguments, and what only they have."""

from typing import Any

from ...cfg.argtypes import Int, Str
from ...core.sr_module import CmdExport
from . import arm, ask, serial
from .t_failure import Current
from .t_fwd import relay_to
from .t_lookup import t_lookup_cancel
from .t_relay_to import PROTOCOLS, by_protocol, t_relay_to


def t_relay_to_flags(msg: Any, flags: int) -> int:
    """t_relay_to() with flags alone."""
    return t_relay_to(msg, b"", b"%d" % flags)


def t_relay_to_proxy_flags(msg: Any, proxy: bytes, flags: int) -> int:
    """t_relay_to() with both."""
    return t_relay_to(msg, proxy, b"%d" % flags)


def t_relay_to_proto(msg: Any, proto: bytes) -> int:
    """t_relay_to_udp() and its like; -1 for a protocol that there is not."""
    number = PROTOCOLS.get(proto.lower())
    return -1 if number is None else int(by_protocol(number)(msg))


def t_relay_to_proto_addr(msg: Any, proto: bytes, host: bytes, port: int) -> int:
    """The same to a host."""
    number = PROTOCOLS.get(proto.lower())
    return -1 if number is None else relay_to(msg, host, port, number)


def t_get_branch_index(msg: Any) -> int:
    """Number of the branch that the route is about; -1 outside of one."""
    return int(msg.branch_index) if msg.branch_index >= 0 else Current.branch


KEMI = (
    CmdExport("t_lookup_cancel_flags", t_lookup_cancel, (Int,)),
    CmdExport("t_set_fr_inv", arm.t_set_fr, (Int,)),
    CmdExport("t_drop_replies_all", ask.t_drop_replies),
    CmdExport("t_relay_to_proxy", t_relay_to, (Str,)),
    CmdExport("t_relay_to_flags", t_relay_to_flags, (Int,)),
    CmdExport("t_relay_to_proxy_flags", t_relay_to_proxy_flags, (Str, Int)),
    CmdExport("t_relay_to_proto", t_relay_to_proto, (Str,)),
    CmdExport("t_relay_to_proto_addr", t_relay_to_proto_addr, (Str, Str, Int)),
    CmdExport("ki_t_load_contacts_mode", serial.t_load_contacts, (Int,), aliases=("t_load_contacts_mode",)),
    CmdExport("t_get_branch_index", t_get_branch_index),
)
