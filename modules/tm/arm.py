"""Script functions that arm routes and set timers and switches of one transaction, made or to come."""

from typing import Any

from ...core.log import logger
from ...core.script import script
from ...src.native import lib
from . import local
from .cell import locked
from .state import pending, route_id, save_edits

log = logger(__name__)
DISARM = (b"0", b"")
KINDS = {"on_failure": "failure_route", "on_reply": "onreply_route", "on_branch": "branch_route"}


def arm(msg: Any, what: str, name: bytes) -> int:
    """Set one of state.ROUTES; a route that does not exist is a warning only, as in Kamailio."""
    number = 0 if name in DISARM else route_id(name)
    if number and what in KINDS and not script.has_route(KINDS[what], name):
        log.warning("there is no %s[%s]", KINDS[what], name.decode("latin-1"))
    if msg.t is None:
        setattr(pending(msg), what, number)
        return 1
    with locked(msg.t) as cell:
        setattr(cell, what, number)
    return 1


def t_on_failure(msg: Any, name: bytes) -> int:
    """failure_route for the winning negative reply; "0" disarms."""
    return arm(msg, "on_failure", name)


def t_on_branch(msg: Any, name: bytes) -> int:
    """branch_route for each branch that the next relay makes."""
    return arm(msg, "on_branch", name)


def t_on_branch_failure(msg: Any, name: bytes) -> int:
    """event_route[tm:branch-failure:NAME] for each negative reply of a branch."""
    return arm(msg, "on_branch_failure", name)


def t_on_reply(msg: Any, name: bytes) -> int:
    """onreply_route for the replies of the transaction; from branch_route for those of that branch alone."""
    if msg.t is not None and msg.branch_index >= msg.t.n_branches:
        pending(msg).branch_reply = 0 if name in DISARM else route_id(name)
        return 1
    return arm(msg, "on_reply", name)


def t_is_set(msg: Any, target: bytes) -> int:
    """Is `branch_route`, `failure_route` or `onreply_route` armed?"""
    names = {b"branch_route": "on_branch", b"failure_route": "on_failure", b"onreply_route": "on_reply"}
    what = names.get(target)
    if what is None:
        log.error("t_is_set: %s is no kind of route", target.decode("latin-1"))
        return -1
    holder = msg.t if msg.t is not None else pending(msg)
    return 1 if getattr(holder, what) else -1


# timers, milliseconds; 0 leaves a value as it is


def t_set_fr(msg: Any, fr_inv: int, fr: int = 0) -> int:
    """Final-response timers; open branches start them anew."""
    if msg.t is None:
        wanted = pending(msg)
        wanted.fr_inv, wanted.fr = fr_inv or wanted.fr_inv, fr or wanted.fr
        return 1
    with locked(msg.t) as cell:
        cell.fr_inv_ms, cell.fr_ms = fr_inv or cell.fr_inv_ms, fr or cell.fr_ms
        lib.kh_tm_restart_fr(cell)
    return 1


def t_reset_fr(msg: Any) -> int:
    """Back to the parameters."""
    conf = lib.kh_tm_conf_get()
    return t_set_fr(msg, conf.fr_inv, conf.fr)


def t_set_retr(msg: Any, t1: int, t2: int) -> int:
    """First and longest retransmission interval, of branches to come."""
    if msg.t is None:
        wanted = pending(msg)
        wanted.t1, wanted.t2 = t1 or wanted.t1, t2 or wanted.t2
        return 1
    with locked(msg.t) as cell:
        cell.t1, cell.t2 = t1 or cell.t1, t2 or cell.t2
    return 1


def t_reset_retr(msg: Any) -> int:
    """Back to the parameters."""
    conf = lib.kh_tm_conf_get()
    return t_set_retr(msg, conf.t1, conf.t2)


def t_set_max_lifetime(msg: Any, inv: int, noninv: int) -> int:
    """How old the transaction may become."""
    if msg.t is None:
        wanted = pending(msg)
        wanted.life_inv, wanted.life_noninv = inv or wanted.life_inv, noninv or wanted.life_noninv
        return 1
    with locked(msg.t) as cell:
        life = inv if cell.flags & lib.KH_CELL_INVITE else noninv
        if life:
            cell.ends_at = cell.born + life
            lib.kh_tm_rearm(cell)
    return 1


def t_reset_max_lifetime(msg: Any) -> int:
    """Back to the parameters."""
    conf = lib.kh_tm_conf_get()
    return t_set_max_lifetime(msg, conf.max_inv, conf.max_noninv)


# switches


def switch(msg: Any, flag: int, on: int) -> int:
    """Set or clear a KH_CELL_ flag."""
    if msg.t is None:
        wanted = pending(msg)
        wanted.flags = wanted.flags | flag if on else wanted.flags & ~flag
        return 1
    with locked(msg.t) as cell:
        cell.flags = cell.flags | flag if on else cell.flags & ~flag
    return 1


def t_set_auto_inv_100(msg: Any, on: int) -> int:
    """The automatic 100 for this INVITE."""
    pending(msg).auto_100 = bool(on)
    return 1


def t_set_disable_6xx(msg: Any, on: int) -> int:
    """A 6xx is a negative reply like others."""
    return switch(msg, lib.KH_CELL_NO_6XX, on)


def t_set_disable_failover(msg: Any, on: int) -> int:
    """No DNS failover for this transaction."""
    return switch(msg, lib.KH_CELL_NO_FAILOVER, on)


def t_set_disable_internal_reply(msg: Any, on: int) -> int:
    """No reply of our own when relaying fails."""
    return switch(msg, lib.KH_CELL_NO_INT_REPLY, on)


def t_set_no_e2e_cancel_reason(msg: Any, on: int) -> int:
    """Do not pass on the Reason of a received CANCEL."""
    return switch(msg, lib.KH_CELL_NO_CANCEL_REASON, on)


# the rest


def t_save_lumps(msg: Any) -> int:
    """Freeze the edits made so far for branches made later; needs the transaction (t_newtran)."""
    if msg.t is None:
        log.error("t_save_lumps: there is no transaction")
        return -1
    with locked(msg.t) as cell:
        save_edits(msg, cell)
        cell.flags |= lib.KH_CELL_KEEP_REQ
    return 1


def t_use_uac_headers(msg: Any) -> int:
    """CANCEL and ACK of a hop are always built from the request as it was sent: nothing to switch."""
    return 1


def t_uac_send(msg: Any, method: bytes, ruri: bytes, nexthop: bytes, socket: bytes, headers: bytes, body: bytes) -> int:
    """Send a request of our own; `headers` must give From and To. 1, or -1 with the reason in the log."""
    try:
        lib.kh_cell_release(local.request(method, ruri, nexthop, socket, headers, body))
    except local.RequestError as error:
        log.error("t_uac_send: %s", error)
        return -1
    return 1


def t_clean(msg: Any) -> int:
    """Nothing to sweep: every transaction ends by its own timers."""
    return 1
