"""What KEMI scripts read results with: KSR.sqlops.sql_result_get("ra", row, column)."""

from typing import Any

from ...cfg.argtypes import Int
from ...core.pv import Value
from .results import cell_of, find_result

__all__ = [
    "Int", "sql_is_null", "sql_num_columns", "sql_num_rows", "sql_result_get", "sql_result_gete", "sql_result_getz",
]  # fmt: skip


def sql_num_rows(msg: Any, name: bytes) -> int:
    """Rows of a result, -1 without."""
    result = find_result(name)
    return -1 if result is None else len(result)


def sql_num_columns(msg: Any, name: bytes) -> int:
    """Columns of a result, -1 without."""
    result = find_result(name)
    return -1 if result is None else len(result.names)


def sql_is_null(msg: Any, name: bytes, row: int, column: int) -> int:
    """1 when the value is null, -1 when it is not, or not there."""
    result = find_result(name)
    if result is None or not (0 <= row < len(result) and 0 <= column < len(result.names)):
        return -1
    return 1 if result.rows[row][column] is None else -1


def sql_result_get(msg: Any, name: bytes, row: int, column: int) -> Value:
    """A value; None for null and what is not there."""
    result = find_result(name)
    return None if result is None else cell_of(result, row, column)


def sql_result_gete(msg: Any, name: bytes, row: int, column: int) -> Value:
    """The same, and an empty text instead of None."""
    value = sql_result_get(msg, name, row, column)
    return b"" if value is None else value


def sql_result_getz(msg: Any, name: bytes, row: int, column: int) -> Value:
    """The same, and 0 instead of None."""
    value = sql_result_get(msg, name, row, column)
    return 0 if value is None else value
