"""What the clock does to transactions; runs in the timer process (core/timer.py), every TICK_US.

Repeats and ends are dealt with in C (src/tm/tm_timer.c). What needs a decision comes here one by one, the cell locked
and held: a branch that gave no answer, a transaction older than its lifetime, one that a killed process left half
done.
"""

from typing import Any

from ...core.log import logger
from ...src.native import lib
from . import hooks, t_cancel, t_failure
from .cell import Cell, any_alive, branches

log = logger(__name__)
TICK_US = 40_000  # how often; T1 is 500 ms. A tick costs about 20 us, also when there is nothing to do
EVENTS_MAX = 500  # decisions in one run: the next run goes on, and what was sent leaves in between


def tick(_ticks: int = 0, _param: Any = None) -> int:
    """One run; how many decisions there were. Nothing here raises: an error concerns one transaction."""
    now = lib.kh_now_ms()
    count = 0
    while count < EVENTS_MAX and (event := lib.kh_tm_timer(now)):
        count += 1
        decide(event, lib.kh_tm_cell(), lib.kh_tm_branch())
    lib.kh_send_flush()
    return count


def decide(event: int, cell: Cell, branch: int) -> None:
    """One event; the cell is given back."""
    try:
        if event == lib.KH_TM_EV_TIMEOUT:
            no_answer(cell, branch)
        elif event == lib.KH_TM_EV_EXPIRED:
            expired(cell)
        elif event == lib.KH_TM_EV_REPAIR:
            t_failure.settle(cell)
        elif event == lib.KH_TM_EV_DELETE:
            hooks.run(cell, hooks.Tmcb.TRANS_DELETED)
            lib.kh_tm_delete(cell)
            return
    except Exception:
        log.exception("a timer of a transaction failed")
    lib.kh_cell_release(cell)


def no_answer(cell: Cell, number: int) -> None:
    """Timer B, C or F: 408 for this branch. One that rang is called back first (RFC 3261 §16.8)."""
    branch = cell.branch[number]
    branch.flags |= lib.KH_UAC_TIMEOUT
    if branch.flags & lib.KH_UAC_REPLIED and not branch.flags & lib.KH_UAC_CANCEL_SENT:
        t_cancel.cancel_branch(cell, number, t_cancel.completed_elsewhere(408))
    code = 487 if branch.flags & lib.KH_UAC_CANCEL_SENT and cell.flags & lib.KH_CELL_CANCELED else 408
    end(cell, number, code)


def end(cell: Cell, number: int, code: int) -> None:
    """The branch ends with a reply of our own."""
    if cell.flags & lib.KH_CELL_LOCAL:
        from . import local

        lib.kh_tm_end_branch(cell, number, code)
        local.no_reply(cell, number, code)
    else:
        t_failure.made_up(cell, number, code)


def expired(cell: Cell) -> None:
    """The lifetime is over: branches that still ring end here, and the caller is told if nobody did yet."""
    cell.on_failure = cell.on_branch_failure = 0
    for branch in branches(cell):
        if branch.last_status < 200:
            no_answer(cell, branch.idx)
    if cell.uas_status < 200 and not any_alive(cell) and not cell.flags & lib.KH_CELL_LOCAL:
        from .t_reply import answer_cell

        answer_cell(cell, 408, b"Request Timeout")
