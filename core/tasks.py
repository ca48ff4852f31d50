"""Work for other processes: groups of task workers (`async_workers`, `async_workers_group`) and the queues they serve.

number = register_async_task(function)                  # main process, before the fork
async_task_push(number, b"...")                         # any process: function(b"...") runs in a worker of "default"
async_task_group_push(b"name", number, b"...", 500)     # in 500 ms, in one of that group

A task is the number of a function and bytes; it waits in shared memory (src/shared/tasks.h), so it outlives whoever
pushed it. Each group has a queue of `async_tasks_max` tasks; a push that finds it full is refused and counted. The
task that a worker has in hand when it dies is lost, and counted too.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..cfg.core_params import CoreParams
from ..src.native import ffi, lib
from .errors import StartError
from .log import logger
from .statistics import register_stat

log = logger(__name__)
DEFAULT = b"default"
REPORT_S = 1.0  # between two lines about what a queue has refused or lost

STATS = ("waiting", "in_hand", "pushed", "refused", "lost")  # of a queue, and, summed up, statistics of group "async"

TaskFunction = Callable[[bytes], object]
_functions: list[TaskFunction] = []


@dataclass(slots=True, eq=False)
class TaskGroup:
    """Workers with a queue of their own. `name` is what scripts call it, None for the private group of a module."""

    name: bytes | None
    workers: int
    description: str  # of its processes
    queue: Any  # kh_taskq *

    def push(self, number: int, payload: bytes, delay_ms: int = 0) -> bool:
        """Any process: `payload` for function `number`, now or in `delay_ms`. False: refused, the queue is full."""
        code = lib.kh_taskq_push(self.queue, number, payload, len(payload), delay_ms)
        if code < 0:
            log.debug("a task for %s is refused: %d", self.description, code)
        return bool(code >= 0)

    def stats(self) -> dict[str, int]:
        """limit, waiting, in_hand, pushed, refused, lost."""
        stats = ffi.new("kh_taskq_stats *")
        lib.kh_taskq_stats_get(self.queue, stats)
        return {name: getattr(stats, name) for name in ("limit", *STATS)}


class Current:
    """The group whose task runs in this process now."""

    group: TaskGroup | None = None


_groups: list[TaskGroup] = []
_limit = [0]  # async_tasks_max


def register_async_task(function: TaskFunction) -> int:
    """Main process, before the fork: the number of `function(payload)`, the same in every process."""
    if function not in _functions:
        _functions.append(function)
    return _functions.index(function)


def make_groups(params: CoreParams) -> None:
    """Main process, shared memory ready: the groups that the configuration asks for, in Kamailio's order."""
    clear()
    _limit[0] = params.async_tasks_max
    wanted = {DEFAULT: params.async_workers or 1}
    for name, workers in params.async_workers_group:
        if name == DEFAULT and params.async_workers:
            log.warning('async_workers_group "default" takes the place of async_workers=%d', params.async_workers)
        wanted[name] = workers if name == DEFAULT else wanted.get(name, 0) + workers
    names = [DEFAULT, *reversed([name for name in wanted if name != DEFAULT])]
    if params.async_workers or params.async_workers_group:
        for name in names:
            make_group(f"Async Task Worker - {name.decode('latin-1')}", wanted[name], name)
    for stat in STATS:
        register_stat("async", stat, partial(total, stat), no_reset=True)


def total(stat: str) -> int:
    """One of STATS over all groups."""
    return sum(group.stats()[stat] for group in _groups)


def make_group(description: str, workers: int, name: bytes | None = None) -> TaskGroup:
    """Main process, before the fork: workers with a queue. StartError: no shared memory for it, too many."""
    queue = lib.kh_taskq_new(_limit[0])
    if queue == ffi.NULL:
        raise StartError(f"no shared memory for {_limit[0]} tasks of {description} (async_tasks_max, -m)")
    group = TaskGroup(name, workers, description, queue)
    _groups.append(group)
    return group


def task_groups() -> list[TaskGroup]:
    """All groups, in the order of their processes."""
    return list(_groups)


def clear() -> None:
    """Main process, at the end: the queues are given back."""
    for group in _groups:
        lib.kh_taskq_delete(group.queue)
    _groups.clear()


def async_task_workers_active() -> bool:
    """Are there groups that the configuration asked for?"""
    return any(group.name is not None for group in _groups)


def async_task_group(name: bytes) -> TaskGroup | None:
    """The group of that name."""
    return next((group for group in _groups if group.name == name), None)


def async_task_push(number: int, payload: bytes, delay_ms: int = 0) -> bool:
    """To the group "default": False when there is none, or when its queue is full."""
    return async_task_group_push(DEFAULT, number, payload, delay_ms)


def async_task_group_push(name: bytes, number: int, payload: bytes, delay_ms: int = 0) -> bool:
    """To the group of that name."""
    group = async_task_group(name)
    return group is not None and group.push(number, payload, delay_ms)


def async_task_gname_get() -> bytes | None:
    """Name of the group whose task runs here; None outside of tasks."""
    return Current.group.name if Current.group is not None else None


def run_task(group: TaskGroup, task: Any) -> None:
    """Worker: do what was taken from the group's queue. What it raises is a bug, and the next one is done."""
    outer, Current.group = Current.group, group
    function = _functions[task.number]
    try:
        function(ffi.unpack(task.data, task.len) if task.len else b"")
    except Exception:
        log.exception("the task %s failed", getattr(function, "__qualname__", function))
    finally:
        Current.group = outer
        lib.kh_taskq_done(group.queue, task)


def next_due_ms() -> int | None:
    """When the next task of any group is due, by kh_now_ms; None: none waits."""
    found = [due for group in _groups if (due := int(lib.kh_taskq_next(group.queue)))]
    return min(found, default=None)


def run_due() -> None:
    """Do all that is due in this process: where there are no workers (tests of scripts)."""
    for group in _groups:
        while task := lib.kh_taskq_take(group.queue):
            run_task(group, task)


class TaskWatch:
    """Main process: says that tasks were refused or lost, at most once in REPORT_S a group."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, int]] = {}
        self.next = 0.0

    def look(self) -> None:
        """Call it often."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + REPORT_S
        for group in _groups:
            stats = group.stats()
            before = self.known.get(group.description, (0, 0))
            self.known[group.description] = stats["refused"], stats["lost"]
            refused, lost = stats["refused"] - before[0], stats["lost"] - before[1]
            if refused:
                log.error("%s: %d tasks were refused, %d wait", group.description, refused, stats["waiting"])
            if lost:
                log.error("%s: %d tasks were lost with a worker that died", group.description, lost)
