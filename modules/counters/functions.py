"""Changing counters from the script."""

from collections.abc import Callable
from typing import Any

from ...core.statistics import StatVar, get_stat
from .settings import settings


def find(name: bytes) -> StatVar | None:
    """The counter of `[group.]name`."""
    return get_stat(":".join(settings.split(name)))


def cnt_inc(msg: Any, name: bytes) -> int:
    """Add 1."""
    return cnt_add(msg, name, 1)


def incrementer(name: bytes) -> Callable[[Any], int]:
    """The same for a name known at load."""
    stat = find(name)
    if stat is None:
        raise ValueError(f'there is no counter "{name.decode("latin-1")}": modparam("counters", "script_counter", ...)')
    inc = stat.inc

    def function(msg: Any) -> int:
        inc(1)
        return 1

    return function


def cnt_add(msg: Any, name: bytes, n: int) -> int:
    """Add n, which may be negative."""
    stat = find(name)
    if stat is None:
        return -1
    stat.inc(n)
    return 1


def cnt_reset(msg: Any, name: bytes) -> int:
    """Back to 0."""
    stat = find(name)
    return 1 if stat is not None and stat.reset() else -1
