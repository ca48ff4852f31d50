"""Parking a transaction and going on with it elsewhere: t_suspend, t_continue (tmx exports them to the script).

A parked transaction has a blind branch: one that went nowhere but counts as open, with fr_timer over it, so that a
transaction nobody resumes still ends, with 408 through failure_route.
"""

from typing import Any

from ...core.log import logger
from ...core.script import script
from ...src.native import lib
from . import revive, state, t_failure
from .cell import ABSORBED, ACKED, Cell, any_alive, branches, locked, released
from .t_fwd import auto_100
from .t_lookup import ensure

log = logger(__name__)


def t_suspend(msg: Any) -> int:
    """Park the message's transaction (made when missing); the script should end now. The caller of an INVITE is told to
    wait (100). 1; -1, also when it is answered; 0 when the request is a repeat (answered again)."""
    cell, verdict = ensure(msg)
    if cell is None:
        return 0 if verdict in (ABSORBED, ACKED) else -1
    try:
        if cell.uas_status >= 200:
            return -1
        auto_100(msg, cell)
        state.save(msg, cell)
        state.save_edits(msg, cell)
        cell.flags |= lib.KH_CELL_KEEP_REQ
        return 1 if lib.kh_tm_blind(cell) >= 0 else -1
    finally:
        lib.kh_cell_unlock(cell)


def t_continue(hash_index: int, label: int, route: bytes) -> int:
    """Resume it: run route[route] on its request. 1; -1 when it is gone, answered or was never parked."""
    cell = lib.kh_tm_by_ident(hash_index, label)
    if not cell:
        return -1
    with released(cell), locked(cell):
        if cell.uas_status >= 200 or not end_blind(cell):
            return -1
        with revive.request_of(cell) as msg:
            if msg is None:
                return -1
            state.load(msg, cell)
            script.run_route("route", route, msg)
            state.save(msg, cell)
            if cell.uas_status < 200 and not any_alive(cell):
                t_failure.all_final(cell)
    return 1


def end_blind(cell: Cell) -> bool:
    """The blind branches are no longer awaited; False when none was: it timed out, or was cancelled."""
    cell.flags &= ~lib.KH_CELL_SUSPENDED
    awaited = [branch for branch in branches(cell) if branch.flags & lib.KH_UAC_BLIND and branch.last_status < 200]
    for branch in awaited:
        lib.kh_tm_end_branch(cell, branch.idx, 500)
    return bool(awaited)


def t_cancel_suspend(hash_index: int, label: int) -> int:
    """Undo a t_suspend() in the same process, before the script ends."""
    cell = lib.kh_tm_by_ident(hash_index, label)
    if not cell:
        return -1
    with released(cell), locked(cell):
        end_blind(cell)
    return 1
