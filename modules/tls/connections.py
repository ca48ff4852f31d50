"""Makes the connections of a receiver, and tells what becomes of them.

    make        a connection was accepted, or one of ours is established
    established event_route[tls:connection-out], for one of ours; `drop` closes it before anything is sent

What `tls.list` shows of a connection stands in the table of all connections, which all processes share.
"""

from typing import Any

from ...cfg.compile.values import DROPPED
from ...core import log as levels
from ...core.log import logger
from ...core.msg.faked import FAKED
from ...core.net.transports import ConnectionFacts, TransportError
from ...core.script import script
from ...parser.msg import SipMsg
from ...parser.receive_info import ReceiveInfo
from ...src.native import lib
from .profiles import Ready, store
from .server_id import wanted
from .settings import settings
from .transport import TlsTransport
from .variables import description

log = logger(__name__)
EVENT = "tls:connection-out"


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
    made.on_established = established
    made.goodbye = bool(settings.send_close_notify)
    return made


def established(made: TlsTransport) -> None:
    """The handshake is done. TransportError when the event route drops the connection."""
    facts = made.facts
    text = description(made) or b""
    lib.kh_conn_describe(facts.number, text, min(len(text), lib.KH_CONN_LABEL))
    say("connection %d with %s:%d: %s", facts.number, facts.peer[0].decode(), facts.peer[1], text.decode())
    event = EVENT.encode()
    if facts.accepted or not script.has_route("event_route", event):
        return
    if script.run_route("event_route", event, _message(facts)) == DROPPED:
        raise TransportError("event_route[tls:connection-out] ended in drop")


def say(text: str, *args: Any) -> None:
    """A line about TLS, at the level that the parameter tls_log has for all of them."""
    if settings.log <= levels.state.level:
        log.log(min(settings.log, levels.DBG), text, *args)


def _message(facts: ConnectionFacts) -> SipMsg:
    """What the event route runs on: a request that seems to have come over the connection."""
    rcv = ReceiveInfo(*facts.peer, *facts.local, facts.proto, facts.socket, facts.number)
    return SipMsg.from_bytes(FAKED, rcv)
