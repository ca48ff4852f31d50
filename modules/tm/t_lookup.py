"""Does a message belong to a transaction, and the making of one (RFC 3261 §17.2.3).

The kernel part finds, absorbs repeats and ACKs, and says what it did; the script's answer is decided here.
"""

from typing import Any

from ...core.log import logger
from ...src.native import lib
from . import hooks
from .cell import ABSORBED, ACKED, E2E_ACK, NEW, NONE, Cell, found, locked, released
from .state import apply_pending, load

log = logger(__name__)
_lookup, _reply_in = lib.kh_tm_lookup, lib.kh_tm_reply_in
_cell, _release = lib.kh_tm_cell, lib.kh_cell_release
_REQUEST, _ACK, _CANCEL, _METHOD = lib.KH_F_REQUEST, lib.KH_M_ACK, lib.KH_M_CANCEL, (1 << lib.KH_F_STATUS_SHIFT) - 1
TRUE, FALSE, STOP = 1, -1, 0


def t_check_trans(msg: Any) -> int:
    """True when the message belongs to a transaction; a repeat (answered again) and a hop's ACK end the script."""
    if msg.t is not None:
        return TRUE
    facts = msg.facts
    if not facts & _REQUEST:
        return check_reply(msg)
    if facts & _METHOD == _CANCEL:
        return t_lookup_cancel(msg)
    verdict = _lookup(msg.c)
    if verdict == NONE:
        return FALSE
    if verdict == E2E_ACK:
        e2e_ack(msg)
        return TRUE
    return STOP if verdict in (ABSORBED, ACKED) else FALSE


def check_reply(msg: Any) -> int:
    """Core reply_route: is there a transaction for this reply? Changes nothing."""
    branch = msg.via1_branch or b""
    try:
        ident = int(branch[7:11], 16), int(branch[12:20], 16)
    except ValueError:
        return FALSE
    cell = lib.kh_tm_by_ident(*ident)
    if not cell:
        return FALSE
    lib.kh_cell_release(cell)
    return TRUE


def e2e_ack(msg: Any) -> None:
    """The ACK to a 2xx passes: who asked for it is told. The INVITE's cell is held."""
    cell = _cell()
    if not cell:
        return
    try:  # not `released`: each call has such an ACK, and a context manager costs 1 us
        if cell.need & lib.KH_NEED_ACK:
            with locked(cell):
                hooks.run(cell, hooks.Tmcb.E2EACK_IN, msg, None, 0)
    finally:
        _release(cell)


def t_lookup_request(msg: Any) -> int:
    """True when a transaction of this request exists, which it then belongs to; a repeat is not answered by this."""
    if msg.t is not None:
        return TRUE
    if not msg.facts & _REQUEST or not lib.kh_tm_find(msg.c):
        return FALSE
    msg.t = _cell()
    msg.cache["tm.saved"] = None  # variables of a repeat are not those of its transaction
    return TRUE


def t_lookup_cancel(msg: Any, copy_flags: int = 0) -> int:
    """CANCEL: true when its INVITE's transaction exists; with 1 the INVITE's flags come over."""
    if not lib.kh_tm_lookup_cancel(msg.c):
        return FALSE
    with released(found()) as cell:
        if copy_flags:
            msg.flags = cell.script_flags
    return TRUE


def t_newtran(msg: Any) -> int:
    """Make the transaction: 1; 0 when the request is a repeat (answered again); -1."""
    if msg.t is not None:
        log.debug("t_newtran: the transaction exists already")
        return FALSE
    verdict = create(msg)
    if verdict == NEW:
        lib.kh_cell_unlock(msg.t)
        return TRUE
    return STOP if verdict in (ABSORBED, ACKED) else FALSE


def create(msg: Any) -> int:
    """Make the cell and give it what the script armed; NEW: msg.t is it, locked and held. Else a verdict or KH_E*."""
    verdict: int = lib.kh_tm_new(msg.c, msg.edits)
    if verdict == NEW:
        cell = msg.t = lib.kh_tm_cell()
        apply_pending(msg, cell)
        cell.script_flags = msg.flags
        if hooks.wanted(msg.flags) or "tm" in msg.cache:
            hooks.created(cell, msg)
    elif verdict < 0:
        log.debug("a transaction cannot be made: %d", verdict)
    return verdict


def ensure(msg: Any) -> tuple[Cell | None, int]:
    """The message's cell, made if there is none; locked. (None, verdict) when that is not possible."""
    if msg.t is not None:
        lib.kh_cell_lock(msg.t)
        return msg.t, NEW
    verdict = create(msg)
    return (msg.t, NEW) if verdict == NEW else (None, verdict)


def inherit(msg: Any, cell: Cell) -> None:
    """A reply of the transaction starts from the flags and variables of its request. Lock held."""
    load(msg, cell)
