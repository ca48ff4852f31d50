"""Routes that run in a task worker on a piece of data, with no transaction: async_task_data, $async."""

import struct
from typing import Any

from ...core import tasks
from ...core.log import logger
from ...core.msg import script_cb
from ...core.msg.faked import faked_msg
from ...core.script import script
from .settings import settings

log = logger(__name__)
NAME = struct.Struct("<H")  # length of the block's name; then the name, then the data


class Current:
    """The data of the task that this process does; None outside of one."""

    data: bytes | None = None


def async_task_data(msg: Any, route: bytes, data: bytes) -> int:
    """Run route[route] with `data` as $async(data) in a task worker. 1; -1 no such block, no workers, queue full."""
    return async_task_group_data(msg, route, tasks.DEFAULT, data)


def async_task_group_data(msg: Any, route: bytes, name: bytes, data: bytes) -> int:
    """The same in a worker of one group."""
    if not script.has_route("route", route):
        log.error("async_task_data: there is no route[%s]", route.decode("latin-1"))
        return -1
    group = tasks.async_task_group(name)
    if group is None:
        log.error("async_task_data: there is no group of task workers %s", name.decode("latin-1"))
        return -1
    return 1 if group.push(settings.run_data, NAME.pack(len(route)) + route + data) else -1


def run_data(task: bytes) -> None:
    """A worker: run the block on a request that nobody sent."""
    end = NAME.size + NAME.unpack_from(task)[0]
    route, outer = task[NAME.size : end], Current.data
    if not script.has_route("route", route):
        log.error("data finds nobody: route[%s] is no longer in the script", route.decode("latin-1"))
        return
    Current.data, msg = task[end:], faked_msg()
    try:
        script.run_route("route", route, msg)
        script_cb.run_all(script_cb.post_request, msg)  # a transaction that it made is let go
    finally:
        Current.data = outer


def get_gname(msg: Any) -> bytes | None:
    """$async(gname): the group of this task worker, while it works."""
    return tasks.async_task_gname_get()


def get_data(msg: Any) -> bytes | None:
    """$async(data)"""
    return Current.data
