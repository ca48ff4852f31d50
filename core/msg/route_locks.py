"""route_locks_size: messages of one dialog are routed one after the other, whichever workers got them.

A lock for each class of Call-IDs, held while the script runs. A worker that dies with one loses nothing: the next one
gets the lock. It costs parallelism where the script waits (DNS), so it is off unless asked for.
"""

import zlib
from collections.abc import Callable
from typing import Any

from ...locking import LockSet


class State:
    """The locks of this server, made before the fork; None when messages are not serialised."""

    locks: LockSet | None = None


def set_up(size: int) -> None:
    """Main process, shared memory ready: `size` locks, or none."""
    State.locks = None
    if size > 0:
        State.locks = LockSet(size)
        State.locks.init()


def in_turn(route: Callable[[Any], int], msg: Any) -> int:
    """Run `route(msg)` while no other message of the dialog is routed."""
    locks = State.locks
    if locks is None:
        return route(msg)
    number = zlib.crc32(msg.callid or b"") % locks.size
    locks.get(number)
    try:
        return route(msg)
    finally:
        locks.release(number)
