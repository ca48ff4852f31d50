"""Declared by modparam, changed by the script, read by $stat(name)."""

from typing import Any

from ...core.statistics import get_stat, register_stat

GROUP = "script"
_declared: list[tuple[str, bool]] = []


def declare(text: bytes) -> None:
    """`name` or `name/no_reset`."""
    name, slash, option = text.strip().decode("latin-1").partition("/")
    if not name or (slash and option.strip() != "no_reset"):
        raise ValueError("a statistic is declared as name or name/no_reset")
    _declared.append((name.strip(), bool(slash)))


def start() -> None:
    """Main process, before fork."""
    for name, no_reset in _declared:
        register_stat(GROUP, name, None, no_reset)


def update_stat(msg: Any, name: bytes, n: int) -> int:
    """Add n; -1 when there is no such statistic."""
    stat = get_stat(name.decode("latin-1"))
    if stat is None:
        return -1
    stat.inc(n)
    return 1


def reset_stat(msg: Any, name: bytes) -> int:
    """Back to 0; -1 when it does not exist or must not be reset."""
    stat = get_stat(name.decode("latin-1"))
    return 1 if stat is not None and stat.reset() else -1
