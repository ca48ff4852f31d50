"""Relaying a request: `t_relay` and forking (RFC 3261 §16.6).

The usual case, one destination with a literal address and nothing armed, is one call of the kernel. The long way is
taken when a route or callback is armed, when there are branches, and for host names: each destination then gets a copy
of the edits of its own, branch_route runs on it, onsend_route may stop it.
"""

import pickle
from typing import Any

from ...cfg.compile.values import DROPPED
from ...core.log import logger
from ...core.msg import dset, forward, onsend, reply
from ...core.msg.lumps import edit_text
from ...core.msg.translate import build_req_buf_from_sip_req
from ...core.net.sip_resolve import Server
from ...core.net.transports import labelled, labels
from ...core.script import script
from ...src.native import ffi, lib
from . import failover, hooks, t_cancel
from .cell import ABSORBED, ACKED, E2E_ACK, NEW, Cell, any_alive
from .hooks import Tmcb
from .settings import settings
from .state import destination, pending, route_name, save, save_edits
from .t_lookup import e2e_ack, ensure

log = logger(__name__)
_relay, _cell, _unlock = lib.kh_tm_relay, lib.kh_tm_cell, lib.kh_cell_unlock
_METHOD = (1 << lib.KH_F_STATUS_SHIFT) - 1
_ACK, _CANCEL, _NULL = lib.KH_M_ACK, lib.KH_M_CANCEL, ffi.NULL

# Kamailio's codes of a relay that failed, and what the caller is told (RFC 3261 §16.9)
E_SEND, E_BAD_ADDRESS, E_CANCELED, E_BAD_SERVER, E_NO_BRANCH = -477, -478, -487, -500, -6
E_OUT_OF_MEM, E_NO_SOCKET = -2, -7
REASONS = {
    477: b"Unfortunately error on sending to next hop occurred (477/TM)",
    478: b"Unresolvable destination (478/TM)",
    500: b"I'm terribly sorry, server error occurred (6/TM)",
    503: b"Service Unavailable (503/TM)",
    513: b"Message too big (513/TM)",
}

_scratch = ffi.new("kh_edits *")  # the message's edits while a branch has its own
_dest = ffi.new("kh_dest *")


def t_relay(msg: Any, host: bytes | None = None, port: int = 0) -> int:
    """Forward statefully. 1; 0 when nothing is left to do (repeat, CANCEL, ACK of a hop); < 0 a Kamailio code."""
    if host is not None:
        return relay_to(msg, host, port, 0)
    method = msg.facts & _METHOD
    if method in (_ACK, _CANCEL):
        return relay_ack(msg) if method == _ACK else t_cancel.relay_cancel(msg)
    if "tm" in msg.cache or msg.t is not None or msg.flags or msg.avps or msg.xavps or msg.edits.n_branch:
        return relay_branches(msg)
    if hooks.wants_all() or onsend.route() or settings.fr_timer_avp or settings.fr_inv_timer_avp:
        return relay_branches(msg)
    verdict = _relay(_NULL, msg.c, msg.edits, settings.auto_inv_100)
    if verdict == NEW:
        msg.t = _cell()
        return 1
    return relay_rest(msg, verdict)


def relay_rest(msg: Any, verdict: int) -> int:
    """What the one call could not do: a repeat, a host name, no room, a destination that takes no connection."""
    if verdict in (ABSORBED, ACKED):
        return 0
    cell = _cell()
    if not cell:
        return failed(msg, verdict)
    msg.t = cell
    try:
        return failed(msg, E_SEND) if verdict == lib.KH_ESEND else forward_all(msg, cell)
    finally:
        _unlock(cell)


def relay_ack(msg: Any) -> int:
    """ACK: absorbed when it is for a negative reply of ours, else forwarded without state (§16.11)."""
    verdict = lib.kh_tm_lookup(msg.c)
    if verdict == ACKED:
        return 0
    if verdict == E2E_ACK:
        e2e_ack(msg)
    return forward.forward_request(msg)


def relay_to(msg: Any, host: bytes, port: int, proto: int) -> int:
    """t_relay(host, port) and the t_relay_to family: next hop set for this relay only."""
    before = edit_text(msg, lib.KH_EDP_DST_URI)
    shown = b"[" + host + b"]" if b":" in host and host[:1] != b"[" else host
    uri = b"sip:" + shown + (b":%d" % port if port else b"")
    lib.kh_text_set(msg.edits, lib.KH_EDP_DST_URI, uri, len(uri))
    try:
        return relay_by(msg, proto)
    finally:
        lib.kh_text_set(msg.edits, lib.KH_EDP_DST_URI, before or b"", len(before or b""))


def relay_by(msg: Any, proto: int) -> int:
    """t_relay() of all branches by one protocol, whatever their URIs say; 0: as they say."""
    before, msg.edits.proto = msg.edits.proto, proto
    try:
        return t_relay(msg)
    finally:
        msg.edits.proto = before


def relay_branches(msg: Any) -> int:
    """The long way."""
    cell, verdict = ensure(msg)
    if cell is None:
        return 0 if verdict in (ABSORBED, ACKED) else failed(msg, verdict)
    try:
        if cell.flags & lib.KH_CELL_CANCELED:
            return E_CANCELED
        auto_100(msg, cell)
        return forward_all(msg, cell)
    finally:
        _unlock(cell)


def auto_100(msg: Any, cell: Cell) -> None:
    """100 Trying to an INVITE, unless something was said already (RFC 3261 §17.2.1) or that is off. Lock held."""
    wanted = pending(msg).auto_100 if "tm" in msg.cache else None
    if wanted is None:
        wanted = bool(settings.auto_inv_100)
    if wanted and cell.flags & lib.KH_CELL_INVITE and cell.uas_status == 0:
        reason = settings.auto_inv_100_reason
        lib.kh_tm_reply(cell, msg.c, _NULL, 100, reason, len(reason), _NULL, 0)


def forward_all(msg: Any, cell: Cell) -> int:
    """All destinations of the message, each a branch. Lock held."""
    save(msg, cell)
    extra = dset.branches(msg)
    if msg.edits.n_branch:
        lib.kh_branch_clear(msg.edits)  # they are tried now: a failure_route starts without them
    again = cell.flags & lib.KH_CELL_IN_FAILURE  # each failure_route starts from the request as it was first relayed
    if not again and (cell.on_failure or cell.on_branch_failure or cell.cb_types):
        save_edits(msg, cell)
        cell.flags |= lib.KH_CELL_KEEP_REQ
    if onsend.sees_replies():
        cell.need |= lib.KH_NEED_REPLY
    first, error = cell.n_branches, E_NO_BRANCH
    sent = 0
    tried = again and msg.cache.get("tm.tried") == destination(msg)
    for branch in extra if tried else (None, *extra):
        rc = forward_one(msg, cell, branch)
        if rc >= 0:
            sent += 1
        else:
            error = rc
    save(msg, cell)  # branch_route may have changed something
    if not sent:
        return failed(msg, error)
    cell.on_branch = 0
    if settings.failure_reply_mode == 3:
        cell.first_branch = first  # a new leg: replies to the former ones no longer count
    return 1


def forward_one(msg: Any, cell: Cell, branch: dset.Branch | None) -> int:
    """One destination (None: the message's own): the branch's number, or a negative Kamailio code."""
    edits = msg.edits
    lib.kh_edits_copy(_scratch, edits)
    msg.branch_index = cell.n_branches
    forget_uri(msg)
    try:
        if branch is not None and not dset.set_first_branch(msg, branch):
            return E_BAD_SERVER
        if cell.on_branch and run_branch_route(msg, cell) == DROPPED:
            return E_NO_BRANCH
        return labelled(msg, send_branch, msg, cell) if labels and msg.xavps else send_branch(msg, cell)
    finally:
        lib.kh_edits_copy(edits, _scratch)
        msg.branch_index = -1
        forget_uri(msg)


def forget_uri(msg: Any) -> None:
    """Values cached for the message that hang on its edits."""
    for key in [key for key in msg.cache if isinstance(key, str) and key not in ("tm", "buf", "rcv")]:
        del msg.cache[key]


def run_branch_route(msg: Any, cell: Cell) -> int:
    """branch_route on the request in hand, with the edits of this branch."""
    return script.run_route("branch_route", route_name(cell.on_branch), msg)


def send_branch(msg: Any, cell: Cell) -> int:
    """Resolve and send with the edits that the branch has."""
    others: list[Server] | None = [] if failover.wanted() else None
    rc = forward.find_next_hop(msg, _dest, others)
    if rc >= 0:
        if onsend.route() is not None:
            forward.fit_length(msg, _dest)
            if onsend.keeps_back(msg, _dest, lambda: as_sent(msg, cell)):
                return E_SEND
        rc = lib.kh_tm_forward(cell, msg.c, msg.edits, _dest, _NULL, 0)
        if rc == lib.KH_ESEND and others:
            again = lambda: lib.kh_tm_forward(cell, msg.c, msg.edits, _dest, _NULL, 0)  # noqa: E731
            rc = forward.try_others(msg, _dest, others, again)
    if rc < 0:
        return code_of(rc)
    note_branch(msg, cell, rc, tuple(others or ()))
    hooks.run(cell, Tmcb.REQUEST_FWDED, msg, None, rc)
    return rc


def as_sent(msg: Any, cell: Cell) -> bytes:
    """The request of the branch that comes next, as it will leave."""
    text = ffi.new("char[]", lib.KH_TM_BRANCH_MAX)
    branch = ffi.unpack(text, lib.kh_tm_branch_text(text, cell, cell.n_branches))
    return build_req_buf_from_sip_req(msg, _dest, branch=branch)


def note_branch(msg: Any, cell: Cell, number: int, servers: failover.Servers) -> None:
    """What $T_branch(...), a later reuse of the branch and a failover want to know."""
    first = dset.first_branch(msg)
    uac = cell.branch[number]
    uac.bflags = first.flags
    if "tm" in msg.cache:
        uac.on_reply, msg.cache["tm"].branch_reply = msg.cache["tm"].branch_reply, 0
    info = pickle.dumps((first.uri, first.dst_uri, first.path, first.ruid, first.instance, first.q, servers), 5)
    lib.kh_uac_set_info(cell, number, info, len(info))


def branch_info(cell: Cell, number: int) -> tuple[Any, ...]:
    """(uri, dst_uri, path, ruid, instance, q) of a branch; six times None for one that took the short way."""
    info = cell.branch[number].info if 0 <= number < cell.n_branches else None
    if not info:
        return (None,) * 6
    return tuple(pickle.loads(ffi.unpack(info.data, info.len))[:6])


def code_of(rc: int) -> int:
    """Kamailio's code for an error of the kernel."""
    if rc in (lib.KH_EMALFORMED, lib.KH_ENOTFOUND):
        return E_BAD_ADDRESS
    if rc == lib.KH_ENOMEM:
        return E_OUT_OF_MEM
    return {lib.KH_ESEND: E_SEND, lib.KH_ENOSOCK: E_NO_SOCKET}.get(rc, E_BAD_SERVER)


def failed(msg: Any, rc: int) -> int:
    """Remember what the caller is to be told when the script says nothing: at its end (cell.after_request)."""
    known = (E_SEND, E_BAD_ADDRESS, E_NO_BRANCH, E_BAD_SERVER, E_OUT_OF_MEM, E_NO_SOCKET)
    code = rc if rc in known else code_of(rc)
    if code == E_OUT_OF_MEM:
        return out_of_memory(msg)
    status = -code if code <= -400 else 500
    msg.reply_error = (status, REASONS.get(status, REASONS[500]))
    if msg.t is not None and not any_alive(msg.t):
        pending(msg).error = status
    log.debug("a request cannot be relayed: %d", code)
    return -1 if code in (E_BAD_SERVER, E_SEND) else code


def out_of_memory(msg: Any) -> int:
    """There is nothing that a script could do now: the caller is told (503), and 0 ends the script. In a failure_route,
    or with branches on their way, the transaction goes on without the one that was refused: E_OUT_OF_MEM."""
    cell = msg.t
    if cell is None:
        reply.send_reply(msg, 503, REASONS[503])
        return 0
    if cell.flags & lib.KH_CELL_IN_FAILURE or any_alive(cell):
        return E_OUT_OF_MEM
    from .t_reply import reply_for_error

    reply_for_error(msg, cell, 503)
    return 0
