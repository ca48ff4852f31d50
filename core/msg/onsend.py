"""onsend_route: the last look at a message before it leaves; `drop` keeps it back.

Who sends asks `keeps_back(...)` with the destination and a function that builds what will be sent. While the block
runs, `sending` says where to: `snd_ip`, `to_port`, `$snd(...)`, `$sndfrom(...)` read it.
"""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import RouteType
from ...cfg.compile.values import DROPPED
from ...src.native import lib
from ..script import run_block, script
from . import translate
from .sending import sending

_ONSEND = int(RouteType.ONSEND)
_NO_ROUTES: dict[bytes, Any] = {}


class State:
    """Of this process."""

    replies = False  # core parameter onsend_route_reply


def route() -> Any:
    """The block, or None."""
    return script.routes.get("onsend_route", _NO_ROUTES).get(b"")


def sees_replies() -> bool:
    """Does the block run for replies that are passed on, too?"""
    return State.replies and route() is not None


def keeps_back(msg: Any, dest: Any, build: Callable[[], bytes]) -> bool:
    """Run the block, if there is one, on a message whose kh_dest is complete; True when it dropped the message."""
    block = route()
    if block is None:
        return False
    sending.begin(dest, build)
    try:
        return run_block(block, msg, _ONSEND) == DROPPED
    finally:
        sending.end()


def _is_stream(dest: Any) -> bool:
    return bool(lib.kh_is_stream(dest.to.proto))


def keeps_back_reply(msg: Any, dest: Any) -> bool:
    """The same for a reply that is passed on, when onsend_route sees replies."""
    return State.replies and keeps_back(msg, dest, lambda: translate.build_res_buf_from_sip_res(msg, _is_stream(dest)))
