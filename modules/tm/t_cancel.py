"""CANCEL (RFC 3261 §9, §16.10): of a caller, and of branches that lost.

A caller's CANCEL is a transaction of its own: answered 200 at once, while the branches of its INVITE are called back;
their 487s (or whatever they answer) then end the INVITE as any failure does.
"""

from typing import Any

from ...core.log import logger
from ...core.msg import forward
from ...src.native import ffi, lib
from . import hooks
from .cell import ABSORBED, NEW, Cell, any_alive, branches, found, locked, released
from .settings import settings

log = logger(__name__)
_NULL = ffi.NULL
CANCELING = b"canceling"
REASON_MAX = 400  # bytes of Reason headers that are passed on: the branch keeps them until it may be cancelled


def relay_cancel(msg: Any) -> int:
    """t_relay() of a CANCEL: 0 when its INVITE is being called back, else as a relay of an unknown request."""
    if not lib.kh_tm_lookup_cancel(msg.c):
        return unmatched(msg)
    with released(found()) as invite:
        verdict = lib.kh_tm_new(msg.c, msg.edits)
        if verdict != NEW:
            return 0 if verdict == ABSORBED else -1
        cell = lib.kh_tm_cell()
        with released(cell):
            if hooks.wanted(msg.flags):
                msg.t = cell
                hooks.created(cell, msg)
                msg.t = None
            with locked(invite):  # before the caller is told: should this process die, the INVITE knows all the same
                mark_canceled(invite)
            lib.kh_tm_reply(cell, msg.c, msg.edits, 200, CANCELING, len(CANCELING), _NULL, 0)
            hooks.run(cell, hooks.Tmcb.RESPONSE_OUT, msg, None, 200)
            lib.kh_cell_unlock(cell)
        with locked(invite):
            cancel_invite(invite, reason_of(msg, invite))
    return 0


def unmatched(msg: Any) -> int:
    """No INVITE of ours: `unmatched_cancel` says forward with state, without, or drop."""
    if settings.unmatched_cancel == 2:
        return 0
    if settings.unmatched_cancel == 1:
        return forward.forward_request(msg)
    from .t_fwd import relay_branches

    return relay_branches(msg)


def t_relay_cancel(msg: Any) -> int:
    """CANCEL: forward at once if its INVITE is known (0: done), true when it is not; other requests: true."""
    if msg.method != lib.KH_M_CANCEL:
        return 1
    if not lib.kh_tm_lookup_cancel(msg.c):
        return 1
    lib.kh_cell_release(found())
    return relay_cancel(msg)


def mark_canceled(cell: Cell) -> bool:
    """The caller gave up; False when it has its final reply already. Lock held."""
    if cell.uas_status >= 200:
        return False
    cell.flags |= lib.KH_CELL_CANCELED
    return True


def cancel_invite(cell: Cell, extra: bytes) -> None:
    """The caller gave up: no new branches, call back those that ring. Lock held."""
    if not mark_canceled(cell):
        return
    cancel_branches(cell, extra)
    if cell.n_branches and not any_alive(cell):
        from .t_failure import all_final

        all_final(cell)
    elif not cell.n_branches:
        from .t_reply import answer_cell

        answer_cell(cell, 487, b"Request canceled")


def cancel_branches(cell: Cell, extra: bytes, spare: int = -1) -> int:
    """CANCEL every branch that has no final reply, but number `spare`; how many. Lock held."""
    if cell.n_branches <= 1 and spare >= 0:
        return 0
    count = 0
    for branch in branches(cell):
        if branch.idx != spare and branch.last_status < 200:
            cancel_branch(cell, branch.idx, extra)
            count += 1
    return count


def cancel_branch(cell: Cell, number: int, extra: bytes) -> None:
    """One branch: CANCEL now or after its first provisional; with `cancel_b_method` 0 a silent one ends with 487."""
    branch = cell.branch[number]
    if not cell.flags & lib.KH_CELL_INVITE:  # §9.1: only INVITE is cancelled; others are let run
        return
    if branch.flags & lib.KH_UAC_BLIND:
        lib.kh_tm_end_branch(cell, number, 487)
        return
    text = ffi.from_buffer(extra) if extra else _NULL
    if lib.kh_tm_cancel(cell, number, text, len(extra)) == 2:
        lib.kh_tm_end_branch(cell, number, 487)


def completed_elsewhere(status: int) -> bytes:
    """Reason (RFC 3326) of our own CANCELs."""
    if not settings.local_cancel_reason:
        return b""
    if 200 <= status < 300:
        return b'Reason: SIP;cause=200;text="Call completed elsewhere"\r\n'
    return b"Reason: SIP;cause=%d\r\n" % status


def reason_of(msg: Any, cell: Cell) -> bytes:
    """The Reason headers of a received CANCEL, as lines."""
    if not settings.e2e_cancel_reason or cell.flags & lib.KH_CELL_NO_CANCEL_REASON:
        return b""
    lines = b"".join(b"Reason: " + value + b"\r\n" for value in msg.headers(lib.KH_HDR_REASON))
    return lines if len(lines) <= REASON_MAX else b""
