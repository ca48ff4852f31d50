"""Event routes of the core.

    core:worker-one-init      once, when the first worker is up; `drop` ends the start
    core:msg-received         every datagram before it is looked at (received_route_mode=1): `$rcv(...)`; `drop`
                              discards it
    core:receive-parse-error  what is no SIP message, or one that nobody can answer: `$si $sp $mb $ml`
    core:pre-routing          every request and reply before request_route and reply_route; `drop` ends it there

and OpenSER's error_route: a malformed request before it is refused, with `$err.rcode`, `$err.rreason`...; what the
block does stands in the place of the answer that the core would give.
"""

from typing import Any

from ...cfg.argtypes import RouteType
from ...cfg.compile.values import DROPPED
from ...parser.malformed import fault
from ...src.native import ffi, lib
from ..errors import StartError
from ..script import run_block, script
from .faked import faked_msg

WORKER_ONE_INIT = b"core:worker-one-init"
MSG_RECEIVED = b"core:msg-received"
PARSE_ERROR = b"core:receive-parse-error"
PRE_ROUTING = b"core:pre-routing"
CORE_EVENTS = tuple(name.decode() for name in (WORKER_ONE_INIT, MSG_RECEIVED, PARSE_ERROR, PRE_ROUTING))


class State:
    """Of this process."""

    received_mode = False  # core parameter received_route_mode
    received: Any = None  # the message whose bytes event_route[core:msg-received] looks at
    written: Any = None  # the buffer that took the place of a datagram (`$rcv(buf) = ...`)
    error: tuple[int, bytes] | None = None  # (status, reason) that error_route is told


def block(name: bytes) -> Any:
    """The block of an event, or None."""
    return script.routes.get("event_route", {}).get(name)


def wants_datagrams() -> bool:
    """Is there anybody who wants to see what arrives before it is parsed?"""
    return State.received_mode and block(MSG_RECEIVED) is not None


def worker_one_init() -> None:
    """In the first worker, modules ready, before it serves; StartError when the block drops."""
    if script.run_route("event_route", WORKER_ONE_INIT, faked_msg()) == DROPPED:
        raise StartError("event_route[core:worker-one-init] ended in drop: the server does not start")


def discarded(msg: Any) -> bool:
    """Run event_route[core:msg-received] for the datagram in `msg`; True when it is to be forgotten."""
    State.received = msg
    try:
        return script.run_route("event_route", MSG_RECEIVED, faked_msg()) == DROPPED
    finally:
        State.received = None


def write_datagram(msg: Any, data: bytes) -> None:
    """Other bytes in the place of the datagram; ValueError when they are no message."""
    buf, trial = ffi.new("char[]", data), ffi.new("kh_msg *")
    if lib.kh_msg_parse(trial, buf, len(data)) < 0:
        raise ValueError("not a SIP message")
    lib.kh_msg_parse(msg.c, buf, len(data))
    State.written = buf  # the kh_msg points into it
    msg.reset()


def parse_error(msg: Any) -> None:
    """Tell event_route[core:receive-parse-error]."""
    if block(PARSE_ERROR) is not None:
        script.run_route("event_route", PARSE_ERROR, msg)


def dropped_before_routing(msg: Any) -> bool:
    """Run event_route[core:pre-routing], if there is one."""
    found = block(PRE_ROUTING)
    return found is not None and run_block(found, msg, int(RouteType.EVENT)) == DROPPED


def error_route(msg: Any) -> bool:
    """Run error_route on a malformed request; False when there is none."""
    found = script.routes.get("error_route", {}).get(b"")
    if found is None:
        return False
    State.error = fault(msg.bad) or (400, b"Bad Request")
    try:
        run_block(found, msg, int(RouteType.REQUEST | RouteType.ERROR))
    finally:
        State.error = None
    return True
