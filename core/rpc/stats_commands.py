"""`stats.*` and Kamailio's `cnt.*` readings of the statistics. (`cnt.*` is registered by module counters.)"""

from typing import Any

from .. import statistics
from .registry import RpcError, register_rpc


def selected(names: tuple[Any, ...]) -> list[statistics.StatVar]:
    """The statistics that `all`, `group:` or names mean; RpcError for an unknown one."""
    found: list[statistics.StatVar] = []
    for name in names or ("all",):
        stats = statistics.select(str(name))
        if stats is None:
            raise RpcError(404, f"there is no statistic {name}")
        found += stats
    return found


def get_statistics(*names: Any) -> list[str]:
    return [f"{stat.group}:{stat.name} = {stat.value}" for stat in selected(names)]


def fetch(*names: Any) -> dict[str, str]:
    return {f"{stat.group}.{stat.name}": str(stat.value) for stat in selected(names)}


def fetch_numbers(*names: Any) -> dict[str, int]:
    return {f"{stat.group}.{stat.name}": stat.value for stat in selected(names)}


def reset_statistics(*names: Any) -> None:
    for stat in selected(names):
        stat.reset()


def clear_statistics(*names: Any) -> list[str]:
    lines = []
    for stat in selected(names):
        old = stat.value
        if stat.reset():
            lines.append(f"{stat.group}:{stat.name} = {stat.value} ({old})")
    return lines


COMMANDS = [
    ("stats.get_statistics", get_statistics, "Statistics as texts: all, a group (core:) or names.", "get_statistics"),
    ("stats.fetch", fetch, "Statistics as texts in a struct: all, a group (core:) or names.", None),
    ("stats.fetchn", fetch_numbers, "Statistics as numbers in a struct: all, a group (core:) or names.", None),
    ("stats.reset_statistics", reset_statistics, "Sets statistics to 0.", "reset_statistics"),
    ("stats.clear_statistics", clear_statistics, "Sets statistics to 0 and tells what they were.", None),
]


def register_all() -> None:
    """Main process, once."""
    for name, function, doc, mi_name in COMMANDS:
        register_rpc(name, function, doc, (mi_name,) if mi_name else ())
