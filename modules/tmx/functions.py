"""tmx's script functions: other transactions by Call-ID, branches from a reply route, where the script is."""

from typing import Any

from ...cfg.argtypes import RouteType
from ...core.log import logger
from ...core.msg import dset
from ...src.native import lib
from ..tm import suspend, t_cancel, t_reply
from ..tm.cell import Cell, branches, locked, released
from ..tm.t_failure import Current
from ..tm.t_fwd import branch_info

log = logger(__name__)
UINT_MAX = 0xFFFFFFFF


class Conf:
    """Parameters."""

    precheck_trans = 1


# branches and other transactions


def t_cancel_branches(msg: Any, which: bytes) -> int:
    """onreply_route: CANCEL `all` branches, the `others`, or `this`."""
    if msg.t is None or which not in (b"all", b"others", b"this"):
        return -1
    with locked(msg.t) as cell:
        for branch in branches(cell):
            mine = branch.idx == msg.branch_index
            if branch.last_status < 200 and (which == b"all" or mine == (which == b"this")):
                t_cancel.cancel_branch(cell, branch.idx, b"")
    return 1


def by_callid(callid: bytes, cseq: bytes) -> Cell | None:
    """The transaction, held; `cseq` may carry the method after the number."""
    number = cseq.split()[0] if cseq.strip() else b""
    cell = lib.kh_tm_by_callid(callid, len(callid), int(number)) if number.isdigit() else None
    return cell if cell else None


def t_cancel_callid(msg: Any, callid: bytes, cseq: bytes, flag: int, code: int = 0) -> int:
    """CANCEL the INVITE of this Call-ID and CSeq; message flag `flag` is set in it; `code` is the Reason's cause."""
    cell = by_callid(callid, cseq)
    if cell is None:
        return -1
    with released(cell), locked(cell):
        if 0 <= flag < 32:
            cell.script_flags |= 1 << flag
        t_cancel.cancel_invite(cell, b"Reason: SIP;cause=%d\r\n" % code if code else b"")
    return 1


def t_reply_callid(msg: Any, callid: bytes, cseq: bytes, code: int, reason: bytes) -> int:
    """Answer the transaction of this Call-ID and CSeq."""
    cell = by_callid(callid, cseq)
    if cell is None:
        return -1
    with released(cell), locked(cell):
        return 1 if t_reply.answer_cell(cell, code, reason) >= 0 else -1


def t_reuse_branch(msg: Any) -> int:
    """event_route[tm:branch-failure:...]: a new destination like the branch that failed; t_relay() then sends it."""
    if msg.t is None or Current.branch < 0:
        return -1
    uri, dst_uri, path, ruid, instance, q = branch_info(msg.t, Current.branch)
    if uri is None:
        return -1
    return 1 if dset.set_first_branch(msg, dset.Branch(uri, dst_uri, path, instance, ruid, None, q)) else -1


def t_flush_flags(msg: Any) -> int:
    """Copy the message's flags into its transaction."""
    if msg.t is None:
        return -1
    with locked(msg.t) as cell:
        cell.script_flags = msg.flags
    return 1


def t_flush_xflags(msg: Any) -> int:
    """The same for the extended flags: all variables of the script are stored."""
    from ..tm import state

    if msg.t is None:
        return -1
    with locked(msg.t) as cell:
        state.save(msg, cell)
    return 1


def t_drop(msg: Any, code: int = 500) -> int:
    """End the transaction without telling the caller; 0: the script stops."""
    if msg.t is None:
        return -1
    with locked(msg.t) as cell:
        t_cancel.cancel_branches(cell, b"")
        lib.kh_tm_finish(cell)
    return 0


# where the script is


def is_route(kind: int) -> Any:
    """A script function: does the innermost top-level block have this kind?"""

    def check(msg: Any) -> int:
        return 1 if msg.route_type & kind else -1

    return check


t_is_failure_route = is_route(RouteType.FAILURE)
t_is_branch_route = is_route(RouteType.BRANCH)
t_is_reply_route = is_route(RouteType.ONREPLY)
t_is_request_route = is_route(RouteType.REQUEST)


def t_precheck_trans(msg: Any) -> int:
    """True when this very request has a transaction that is being worked on elsewhere; nothing is sent."""
    if not Conf.precheck_trans or msg.t is not None:
        return -1
    if not lib.kh_tm_find(msg.c):
        return -1
    lib.kh_cell_release(lib.kh_tm_cell())
    return 1


# asynchronous


def t_suspend(msg: Any) -> int:
    """Park the transaction; $T(id_index) and $T(id_label) name it."""
    return suspend.t_suspend(msg)


def t_continue(msg: Any, index: bytes, label: bytes, route: bytes) -> int:
    """Resume a parked transaction in route[route]. Numbers come as text: a label may exceed the script's integers."""
    try:
        return suspend.t_continue(int(index) & UINT_MAX, int(label) & UINT_MAX, route)
    except ValueError:
        log.error("t_continue: %r %r name no transaction", index, label)
        return -1
