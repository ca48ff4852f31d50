"""How replies find their way back: force_rport(), add_local_rport(), the flags of stream connections."""

from typing import Any

from ...cfg.argtypes import Int
from ...src.native import lib
from ..sr_module import CmdExport


def force_rport(msg: Any) -> int:
    """Answer to where the request came from, as if its Via had rport (RFC 3581)."""
    msg.edits.flags |= lib.KH_ED_FORCE_RPORT
    return 1


def add_local_rport(msg: Any) -> int:
    """Put rport into our own Via."""
    msg.edits.flags |= lib.KH_ED_LOCAL_RPORT
    return 1


def datagram(msg: Any, *_: object) -> int:
    """Concerns stream connections; a datagram has none."""
    return 1


def no_stream(msg: Any, *_: object) -> int:
    """Fails on a datagram, as in Kamailio."""
    return 1 if msg.rcv.conn else -1


REPLYING = (
    CmdExport("force_rport", force_rport, aliases=("add_rport",)),
    CmdExport("add_local_rport", add_local_rport, aliases=("force_local_rport",)),
    CmdExport("force_tcp_alias", no_stream, (Int,), min_params=0, aliases=("add_tcp_alias",)),
    *(
        CmdExport(name, datagram)
        for name in ("set_forward_no_connect", "set_forward_close", "set_reply_no_connect", "set_reply_close")
    ),
)
