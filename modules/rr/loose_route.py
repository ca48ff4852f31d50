"""Routing by Route: one step of the kernel, and the codes that Kamailio gives to its result."""

from collections.abc import Callable

from ...core.log import logger
from ...parser.msg import SipMsg
from ...src.native import lib
from .route_params import route_params
from .settings import settings

log = logger(__name__)
_loose_route = lib.kh_loose_route
_ROUTED, _PRELOADED, _ERROR = lib.KH_LOOSE_ROUTED, lib.KH_LOOSE_PRELOADED, lib.KH_LOOSE_ERROR
_HAS_ROUTE, _TO_TAG = lib.KH_F_ROUTE, lib.KH_F_TO_TAG

RouteCallback = Callable[[SipMsg, bytes], None]
_callbacks: list[RouteCallback] = []


def register_rrcb(function: RouteCallback) -> None:
    """Have `function(msg, parameters of our Route)` called after each loose_route() that routed. Before fork."""
    _callbacks.append(function)


def loose_route(msg: SipMsg) -> int:
    """1: routed. -1: no Route, or it is malformed. -3: only our own, on a request without To tag; it was taken off."""
    if not msg.facts & _HAS_ROUTE:
        return -1
    return route(msg, settings.loose)


def route(msg: SipMsg, options: int) -> int:
    """The same with other option bits."""
    user = settings.ignore_user
    rc: int = _loose_route(msg.edits, msg.c, options, user, len(user))
    if rc == _ROUTED:
        if _callbacks:
            run_callbacks(msg)
        return 1
    if rc == _ERROR:
        log.debug("a malformed Route")
        return -1
    return rc


def run_callbacks(msg: SipMsg) -> None:
    """Tell those who asked."""
    params = route_params(msg) or b""
    for function in _callbacks:
        try:
            function(msg, params)
        except Exception:
            log.exception("a callback of loose_route() failed")


def loose_route_mode(msg: SipMsg, mode: int) -> int:
    """As loose_route(); with mode 1 the Request-URI is not looked at for a strict router's work."""
    if not msg.facts & _HAS_ROUTE:
        return -1
    return route(msg, settings.loose | (lib.KH_RR_NO_STRICT if mode else 0))


def loose_route_preloaded(msg: SipMsg) -> int:
    """1 for an initial request that brought a Route; -1 else."""
    rc = loose_route(msg)
    return 1 if rc in (_ROUTED, _PRELOADED) and not msg.facts & _TO_TAG else -1


def next_hop_route(msg: SipMsg) -> int:
    """rr_next_hop_route(): 1 when a Route is left for the next hop."""
    return 1 if lib.kh_route_left(msg.edits, msg.c) else -1
