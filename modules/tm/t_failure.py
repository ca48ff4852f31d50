"""When a branch failed, and when all did (RFC 3261 §16.7 steps 4 to 8, §16.8).

A negative final of a branch comes from the network, from a timer or from a CANCEL; it ends in `branch_final`. With the
last one `all_final` chooses the best, gives failure_route its chance to try elsewhere, and tells the caller. It may run
in any process: whatever it needs is in the cell.
"""

from typing import Any

from ...core.log import logger
from ...core.script import script
from ...src.native import lib
from . import choice, failover, hooks, local, revive, state, t_cancel
from .cell import Branch, Cell, any_alive, branches
from .hooks import Tmcb
from .settings import settings

log = logger(__name__)
TEXTS = {408: b"Request Timeout", 487: b"Request Terminated", 500: b"Server Internal Error"}
AUTH_HEADERS = (
    (lib.KH_HDR_WWW_AUTHENTICATE, b"WWW-Authenticate: "),
    (lib.KH_HDR_PROXY_AUTHENTICATE, b"Proxy-Authenticate: "),
)


class Current:
    """What a failure or branch-failure route is about, for PVs and functions like t_branch_timeout(); -1: none runs."""

    branch = -1
    code = 0


def made_up(cell: Cell, number: int, code: int) -> None:
    """The branch ends with a final reply of our own making (408 of silence, 487 of a CANCEL). Lock held."""
    lib.kh_tm_end_branch(cell, number, code)
    branch_final(cell, number)


def branch_final(cell: Cell, number: int) -> None:
    """A branch got its negative final reply. Lock held."""
    if failover.next_server(cell, number):
        return
    branch = cell.branch[number]
    if cell.on_branch_failure and not cell.flags & lib.KH_CELL_CANCELED:
        run_branch_failure(cell, number)
    if branch.last_status >= 600 and not settings.disable_6xx_block and not cell.flags & lib.KH_CELL_NO_6XX:
        t_cancel.cancel_branches(cell, t_cancel.completed_elsewhere(branch.last_status), spare=number)
    if cell.uas_status < 200 and not any_alive(cell):
        all_final(cell)


def counted(cell: Cell) -> list[tuple[int, int, bool]]:
    """(branch, status, made here) of the failures to choose among: those of this round that were not dropped. Of the
    branches of suspensions only one that waited too long is a failure."""
    first = 0 if settings.failure_reply_mode == 0 else cell.first_branch
    chosen = []
    for branch in branches(cell, first):
        resumed = branch.flags & lib.KH_UAC_BLIND and not branch.flags & lib.KH_UAC_TIMEOUT
        if branch.last_status >= 300 and not branch.flags & lib.KH_UAC_DROPPED and not resumed:
            chosen.append((branch.idx, branch.last_status, not branch.rpl))
    return chosen


def pick(cell: Cell) -> int:
    """The branch whose failure is the best to pass on; -1: none."""
    six = not settings.disable_6xx_block and not cell.flags & lib.KH_CELL_NO_6XX
    return choice.choose(counted(cell), six, settings.faked_reply_prio)


def all_final(cell: Cell) -> None:
    """No branch is left: failure_route, then the best reply, unless it found a new way. Lock held."""
    picked = pick(cell)
    if picked >= 0:
        cell.branch[picked].flags |= lib.KH_UAC_PICKED
        code = cell.branch[picked].last_status
        if run_failure(cell, picked, code):
            return
        picked = pick(cell)  # t_drop_replies() may have changed it
    pass_best(cell, picked)


def run_failure(cell: Cell, picked: int, code: int) -> bool:
    """Callbacks and failure_route; True when there is nothing more to tell: answered, or new branches are out."""
    route = cell.failing = cell.on_failure
    cell.on_failure = cell.on_branch_failure = 0
    if not route and not cell.cb_types & (Tmcb.ON_FAILURE | Tmcb.ON_FAILURE_RO):
        return False
    with revive.request_of(cell) as msg:
        if msg is None:
            return False
        state.load(msg, cell)
        msg.edits.bflags = cell.branch[picked].bflags
        before, Current.branch, Current.code = (Current.branch, Current.code), picked, code
        cell.flags |= lib.KH_CELL_IN_FAILURE
        try:
            run_failure_callbacks(cell, picked, msg)
            if route:
                msg.cache["tm.tried"] = state.destination(msg)
                script.run_route("failure_route", state.route_name(route), msg)
            state.save(msg, cell)  # not the edits: they were for the branches made here
        finally:
            cell.flags &= ~lib.KH_CELL_IN_FAILURE
            cell.failing = 0
            Current.branch, Current.code = before
    return cell.uas_status >= 200 or any_alive(cell)


def run_failure_callbacks(cell: Cell, picked: int, msg: Any) -> None:
    """With the reply that was chosen, if it is not one made here."""
    types = Tmcb.ON_FAILURE | Tmcb.ON_FAILURE_RO
    if not cell.cb_types & types:
        return
    code = cell.branch[picked].last_status
    with revive.reply_of(cell, picked) as reply:
        for kind in (Tmcb.ON_FAILURE_RO, Tmcb.ON_FAILURE):
            hooks.run(cell, kind, msg, reply, code, picked)


def run_branch_failure(cell: Cell, number: int) -> None:
    """event_route[tm:branch-failure:NAME] for one failed branch; it may add branches."""
    name = b"tm:branch-failure:" + state.route_name(cell.on_branch_failure)
    with revive.request_of(cell) as msg:
        if msg is None or not script.has_route("event_route", name):
            return
        state.load(msg, cell)
        before, Current.branch, Current.code = (Current.branch, Current.code), number, cell.branch[number].last_status
        try:
            msg.branch_index = number
            script.run_route("event_route", name, msg)
            state.save(msg, cell)
        finally:
            Current.branch, Current.code = before


def pass_best(cell: Cell, picked: int) -> None:
    """The chosen failure goes to the caller; -1 when no branch has one."""
    from .t_reply import answer_cell, pass_on

    if cell.uas_status >= 200:
        return
    if picked < 0:
        canceled = cell.flags & lib.KH_CELL_CANCELED
        answer_cell(cell, 487 if canceled else 500, b"Request canceled" if canceled else TEXTS[500])
        return
    branch = cell.branch[picked]
    status = branch.last_status
    if status == 503 and settings.remap_503_500:  # §16.7 step 6: our caller must not think that we are overloaded
        answer_cell(cell, 500, TEXTS[500], branch=picked)
        return
    with revive.reply_of(cell, picked) as msg:
        if msg is None:
            answer_cell(cell, status, TEXTS.get(status, b"Request Failed"), branch=picked)
            return
        if status in choice.CHALLENGES and settings.aggregate_challenges:
            add_challenges(msg, cell, picked)
        pass_on(msg, cell, picked)


def add_challenges(msg: Any, cell: Cell, picked: int) -> None:
    """The challenges of the other branches join the chosen one (§16.7 step 7)."""
    for number in choice.to_aggregate(picked, counted(cell)):
        with revive.reply_of(cell, number) as other:
            if other is None:
                continue
            for kind, name in AUTH_HEADERS:
                for value in other.headers(kind):
                    line = name + value + b"\r\n"
                    lib.kh_append_hf(msg.edits, msg.c, line, len(line))


def settle(cell: Cell) -> None:
    """A process died inside this cell: do what its state says is due. Lock held; doing it twice does no harm."""
    if cell.uas_status >= 200:
        t_cancel.cancel_branches(cell, t_cancel.completed_elsewhere(cell.uas_status))
        return
    for branch in branches(cell):
        if lost(branch):
            lib.kh_tm_restart_branch(cell, branch.idx)
    if cell.flags & lib.KH_CELL_LOCAL:
        local.settle(cell)
        return
    resume_failure(cell)
    if cell.flags & lib.KH_CELL_CANCELED:
        t_cancel.cancel_invite(cell, b"")
    elif cell.n_branches and not any_alive(cell):
        all_final(cell)
    elif not cell.n_branches and lib.kh_proc_gone(cell.creator):
        pass_best(cell, -1)  # it had told the caller to wait, and there is nobody to go on


def resume_failure(cell: Cell) -> None:
    """The dead one was in a failure_route: it is run again, unless a branch that it made is on its way already."""
    route, cell.failing = cell.failing, 0
    cell.flags &= ~lib.KH_CELL_IN_FAILURE
    if route and not any_alive(cell):
        cell.on_failure = route


def lost(branch: Branch) -> bool:
    """A final reply came, and nothing of it is left."""
    return branch.last_status >= 200 and not branch.rpl and not branch.flags & lib.KH_UAC_LOCAL
