"""How replies find their way back: force_rport(), add_local_rport(), flags and aliases of stream connections."""

from collections.abc import Callable
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


def connection_flag(bit: int) -> Callable[[Any], int]:
    """A function that sets a bit of enum kh_edits_flags; where a datagram leaves it has no effect."""

    def function(msg: Any) -> int:
        msg.edits.flags |= bit
        return 1

    return function


def force_tcp_alias(msg: Any, port: int = 0) -> int:
    """The peer is found by this port, too (without one that of its Via): what goes there leaves by the connection that
    the request came by. 1 for a datagram as well; -1 when the connection is gone, or has too many."""
    conn = msg.rcv.conn
    if not conn:
        return 1
    port = port or msg.c.via1.port or lib.kh_default_port(msg.rcv.proto)
    return 1 if lib.kh_conn_alias(conn, port) >= 0 else -1


REPLYING = (
    CmdExport("force_rport", force_rport, aliases=("add_rport",)),
    CmdExport("add_local_rport", add_local_rport, aliases=("force_local_rport",)),
    CmdExport("force_tcp_alias", force_tcp_alias, (Int,), min_params=0, aliases=("add_tcp_alias",)),
    *(
        CmdExport(name, connection_flag(bit))
        for name, bit in (
            ("set_forward_no_connect", lib.KH_ED_FWD_NO_CONNECT),
            ("set_forward_close", lib.KH_ED_FWD_CLOSE),
            ("set_reply_no_connect", lib.KH_ED_RPL_NO_CONNECT),
            ("set_reply_close", lib.KH_ED_RPL_CLOSE),
        )
    ),
)
