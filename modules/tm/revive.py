"""Messages kept in shared memory, made into a SipMsg again: for failure_route, timers, and the choice among replies.

A small stack of them a process, since a failure_route may need the request, the winning reply and a request of our own
at the same time. Each has a kh_msg, edits and room for the bytes of its own, so nothing is allocated after the start.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...parser.msg import SipMsg
from ...src.native import ffi, lib
from .cell import Cell

DEPTH_MAX = 8  # messages revived at the same time in one process

_free: list[tuple[SipMsg, Any]] = []
_made = 0


class TooDeep(RuntimeError):
    """More than DEPTH_MAX kept messages in use at once: transactions call one another in a circle."""


@contextmanager
def borrowed() -> Iterator[tuple[SipMsg, Any]]:
    """A blank SipMsg and its room of KH_MSG_MAX bytes."""
    global _made
    if not _free:
        if _made >= DEPTH_MAX:
            raise TooDeep(f"more than {DEPTH_MAX} kept messages in use")
        _made += 1
        room = ffi.new("char[]", lib.KH_MSG_MAX + 1)
        _free.append((SipMsg(ffi.new("kh_msg *"), ffi.new("kh_edits *"), room), room))
    item = _free.pop()
    try:
        yield item
    finally:
        item[0].t = None
        _free.append(item)


@contextmanager
def request_of(cell: Cell) -> Iterator[SipMsg | None]:
    """The request that made the cell, with its edits; None when its bytes were freed."""
    with borrowed() as (msg, room):
        rc = lib.kh_tm_load_request(cell, msg.c, msg.edits, room)
        if rc < 0:
            yield None
            return
        msg.reset()
        msg.t = cell
        yield msg


@contextmanager
def reply_of(cell: Cell, branch: int) -> Iterator[SipMsg | None]:
    """The final reply kept for a branch; None when it was made here."""
    with borrowed() as (msg, room):
        rc = lib.kh_tm_load_reply(cell, branch, msg.c, room)
        if rc < 0:
            yield None
            return
        lib.kh_edits_reset(msg.edits)
        msg.reset()
        yield msg


@contextmanager
def parsed(data: bytes) -> Iterator[SipMsg | None]:
    """A message from its bytes; None when it is not SIP."""
    with borrowed() as (msg, room):
        if len(data) > lib.KH_MSG_MAX:
            yield None
            return
        ffi.memmove(room, data, len(data))
        if lib.kh_msg_parse(msg.c, room, len(data)) < 0:
            yield None
            return
        lib.kh_edits_reset(msg.edits)
        msg.reset()
        yield msg
