"""Callbacks around the routing script, by the devel guide's name and flags.

    register_script_cb(function, PRE_SCRIPT_CB | REQUEST_CB)
    register_script_cb(function, PRE_SCRIPT_CB | REQUEST_CB, lib.KH_M_ACK)  # the others pay nothing

A callback before the script that returns 0 ends the message there; what those after it return means nothing. Register
before fork; they run in workers, in the order of registration.
"""

from collections.abc import Callable
from typing import Any

from ..log import logger

log = logger(__name__)

PRE_SCRIPT_CB, POST_SCRIPT_CB = 1, 2
REQUEST_CB, ONREPLY_CB = 4, 8

ALL_METHODS = 0xFFFFF

ScriptCallback = Callable[[Any], int]
methods = {"pre_request": 0}  # bits of the methods that some callback before request_route wants to see
pre_request: list[ScriptCallback] = []
post_request: list[ScriptCallback] = []
pre_reply: list[ScriptCallback] = []
post_reply: list[ScriptCallback] = []
_LISTS = (
    (PRE_SCRIPT_CB | REQUEST_CB, pre_request),
    (POST_SCRIPT_CB | REQUEST_CB, post_request),
    (PRE_SCRIPT_CB | ONREPLY_CB, pre_reply),
    (POST_SCRIPT_CB | ONREPLY_CB, post_reply),
)


def register_script_cb(function: ScriptCallback, flags: int, wanted: int = ALL_METHODS) -> None:
    """Have `function(msg)` called; `flags` combines when (PRE, POST) with what (REQUEST, ONREPLY).

    `wanted`: bits of the methods it must see before request_route; it may be called for others too.
    """
    for when, callbacks in _LISTS:
        if flags & when == when:
            callbacks.append(function)
    if flags & (PRE_SCRIPT_CB | REQUEST_CB) == PRE_SCRIPT_CB | REQUEST_CB:
        methods["pre_request"] |= wanted


def run_all(callbacks: list[ScriptCallback], msg: Any) -> bool:
    """Run them in order; False when one said 0. One that fails is logged and passed over."""
    for function in callbacks:
        try:
            if function(msg) == 0:
                return False
        except Exception:
            log.exception("a script callback failed")
    return True
