"""The connection that a request is to leave by, whatever its destination says: set by lookup(), used when asked for."""

from typing import Any

from ...src.native import lib


def tcp_set_otcpid(msg: Any, conid: int) -> int:
    """This one, in place of the one that the contact registered by."""
    if not 0 <= conid <= 0x7FFFFFFF:
        return -1
    msg.edits.conn = conid
    return 1


def tcp_set_otcpid_flag(msg: Any, mode: int) -> int:
    """Use it (mode 0: do not). Where it is gone, the destination decides as ever."""
    if mode:
        msg.edits.flags |= lib.KH_ED_USE_CONN
    else:
        msg.edits.flags &= ~lib.KH_ED_USE_CONN
    return 1
