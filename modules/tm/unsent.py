"""Requests that were handed to a connection and never left: it was refused, not established in time, or lost.

Where the system refuses at once, t_relay() fails. This is what comes later, in the receiver that owns the connection:
the branch ends, so that another server, failure_route or the caller need not wait for its timer (RFC 3261 §16.9).
"""

from ...core.log import logger
from ...core.tcp.connection import unsent_hooks
from ...src.native import lib
from . import revive, timers
from .cell import found, locked, released

log = logger(__name__)
UNAVAILABLE, TIMEOUT = 503, 408
OTHERS = lib.KH_M_ACK | lib.KH_M_CANCEL  # nobody waits for what answers them


def register() -> None:
    """Main process, before the fork."""
    if request_unsent not in unsent_hooks:
        unsent_hooks.append(request_unsent)


def request_unsent(data: bytes, why: int) -> None:
    """A message that did not leave. If it is the request of a branch, that ends with 503; with 408, as by its timer,
    where the peer was silent: scripts that ask for 408 mean a phone that is gone."""
    with revive.parsed(data) as msg:
        if msg is None or not msg.facts & lib.KH_F_REQUEST or msg.method & OTHERS:
            return
        if not lib.kh_tm_lookup_reply(msg.c):  # by our own Via, which is on top
            return
        number = lib.kh_tm_branch()
        with released(found()) as cell, locked(cell):
            branch = cell.branch[number] if 0 <= number < cell.n_branches else None
            if branch is None or branch.last_status or cell.cseq_num != msg.c.cseq_num or cell.method != msg.method:
                return
            branch.flags |= lib.KH_UAC_TIMEOUT
            log.debug("a request could not be sent: branch %d of a transaction ends", number)
            timers.end(cell, number, TIMEOUT if why == lib.KH_WHY_DEADLINE else UNAVAILABLE)
