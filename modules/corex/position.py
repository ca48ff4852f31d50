"""`$cfg(line|name|file|route)`: where in the configuration the script is.

Route blocks are Python functions compiled with the file name and the lines of the configuration, so the interpreter's
frames know it.
"""

import sys
from types import FrameType
from typing import Any

from ...cfg.tables import ROUTE_KINDS
from ...core.pv import PvExport, Value

#: kind of an unnamed block -> the name Kamailio gives it
_UNNAMED = {
    "request_route": b"DEFAULT_ROUTE", "reply_route": b"DEFAULT_ONREPLY", "failure_route": b"DEFAULT_FAILURE",
    "branch_route": b"DEFAULT_BRANCH", "onsend_route": b"DEFAULT_SEND", "event_route": b"DEFAULT_EVENT",
}  # fmt: skip


def route_frame() -> FrameType | None:
    """The frame of the innermost route block that runs; None outside of scripts."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.endswith((".py", ">")):
        frame = frame.f_back
    return frame


def line(msg: Any) -> Value:
    """The line of the statement."""
    frame = route_frame()
    return None if frame is None else frame.f_lineno


def file(msg: Any) -> Value:
    """The file that the statement is in."""
    frame = route_frame()
    return None if frame is None else frame.f_code.co_filename.encode()


def route(msg: Any) -> Value:
    """The name of the block."""
    frame = route_frame()
    if frame is None:
        return None
    function = frame.f_code.co_name
    if function in _UNNAMED:
        return _UNNAMED[function]
    for kind in sorted(ROUTE_KINDS, key=len, reverse=True):
        if function.startswith(kind + "_"):
            return function[len(kind) + 1 :].encode()
    return function.encode()


POSITION = (PvExport("cfg", choices={"line": line, "name": file, "file": file, "route": route}),)
