"""The end of a connection as an event route, in the receiver that owned it: `$conid`, `$si`, `$sp` tell which."""

from typing import Any

from ...core.log import logger
from ...core.msg.faked import faked_msg
from ...core.net.transports import ConnectionFacts
from ...core.script import script
from ...core.tcp.connection import closed_hooks
from ...parser.receive_info import ReceiveInfo, write_receive_info
from ...src.native import ffi, lib
from .settings import ALWAYS, NEVER, settings

log = logger(__name__)
CLOSED = "tcp:closed"
NAMES = {  # why it was closed -> the event; all others are tcp:closed
    lib.KH_WHY_PEER: CLOSED,
    lib.KH_WHY_IDLE: "tcp:timeout",
    lib.KH_WHY_RESET: "tcp:reset",
}


def init() -> None:
    """Main process, before the fork."""
    if settings.closed_event != NEVER and closed not in closed_hooks:
        closed_hooks.append(closed)


def event_of(why: int) -> str:
    """The event for a reason (enum kh_conn_why)."""
    if why in (lib.KH_WHY_DEADLINE, lib.KH_WHY_STALLED):
        return NAMES[lib.KH_WHY_IDLE]
    return NAMES.get(why, CLOSED)


def closed(facts: ConnectionFacts, why: int) -> None:
    """A connection of this process is gone."""
    if settings.closed_event != ALWAYS and not facts.tell:
        return
    name = event_of(why).encode()
    if not script.has_route("event_route", name):
        return
    script.run_route("event_route", name, message_of(facts))


def message_of(facts: ConnectionFacts) -> Any:
    """A request that nobody sent, as if received over that connection."""
    msg = faked_msg()
    (ip, port), (own_ip, own_port) = facts.peer, facts.local
    rcv = ReceiveInfo(ip, port, own_ip, own_port, facts.proto, facts.socket, facts.number)
    write_receive_info(ffi.addressof(msg.c, "rcv"), rcv)
    return msg
