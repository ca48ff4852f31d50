"""Script functions that ask about the transaction of the message in hand. True 1, false -1."""

from typing import Any

from ...cfg.argtypes import RouteType
from ...src.native import lib
from .cell import Branch, branches
from .t_failure import Current


def truth(value: object) -> int:
    """A script's boolean."""
    return 1 if value else -1


def current(msg: Any) -> Branch | None:
    """The branch that the running route is about: of the reply in hand, or the one that failed."""
    if msg.t is None:
        return None
    number = msg.branch_index if msg.branch_index >= 0 else Current.branch
    return msg.t.branch[number] if 0 <= number < msg.t.n_branches else None


def status_of(msg: Any) -> int:
    """The code: of the reply in hand, of the failure chosen, else the last one sent; 0 none."""
    if msg.status:
        return int(msg.status)
    if Current.branch >= 0:
        return Current.code
    return int(msg.t.uas_status) if msg.t is not None else 0


def t_check_status(msg: Any, pattern: Any) -> int:
    """Does the code match?"""
    return truth(pattern.search(b"%d" % status_of(msg)))


def t_get_status_code(msg: Any) -> int:
    """The code as return value; -1 when there is none."""
    return status_of(msg) or -1


def t_grep_status(msg: Any, code: int) -> int:
    """Did some branch end with this code?"""
    return truth(msg.t is not None and any(b.last_status == code for b in branches(msg.t)))


def t_is_canceled(msg: Any) -> int:
    """Did the caller send CANCEL?"""
    return truth(msg.t is not None and msg.t.flags & lib.KH_CELL_CANCELED)


def t_is_expired(msg: Any) -> int:
    """Is the lifetime over?"""
    return truth(msg.t is not None and msg.t.flags & lib.KH_CELL_EXPIRED)


def t_any_timeout(msg: Any) -> int:
    """Did some branch give no answer in time?"""
    return truth(msg.t is not None and any(b.flags & lib.KH_UAC_TIMEOUT for b in branches(msg.t)))


def t_any_replied(msg: Any) -> int:
    """Did some branch answer anything?"""
    return truth(msg.t is not None and any(b.flags & lib.KH_UAC_REPLIED for b in branches(msg.t)))


def t_branch_timeout(msg: Any) -> int:
    """Did this branch give no answer in time?"""
    branch = current(msg)
    return truth(branch is not None and branch.flags & lib.KH_UAC_TIMEOUT)


def t_branch_replied(msg: Any) -> int:
    """Did this branch answer anything?"""
    branch = current(msg)
    return truth(branch is not None and branch.flags & lib.KH_UAC_REPLIED)


def t_is_retr_async_reply(msg: Any) -> int:
    """Is this a repeat of a reply whose transaction is suspended?"""
    return truth(msg.t is not None and msg.t.flags & lib.KH_CELL_SUSPENDED and msg.status)


def t_drop_replies(msg: Any, mode: bytes = b"a") -> int:
    """failure_route: forget the replies gathered so far: a all, l those of the last leg, n none."""
    if msg.t is None or msg.route_type != RouteType.FAILURE:
        return -1
    first = {b"a": 0, b"l": msg.t.first_branch, b"n": msg.t.n_branches}.get(mode[:1], 0)
    for branch in branches(msg.t, first):
        branch.flags |= lib.KH_UAC_DROPPED
    return 1
