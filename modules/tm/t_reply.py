"""Replies: those of the called parties, and those made here (RFC 3261 §16.7).

`reply_received` is tm's response hook. The kernel part matches, steps the branch's machine and, when nothing is armed
and there is one branch, relays; what comes back as KH_TM_PYTHON is decided here with the cell locked. A negative final
of a branch goes on in t_failure.
"""

from typing import Any

from ...cfg.compile.values import DROPPED
from ...core.log import logger
from ...core.msg import onsend
from ...core.msg.reply import add_contacts
from ...core.script import script
from ...src.native import ffi, lib
from . import hooks, local, revive, state, t_cancel, t_failure
from .cell import NONE, PYTHON, Cell, locked
from .hooks import Tmcb
from .settings import settings
from .t_fwd import REASONS
from .t_lookup import ensure

log = logger(__name__)
_reply_in, _cell, _release, _branch = lib.kh_tm_reply_in, lib.kh_tm_cell, lib.kh_cell_release, lib.kh_tm_branch
_NULL = ffi.NULL
_dest = ffi.new("kh_dest *")


def reply_received(msg: Any) -> int:
    """Response hook: 0 the reply is dealt with, 1 it belongs to no transaction."""
    verdict = _reply_in(msg.c, msg.edits)
    if verdict == PYTHON:
        cell = _cell()
        try:
            on_reply(msg, cell, _branch())
        finally:
            msg.t = None
            _release(cell)
        return 0
    return stray(msg) if verdict == NONE else 0


def stray(msg: Any) -> int:
    """A reply of no transaction: `on_sl_reply` may stop it with drop."""
    name = settings.on_sl_reply
    if name and script.run_route("onreply_route", name, msg) in (0, DROPPED):
        return 0
    return 1


def on_reply(msg: Any, cell: Cell, number: int) -> None:
    """Routes and callbacks of a reply, then what it means. Lock held."""
    msg.t, msg.branch_index = cell, number
    status = msg.status
    state.load(msg, cell)
    dropped = run_onreply(msg, cell, number)
    hooks.run(cell, Tmcb.RESPONSE_IN, None, msg, status)
    if cell.flags & lib.KH_CELL_LOCAL:
        local.reply(msg, cell, number)
    elif cell.flags & lib.KH_CELL_REPLICATED:
        if status >= 200:
            lib.kh_tm_wait(cell)
    elif status < 200:
        if not dropped:
            provisional(msg, cell, number)
    elif status < 300:
        success(msg, cell, number)
    else:
        lib.kh_tm_keep_reply(cell, number, msg.c)
        t_failure.branch_final(cell, number)


def run_onreply(msg: Any, cell: Cell, number: int) -> bool:
    """onreply_route of the branch, else of the transaction; True when it dropped the reply (only a 1xx heeds that)."""
    route = cell.branch[number].on_reply or cell.on_reply
    if not route:
        return False
    msg.edits.bflags = cell.branch[number].bflags
    code = script.run_route("onreply_route", state.route_name(route), msg)
    cell.branch[number].bflags = msg.edits.bflags
    state.save(msg, cell)
    return code == DROPPED


def provisional(msg: Any, cell: Cell, number: int) -> None:
    """1xx: passed on, except 100 (§16.7 step 5), and never after a final."""
    if (msg.status > 100 or settings.relay_100) and cell.uas_status < 200:
        pass_on(msg, cell, number)


def success(msg: Any, cell: Cell, number: int) -> None:
    """2xx: passed on at once, always for INVITE; the other branches are cancelled (§16.7 steps 5 and 10)."""
    first = cell.uas_status < 200
    if first or cell.flags & lib.KH_CELL_INVITE:
        pass_on(msg, cell, number)
    if first:
        t_cancel.cancel_branches(cell, t_cancel.completed_elsewhere(msg.status), spare=number)


def pass_on(msg: Any, cell: Cell, number: int) -> int:
    """The reply goes to the caller with the script's edits, unless onsend_route drops it. Bytes or KH_E*."""
    if onsend.sees_replies() and kept_back(msg, cell):
        return lib.kh_tm_finish(cell) if msg.status >= 200 else lib.KH_EBUSY
    hooks.run(cell, Tmcb.RESPONSE_FWDED, None, msg, msg.status)
    rc: int = lib.kh_tm_relay_reply(cell, number, msg.c, msg.edits)
    if rc > 0:
        hooks.run(cell, Tmcb.RESPONSE_OUT, None, msg, msg.status, number)
    return rc


def kept_back(msg: Any, cell: Cell) -> bool:
    """Ask onsend_route about a reply to the caller."""
    _dest[0] = cell.reply_to
    return onsend.keeps_back_reply(msg, _dest)


# replies made here


def t_reply(msg: Any, code: int, reason: bytes) -> int:
    """Answer the transaction of the request in hand; 1, or -1: there is none, or it has its final reply."""
    if msg.t is None:
        log.error("t_reply: there is no transaction; call t_newtran() before, or use sl_send_reply()")
        return -1
    if not 100 <= code <= 699:
        code, reason = settings.default_code, settings.default_reason
    with locked(msg.t) as cell:
        return 1 if answer(msg, cell, code, reason) >= 0 else -1


def t_send_reply(msg: Any, code: int, reason: bytes) -> int:
    """t_newtran() where needed, then t_reply()."""
    if msg.t is None:
        cell, _ = ensure(msg)
        if cell is None:
            return -1
        lib.kh_cell_unlock(cell)
    return t_reply(msg, code, reason)


def answer(msg: Any, cell: Cell, code: int, reason: bytes, extra: bytes = b"", branch: int = -1) -> int:
    """A reply made here, on the request `msg`, for a branch that has none (-1: for none of them); a final one ends what
    still rings. Lock held. Bytes, KH_E*."""
    if 300 <= code < 400:
        add_contacts(msg)
    text = ffi.from_buffer(extra) if extra else _NULL
    rc: int = lib.kh_tm_reply(cell, msg.c, msg.edits, code, reason, len(reason), text, len(extra))
    if rc < 0:
        log.debug("a %d cannot be sent: %d", code, rc)
        return rc
    hooks.run(cell, Tmcb.RESPONSE_OUT, msg, None, code, branch)
    if code >= 200:
        t_cancel.cancel_branches(cell, t_cancel.completed_elsewhere(code))
    if code >= 200 or settings.pass_provisional_replies:
        local_response(msg)
    return rc


def local_response(msg: Any) -> None:
    """event_route[tm:local-response], after a reply of our own was sent."""
    if script.has_route("event_route", b"tm:local-response"):
        script.run_route("event_route", b"tm:local-response", msg)


def answer_cell(cell: Cell, code: int, reason: bytes, extra: bytes = b"", branch: int = -1) -> int:
    """The same when the request is not at hand (timer, RPC): it is revived. Lock held."""
    with revive.request_of(cell) as msg:
        if msg is None:
            return int(lib.kh_tm_finish(cell))
        state.load(msg, cell)
        return answer(msg, cell, code, reason, extra, branch)


def reply_for_error(msg: Any, cell: Cell, status: int) -> None:
    """The script ended without an answer after a relay that failed."""
    with locked(cell):
        if cell.uas_status < 200 and not cell.flags & lib.KH_CELL_NO_INT_REPLY:
            answer(msg, cell, status, REASONS.get(status, REASONS[500]))


def t_retransmit_reply(msg: Any) -> int:
    """Send the last reply again; -1 when there is none."""
    if msg.t is None:
        return -1
    with locked(msg.t) as cell:
        return 1 if lib.kh_tm_retransmit(cell) >= 0 else -1


def t_release(msg: Any) -> int:
    """Done with it: no more branches and replies are to come, so it goes to the wait timer."""
    if msg.t is None:
        return -1
    with locked(msg.t) as cell:
        lib.kh_tm_wait(cell)
    return 1
