"""What only some route blocks know: `$rcv(...)` in event_route[core:msg-received], `$err.class`... in error_route."""

from collections.abc import Callable
from typing import Any

from ...msg.core_events import State, write_datagram
from ..exports import Getter, PvExport, Value
from ..spec import PvError


def _received(read: Callable[[Any], Value]) -> Getter:
    """A getter of something about the datagram; undefined where no datagram is looked at."""
    return lambda msg: None if State.received is None else read(State.received)


def _write_received(msg: Any, value: Value) -> None:
    """`$rcv(buf) = ...`: the bytes that will be routed in the place of the datagram."""
    if State.received is None:
        raise PvError("is writable in event_route[core:msg-received] only")
    if not isinstance(value, bytes):
        raise PvError("takes a string")
    try:
        write_datagram(State.received, value)
    except ValueError as error:
        raise PvError(str(error)) from None


_RECEIVED: dict[str, Any] = {
    "buf": (_received(lambda m: m.buf), _write_received),
    "len": _received(lambda m: len(m.buf)),
    "srcip": _received(lambda m: m.rcv.src_ip), "srcport": _received(lambda m: m.rcv.src_port),
    "rcvip": _received(lambda m: m.rcv.dst_ip), "rcvport": _received(lambda m: m.rcv.dst_port),
    "proto": _received(lambda m: m.rcv.proto), "sproto": _received(lambda m: m.rcv.proto_name),
    "af": _received(lambda m: m.rcv.af),
}  # fmt: skip


def _error(read: Callable[[tuple[int, bytes]], Value]) -> Getter:
    """A getter of something about the mistake that error_route is told."""
    return lambda msg: None if State.error is None else read(State.error)


ROUTES = (
    PvExport("rcv", choices=_RECEIVED),
    PvExport("err.class", _error(lambda e: 1)),  # 1: a mistake of syntax, the only class there is
    PvExport("err.level", _error(lambda e: 1)),
    PvExport("err.info", _error(lambda e: e[1])),
    PvExport("err.rcode", _error(lambda e: e[0])),
    PvExport("err.rreason", _error(lambda e: e[1])),
)
