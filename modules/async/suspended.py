"""The functions that suspend a transaction, and how it goes on.

What waits is a task in shared memory: the transaction's numbers and the name of a block. So it waits on whatever
process dies, and whoever goes on looks for the block in the script that is in force then.
"""

import struct
from collections.abc import Callable
from typing import Any

from ...core import tasks
from ...core.log import logger
from ...core.script import script
from .settings import settings

log = logger(__name__)
FAILED = -1
MAX_S = 100  # Kamailio's limits
MAX_MS = 30_000
IDENT = struct.Struct("<II")  # hash index and label of a transaction; the rest of the task is the block's name

Push = Callable[[bytes], bool]  # of a task


def async_route(msg: Any, route: bytes, seconds: int) -> int:
    """Suspend, go on with route[route] in `seconds`. The parameter `return`; -1."""
    return later(msg, "async_route", route, seconds) if known("async_route", route) else FAILED


def async_sleep(msg: Any, seconds: int, rest: bytes) -> int:
    """Suspend, go on with the next statement in `seconds`."""
    return later(msg, "async_sleep", rest, seconds) if follows("async_sleep", rest) else FAILED


def async_ms_route(msg: Any, route: bytes, ms: int) -> int:
    """Suspend, go on with route[route] in `ms` milliseconds."""
    return soon(msg, "async_ms_route", route, ms) if known("async_ms_route", route) else FAILED


def async_ms_sleep(msg: Any, ms: int, rest: bytes) -> int:
    """Suspend, go on with the next statement in `ms` milliseconds."""
    return soon(msg, "async_ms_sleep", rest, ms) if follows("async_ms_sleep", rest) else FAILED


def async_task_route(msg: Any, route: bytes) -> int:
    """Suspend, go on with route[route] in a task worker, at once."""
    return async_task_group_route(msg, route, tasks.DEFAULT)


def async_task_group_route(msg: Any, route: bytes, name: bytes) -> int:
    """The same in a worker of one group."""
    group = tasks.async_task_group(name)
    if group is None:
        log.error("async_task_route: there is no group of task workers %s", name.decode("latin-1"))
        return FAILED
    if not known("async_task_route", route):
        return FAILED
    return suspend(msg, route, lambda task: group.push(settings.resume, task))


def later(msg: Any, function: str, route: bytes, seconds: int) -> int:
    """In the module's own workers."""
    group = settings.timed
    if group is None:
        log.error("%s: there are no workers of the module async", function)
        return FAILED
    if not 0 < seconds <= MAX_S:
        log.error("%s: %d is not 1 to %d seconds", function, seconds, MAX_S)
        return FAILED
    return suspend(msg, route, lambda task: group.push(settings.resume, task, seconds * 1000))


def soon(msg: Any, function: str, route: bytes, ms: int) -> int:
    """In the task workers of the core."""
    if settings.ms_timer <= 0 or not tasks.async_task_workers_active():
        log.error("%s: needs the parameter ms_timer, and async_workers", function)
        return FAILED
    if not 0 < ms <= MAX_MS:
        log.error("%s: %d is not 1 to %d milliseconds", function, ms, MAX_MS)
        return FAILED
    delay = -(-ms // settings.ms_timer) * settings.ms_timer
    return suspend(msg, route, lambda task: tasks.async_task_push(settings.resume, task, delay))


def known(function: str, route: bytes) -> bool:
    """Is there such a block?"""
    if script.has_route("route", route):
        return True
    log.error("%s: there is no route[%s]", function, route.decode("latin-1"))
    return False


def follows(function: str, rest: bytes) -> bool:
    """Is there something to go on with?"""
    if rest:
        return True
    log.error("%s: cannot be executed as last action in a route block", function)
    return False


def suspend(msg: Any, route: bytes, push: Push) -> int:
    """Park the transaction and hand it on. 0 also when the request is a repeat: its transaction waits already."""
    parked: int = settings.tm.t_suspend(msg)
    if parked <= 0:
        return parked
    ident = settings.tm.t_get_trans_ident(msg)
    if push(IDENT.pack(*ident) + route):
        return settings.code
    settings.tm.t_cancel_suspend(*ident)
    return FAILED


def resume(task: bytes) -> None:
    """A worker: go on. Where the block is gone (the script was reloaded) the transaction ends with 500."""
    ident, route = IDENT.unpack_from(task), task[IDENT.size :]
    if not script.has_route("route", route):
        log.error("a transaction cannot go on: route[%s] is no longer in the script", route.decode("latin-1"))
    if settings.tm.t_continue(*ident, route) < 0:
        log.debug("transaction %d:%d is over, it does not go on", *ident)
