"""$T_...: facts of the transaction of the message in hand. Null where there is none."""

from collections.abc import Callable
from typing import Any

from ...core.pv import PvExport, parse_spec
from ...src.native import lib
from ..tm import ask, revive, state
from ..tm.cell import found, locked, released
from ..tm.t_failure import Current
from ..tm.t_fwd import branch_info


def branch_number(msg: Any) -> int:
    """Of the branch that the route is about; -1."""
    return msg.branch_index if msg.branch_index >= 0 else Current.branch


def branch_idx(msg: Any) -> int:
    """$T_branch_idx: of the branch in branch_route and onreply_route; how many there were in failure_route; else 0, -1
    for a reply of no transaction."""
    if msg.branch_index >= 0:
        return int(msg.branch_index)
    if Current.branch >= 0 and msg.t is not None:
        return int(msg.t.n_branches)
    return 0 if msg.is_request else -1


def reply_code(msg: Any) -> int:
    """$T_reply_code: of the reply in hand, of the failure chosen, else the last one sent; 0 none."""
    return ask.status_of(msg)


def reply_reason(msg: Any) -> bytes:
    """$T_reply_reason: empty when there is no reply."""
    if msg.is_reply:
        return msg.reason or b""
    if msg.t is None or Current.branch < 0:
        return b""
    with revive.reply_of(msg.t, Current.branch) as reply:
        if reply is not None:
            return reply.reason or b""
    return b"Request Timeout" if Current.code == 408 else b""


def reply_last(msg: Any) -> int | None:
    """$T_reply_last: code of the last reply of the branch."""
    branch = ask.current(msg)
    return None if branch is None else int(branch.last_status)


def reply_type(msg: Any) -> int | None:
    """$T(reply_type): 1 when the reply was made here."""
    branch = ask.current(msg)
    if branch is None:
        return None if msg.t is None else 0
    return int(bool(branch.flags & lib.KH_UAC_LOCAL))


def info(part: int) -> Callable[[Any], bytes | None]:
    """A getter of one fact kept of the branch."""

    def get(msg: Any) -> bytes | None:
        return None if msg.t is None else branch_info(msg.t, branch_number(msg))[part]

    return get


def branch_flags(msg: Any) -> int | None:
    """$T_branch(flags)."""
    branch = ask.current(msg)
    return None if branch is None else int(branch.bflags)


def ident(field: str, text: bool) -> Callable[[Any], int | bytes | None]:
    """A getter of the transaction's id."""

    def get(msg: Any) -> int | bytes | None:
        if msg.t is None:
            return None
        value = int(getattr(msg.t, field))
        return b"%d" % value if text else value

    return get


ruid = info(3)


def reply_ruid(msg: Any) -> bytes:
    """$T_reply_ruid: empty when there is none."""
    return ruid(msg) or b""


T = {
    "id_index": ident("hash", True), "id_label": ident("label", True), "id_index_n": ident("hash", False),
    "id_label_n": ident("label", False), "reply_code": reply_code, "reply_reason": reply_reason,
    "reply_last": reply_last, "reply_type": reply_type, "branch_index": branch_idx, "ruid": ruid,
}  # fmt: skip
T_BRANCH = {"flags": branch_flags, "uri": info(0), "ruid": ruid}


# another message's variables


def inner(text: bytes) -> Any:
    """The variable in the parentheses: `$T_req($fu)`."""
    return parse_spec(text)


def of_request(msg: Any, spec: Any) -> Any:
    """$T_req(pv): on the request of the transaction, as it was received."""
    if msg.is_request:
        return spec.get(msg)
    if msg.t is not None:
        return on_received(msg.t, spec)
    if not lib.kh_tm_lookup_reply(msg.c):  # reply_route runs before tm has looked
        return None
    cell = found()
    with released(cell):
        return on_received(cell, spec)


def on_received(held: Any, spec: Any) -> Any:
    """The variable on the request of a cell, without what the script has changed."""
    with locked(held) as cell, revive.request_of(cell) as request:
        if request is None:
            return None
        lib.kh_edits_reset(request.edits)
        state.load(request, cell)
        return spec.get(request)


def of_reply(msg: Any, spec: Any) -> Any:
    """$T_rpl(pv): on the reply that was chosen (failure_route), or the one in hand."""
    if msg.is_reply:
        return spec.get(msg)
    if msg.t is None or Current.branch < 0:
        return None
    with locked(msg.t) as cell, revive.reply_of(cell, Current.branch) as reply:
        return None if reply is None else spec.get(reply)


def of_invite(msg: Any, spec: Any) -> Any:
    """$T_inv(pv): of a CANCEL, on the INVITE that it is for."""
    if msg.method != lib.KH_M_CANCEL or not lib.kh_tm_lookup_cancel(msg.c):
        return None
    cell = found()
    with released(cell):
        return on_received(cell, spec)


VARIABLES = (
    PvExport("T_branch_idx", branch_idx),
    PvExport("T_reply_code", reply_code),
    PvExport("T_reply_reason", reply_reason),
    PvExport("T_reply_last", reply_last),
    PvExport("T_reply_ruid", reply_ruid),
    PvExport("T", choices=T),
    PvExport("T_branch", choices=T_BRANCH),
    PvExport("T_req", of_request, parse_name=inner),
    PvExport("T_rpl", of_reply, parse_name=inner),
    PvExport("T_inv", of_invite, parse_name=inner),
)
