"""Statistics `group:name`: counted in per-process slots of shared memory (src/shared/counter.h), or computed on read.

Register before fork; increment anywhere; a read sums the slots of all processes, so no lock and no shared cache line
is on the message path. Kamailio's names are kept, because its tools print and match them.
"""

from collections.abc import Callable, Iterator

from ..src.native import ffi, lib

StatFunction = Callable[[], int]


class StatVar:
    """One statistic. `inc` is the hot call; bind it to a local name."""

    __slots__ = ("function", "group", "ident", "name", "no_reset")

    def __init__(self, group: str, name: str, ident: int, function: StatFunction | None, no_reset: bool) -> None:
        self.group = group
        self.name = name
        self.ident = ident
        self.function = function
        self.no_reset = no_reset

    def inc(self, n: int = 1) -> None:
        """Add `n` (may be negative); does nothing to a computed statistic."""
        if self.function is None:
            lib.kh_counter_add(self.ident, n)

    @property
    def value(self) -> int:
        """The sum over all processes, or what the function says now."""
        if self.function is not None:
            return self.function()
        return int(lib.kh_counter_sum(self.ident))

    def reset(self) -> bool:
        """Back to 0; False when it is computed or must not be reset."""
        if self.function is not None or self.no_reset:
            return False
        return lib.kh_counter_reset(self.ident) >= 0


_stats: dict[str, dict[str, StatVar]] = {}


def register_stat(group: str, name: str, func: StatFunction | None = None, no_reset: bool = False) -> StatVar:
    """Make (or find) the statistic `group:name`. Before fork only, unless `func` computes it."""
    known = _stats.setdefault(group, {}).get(name)
    if known is not None:
        return known
    ident = -1
    if func is None:
        ident = lib.kh_counter_register(group.encode(), name.encode())
        if ident < 0:
            raise MemoryError(f"no counter is left for the statistic {group}:{name}")
    stat = _stats[group][name] = StatVar(group, name, ident, func, no_reset)
    return stat


def adopt_kernel_stats() -> None:
    """Make StatVars for the counters that C counts itself (enum kh_counter_id). Main process, shared memory ready."""
    for ident in range(lib.KH_CNT_FIXED):
        register_stat(ffi.string(lib.kh_counter_group(ident)).decode(), ffi.string(lib.kh_counter_name(ident)).decode())


def get_stat(name: str) -> StatVar | None:
    """Find `group:name`, `group.name` or a name alone (the first group that has it)."""
    for separator in (":", "."):
        group, found, rest = name.partition(separator)
        if found:
            return _stats.get(group, {}).get(rest)
    for stats in _stats.values():
        if name in stats:
            return stats[name]
    return None


def groups() -> list[str]:
    """The names of all groups, sorted."""
    return sorted(_stats)


def stats_of(group: str) -> Iterator[StatVar]:
    """The statistics of one group, by name."""
    stats = _stats.get(group, {})
    return (stats[name] for name in sorted(stats))


def select(what: str) -> list[StatVar] | None:
    """What Kamailio's tools ask for: `all`, `group:`, or one name. None when there is no such thing."""
    if what == "all":
        return [stat for group in groups() for stat in stats_of(group)]
    if what[-1:] in (":", "."):
        return list(stats_of(what[:-1])) if what[:-1] in _stats else None
    stat = get_stat(what)
    return None if stat is None else [stat]
