"""Counters of the module."""

from ...core.statistics import get_stat

NAMES = ("log_records", "db_records", "db_errors")


def count(name: str) -> None:
    """One more `acc:name`."""
    stat = get_stat(f"acc:{name}")
    if stat is not None:
        stat.inc()
