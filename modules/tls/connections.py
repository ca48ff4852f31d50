"""Makes the connections of a receiver, and tells what becomes of them.

    make        a connection was accepted, or one of ours is established
    established event_route[tls:connection-out], for one of ours; `drop` closes it before anything is sent
    closed

What `tls.list` shows of a connection lives in a table that all processes share.
"""

from typing import Any

from ...cfg.compile.values import DROPPED
from ...core import log as levels
from ...core.log import logger
from ...core.msg.faked import FAKED
from ...core.net.transports import ConnectionFacts, TransportError
from ...core.script import script
from ...core.shtable import SharedTable, TableFull
from ...parser.msg import SipMsg
from ...parser.receive_info import ReceiveInfo
from .profiles import Ready, store
from .server_id import wanted
from .settings import settings
from .transport import TlsTransport
from .variables import description

log = logger(__name__)
EVENT = "tls:connection-out"
TEXT_MAX = 200  # bytes of a cipher's description


class State:
    """What all processes share; made before the fork."""

    known: SharedTable | None = None  # number of a connection -> description of its cipher


def share() -> None:
    """Main process, before the fork."""
    State.known = SharedTable("tls.connections", kept=False)


def make(facts: ConnectionFacts, fd: int) -> TlsTransport:
    """The factory of core.net.transports."""
    profiles = store.current
    ip, port = facts.peer[0].decode(), facts.peer[1]
    if facts.accepted:
        here = facts.local[0].decode(), facts.local[1]
        made = TlsTransport(facts, fd, lambda name: profiles.server(*here, name))
    else:
        server_id, name = wanted(facts)

        def choose(asked: str | None) -> Ready:
            return profiles.client(ip, port, server_id, asked)

        made = TlsTransport(facts, fd, choose, name or None)
    made.on_established, made.on_close = established, closed
    made.goodbye = bool(settings.send_close_notify)
    return made


def established(made: TlsTransport) -> None:
    """The handshake is done. TransportError when the event route drops the connection."""
    facts = made.facts
    text = description(made) or b""
    if State.known is not None:
        try:
            State.known.set(facts.number.to_bytes(4, "big"), text[:TEXT_MAX])
        except TableFull:
            log.debug("connection %d is not in tls.list: the table is full", facts.number)
    say("connection %d with %s:%d: %s", facts.number, facts.peer[0].decode(), facts.peer[1], text.decode())
    event = EVENT.encode()
    if facts.accepted or not script.has_route("event_route", event):
        return
    if script.run_route("event_route", event, _message(facts)) == DROPPED:
        raise TransportError("event_route[tls:connection-out] ended in drop")


def closed(made: TlsTransport) -> None:
    """It is over."""
    if State.known is not None:
        State.known.remove(made.facts.number.to_bytes(4, "big"))


def say(text: str, *args: Any) -> None:
    """A line about TLS, at the level that the parameter tls_log has for all of them."""
    if settings.log <= levels.state.level:
        log.log(min(settings.log, levels.DBG), text, *args)


def _message(facts: ConnectionFacts) -> SipMsg:
    """What the event route runs on: a request that seems to have come over the connection."""
    rcv = ReceiveInfo(*facts.peer, *facts.local, facts.proto, facts.socket, facts.number)
    return SipMsg.from_bytes(FAKED, rcv)
