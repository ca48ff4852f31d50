"""onsend_route: runs just before a request leaves, and may drop it."""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import RouteType
from ...cfg.values import DROPPED
from ..script import run_block, script
from .sending import sending

_NO_ROUTES: dict[bytes, Any] = {}


def onsend_route() -> Callable[[Any], int] | None:
    """The script's onsend_route, if it has one."""
    found: Callable[[Any], int] | None = script.routes.get("onsend_route", _NO_ROUTES).get(b"")
    return found


def may_leave(route: Callable[[Any], int], msg: Any, dest: Any) -> bool:
    """Run the route on a message that is about to go to a kh_dest; False when it drops it."""
    sending.begin(msg, dest)
    try:
        return run_block(route, msg, RouteType.ONSEND) != DROPPED
    finally:
        sending.end()
