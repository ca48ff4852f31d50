"""What our own Route said when it came back: its parameters, and with ftag the direction of the request."""

from collections.abc import Callable
from typing import Any

from ...parser.msg import SipMsg
from ...parser.params import parse_uri_params
from ...src.native import lib

DOWNSTREAM, UPSTREAM = 1, 2
_NAMES = {b"downstream": DOWNSTREAM, b"upstream": UPSTREAM}


def route_params(msg: SipMsg) -> bytes | None:
    """Parameters of the Route that loose_route() took off, without the first ';'; None when it took none."""
    edits = msg.edits
    if not edits.flags & lib.KH_ED_ROUTED:
        return None
    span = edits.route_params
    return msg.received(span.off, span.len)


def get_route_param(msg: SipMsg, name: bytes) -> bytes | None:
    """The value of one parameter; b"" for one without value, None when it is not there."""
    params = parse_uri_params(route_params(msg) or b"")
    name = name.lower()
    return (params[name] or b"") if name in params else None


def check_route_param(msg: SipMsg, regex: Any) -> int:
    """1 when the expression is found in the parameters."""
    params = route_params(msg)
    return 1 if params is not None and regex.search(b";" + params) else -1


def direction(msg: SipMsg) -> int:
    """UPSTREAM when the request goes from callee to caller: the From tag is not the ftag of the first request."""
    ftag = get_route_param(msg, b"ftag")
    if not ftag or ftag == msg.from_tag:
        return DOWNSTREAM
    return UPSTREAM


def is_direction(msg: SipMsg, name: bytes) -> int:
    """is_direction("upstream" or "downstream")."""
    return 1 if _NAMES.get(name.lower()) == direction(msg) else -1


def prepare_is_direction(name: bytes) -> Callable[[SipMsg], int] | None:
    """is_direction() with a constant."""
    wanted = _NAMES.get(name.lower())
    if wanted is None:
        raise ValueError(f'is_direction() takes "upstream" or "downstream", not "{name.decode("latin-1")}"')

    def check(msg: SipMsg) -> int:
        return 1 if direction(msg) == wanted else -1

    return check
