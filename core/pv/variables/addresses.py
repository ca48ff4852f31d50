"""Where the message came from and on which socket: `$si $sp $su $Ri $Rp $RAi $pr $af $snd`..."""

from collections.abc import Callable
from typing import Any

from ....parser.receive_info import PROTO_NAMES
from ...msg.sending import sending
from ...net.addr import family_of
from ..exports import PvExport, Value


def bracketed(ip: bytes) -> bytes:
    """An address as in a URI."""
    return b"[" + ip + b"]" if b":" in ip else ip


def address_uri(ip: bytes, port: int, proto: int, always: bool) -> bytes:
    """`sip:ip:port;transport=x`; unless `always` udp is left out."""
    uri = b"sip:%s:%d" % (bracketed(ip), port)
    return uri if proto == 1 and not always else uri + b";transport=" + PROTO_NAMES[proto]


def address_text(ip: bytes, port: int, proto: int) -> bytes:
    """proto:ip:port"""
    return b"%s:%s:%d" % (PROTO_NAMES[proto], bracketed(ip), port)


def _source(msg: Any) -> tuple[bytes, int, int]:
    rcv = msg.rcv
    return rcv.src_ip, rcv.src_port, rcv.proto


def _local(msg: Any) -> tuple[bytes, int, int]:
    rcv = msg.rcv
    return rcv.dst_ip, rcv.dst_port, rcv.proto


def _advertised(msg: Any) -> tuple[bytes, int, int]:
    info = _socket(msg)
    ip, port, proto = _local(msg)
    if info is None or not info.advertise_host:
        return ip, port, proto
    return info.advertise_host.strip(b"[]"), info.advertise_port or port, proto


def _socket(msg: Any) -> Any:
    from ...net.sockets import sockets

    index, known = msg.rcv.socket, sockets()
    return known[index] if index < len(known) else None


def _socket_name(msg: Any) -> Value:
    info = _socket(msg)
    return (info.name or None) if info is not None else None


def _family_name(msg: Any) -> bytes:
    return b"IPv6" if b":" in msg.rcv.src_ip else b"IPv4"


# where the message in onsend_route goes to, and from where


def _sent(read: Callable[[Any], Value]) -> Callable[[Any], Value]:
    return lambda msg: read(sending) if sending.active else None


_COMMON: dict[str, Callable[[Any], Value]] = {
    "proto": lambda to: to.proto,
    "sproto": lambda to: PROTO_NAMES[to.proto],
    "buf": lambda to: to.buf,
    "len": lambda to: len(to.buf),
}
_TO: dict[str, Callable[[Any], Value]] = {
    "ip": lambda to: to.to_ip, "af": lambda to: family_of(to.to_ip), "port": lambda to: to.to_port, **_COMMON,
}  # fmt: skip
_FROM: dict[str, Callable[[Any], Value]] = {
    "ip": lambda to: to.socket.ip, "af": lambda to: family_of(to.socket.ip), "port": lambda to: to.socket.port,
    **_COMMON,
}  # fmt: skip

ADDRESSES = (
    PvExport("si", lambda msg: msg.rcv.src_ip, kind="str", aliases=("src_ip",)),
    PvExport("siz", lambda msg: bracketed(msg.rcv.src_ip), kind="str"),
    PvExport("sp", lambda msg: msg.rcv.src_port, kind="int"),
    PvExport("su", lambda msg: address_uri(*_source(msg), False), kind="str"),
    PvExport("sut", lambda msg: address_uri(*_source(msg), True), kind="str"),
    PvExport("sas", lambda msg: address_text(*_source(msg)), kind="str"),
    PvExport("Ri", lambda msg: msg.rcv.dst_ip, kind="str"),
    PvExport("Rp", lambda msg: msg.rcv.dst_port, kind="int"),
    PvExport("Rn", _socket_name),
    PvExport("Ru", lambda msg: address_uri(*_local(msg), False), kind="str"),
    PvExport("Rut", lambda msg: address_uri(*_local(msg), True), kind="str"),
    PvExport("Ras", lambda msg: address_text(*_local(msg)), kind="str"),
    PvExport("RAi", lambda msg: _advertised(msg)[0], kind="str"),
    PvExport("RAp", lambda msg: _advertised(msg)[1], kind="int"),
    PvExport("RAu", lambda msg: address_uri(*_advertised(msg), False), kind="str"),
    PvExport("RAut", lambda msg: address_uri(*_advertised(msg), True), kind="str"),
    PvExport("pr", lambda msg: msg.rcv.proto_name, kind="str", aliases=("proto",)),
    PvExport("prid", lambda msg: msg.rcv.proto, kind="int"),
    PvExport("af", choices={"id": lambda msg: msg.rcv.af, "name": _family_name}),
    PvExport("conid", lambda msg: msg.rcv.conn or None),
    PvExport("snd", choices={part: _sent(read) for part, read in _TO.items()}, aliases=("sndto",)),
    PvExport("sndfrom", choices={part: _sent(read) for part, read in _FROM.items()}),
)  # fmt: skip
