"""Functions about one connection: the one of the message, or of a number. Any process may call them; what concerns the
socket itself is done by the receiver that owns it."""

from typing import Any

from ...core.errors import SocketError
from ...core.log import logger
from ...core.net.addr import TCP, TLS, WS, WSS, is_address, make_addr
from ...core.net.resolve import resolve_host
from ...core.net.sockets import parse_address
from ...core.pv import PvSpec
from ...src.native import ffi, lib

log = logger(__name__)
OK, ACCEPTING, CONNECTING, GONE, ENDED = 1, 2, 3, -1, -2  # what tcp_conid_state() returns
STATES = {
    lib.KH_CONN_CONNECTING: CONNECTING,
    lib.KH_CONN_OPENING: ACCEPTING,
    lib.KH_CONN_OPEN: OK,
    lib.KH_CONN_CLOSING: ENDED,
}
SECONDS_MAX = 0xFFFF  # of keepalive
DEFAULT_PORT = 5060


def done(code: int) -> int:
    """What a script gets for a code of the kernel part."""
    return 1 if code >= 0 else -1


def tcp_conid_state(msg: Any, conid: int) -> int:
    """1 open, 2 accepted and not ready yet, 3 being connected; -1 there is none, -2 it has ended."""
    c = lib.kh_conn_get(conid) if conid > 0 else ffi.NULL
    if c == ffi.NULL:
        return GONE
    return ENDED if c.why else STATES.get(c.state, GONE)


def tcp_conid_alive(msg: Any, conid: int) -> int:
    """Can messages be sent over it?"""
    return 1 if tcp_conid_state(msg, conid) > 0 else -1


def tcp_get_conid(msg: Any, target: bytes, spec: PvSpec) -> int:
    """The number of a connection to `host[:port]` into a variable; -1 when there is none."""
    try:
        address = parse_address(target.decode("latin-1"))
    except SocketError:
        return -1
    host = address.hosts[0].encode("latin-1")
    for ip in [host] if is_address(host) else resolve_host(host):
        for proto in (TCP, TLS, WS, WSS):
            conid = lib.kh_conn_find(make_addr(ip, address.port or DEFAULT_PORT, proto))
            if conid and spec.set is not None:
                spec.set(msg, conid)
                return 1
    return -1


def tcp_keepalive_enable(msg: Any, *numbers: int) -> int:
    """([conid,] idle, count, interval): seconds until the first probe, probes that may be lost, seconds between two."""
    conid, idle, count, interval = numbers if len(numbers) == 4 else (msg.rcv.conn, *numbers)
    if not all(0 < number <= SECONDS_MAX for number in (idle, count, interval)):
        log.error("tcp_keepalive_enable: idle, count and interval are 1 to %d", SECONDS_MAX)
        return -1
    return done(lib.kh_conn_keepalive(conid, idle, count, interval)) if conid > 0 else -1


def tcp_keepalive_disable(msg: Any, conid: int | None = None) -> int:
    """No probes any more."""
    number = msg.rcv.conn if conid is None else conid
    return done(lib.kh_conn_keepalive(number, 0, 0, 0)) if number > 0 else -1


def tcp_set_connection_lifetime(msg: Any, first: int, second: int | None = None) -> int:
    """([conid,] seconds): how long it may be idle."""
    conid, seconds = (msg.rcv.conn, first) if second is None else (first, second)
    if seconds < 0 or conid <= 0:
        return -1
    return done(lib.kh_conn_set_lifetime(conid, seconds * 1000))


def tcp_enable_closed_event(msg: Any, conid: int | None = None) -> int:
    """Its end runs an event route (with closed_event 2)."""
    number = msg.rcv.conn if conid is None else conid
    return done(lib.kh_conn_tell(number)) if number > 0 else -1


def tcp_close_connection(msg: Any, conid: int | None = None) -> int:
    """Close it; what waits to be written is lost."""
    number = msg.rcv.conn if conid is None else conid
    return done(lib.kh_conn_close(number, lib.KH_WHY_SCRIPT)) if number > 0 else -1
