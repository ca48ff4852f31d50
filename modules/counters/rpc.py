"""Statistics over RPC by group and name."""

from typing import Any

from ...core import statistics
from ...core.rpc.registry import RpcError
from ...core.sr_module import RpcExport
from .settings import settings


def _stat(group: str, name: str) -> statistics.StatVar:
    stat = statistics.get_stat(f"{group}:{name}")
    if stat is None:
        raise RpcError(400, f"there is no counter {group}.{name}")
    return stat


def _group(group: str) -> list[statistics.StatVar]:
    if group not in statistics.groups():
        raise RpcError(400, f"there is no group {group}")
    return list(statistics.stats_of(group))


def get(group: str, name: str) -> int:
    """The value of a counter."""
    return _stat(group, name).value


def reset(group: str, name: str) -> None:
    """A counter back to 0."""
    _stat(group, name).reset()


def list_groups() -> list[str]:
    """All groups."""
    return statistics.groups()


def list_names(group: str) -> list[str]:
    """The counters of a group."""
    return [stat.name for stat in _group(group)]


def get_group(group: str) -> dict[str, int]:
    """All counters of a group with their values."""
    return {stat.name: stat.value for stat in _group(group)}


def describe(group: str, name: str) -> str:
    """What the declaration of a counter says about it."""
    _stat(group, name)
    return settings.docs.get((group, name), "")


_ROWS: tuple[tuple[str, Any, str], ...] = (
    ("cnt.get", get, "The value of a counter: group name"),
    ("cnt.get_raw", get, "The same"),
    ("cnt.reset", reset, "A counter back to 0: group name"),
    ("cnt.list_groups", list_groups, "All groups"),
    ("cnt.grps_list", list_groups, "The same"),
    ("cnt.list_vars", list_names, "The counters of a group"),
    ("cnt.var_list", list_names, "The same"),
    ("cnt.get_vars", get_group, "The counters of a group with their values"),
    ("cnt.grp_get_all", get_group, "The same"),
    ("cnt.help", describe, "What a counter means: group name"),
)
RPCS = tuple(RpcExport(name, function, doc) for name, function, doc in _ROWS)
