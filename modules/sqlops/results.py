"""Results by name, in the process that made the query: `$dbr(result=>key)`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...core.db import DbRes
from ...core.log import logger
from ...core.pv import Value
from ...core.pv.spec import index_of, parse_index
from .connections import settings

log = logger(__name__)
_CELL = re.compile(rb"\[(.+),(.+)\]")
_COLNAME = re.compile(rb"colname\[(.+)\]")

_results: dict[bytes, DbRes] = {}


@dataclass(frozen=True, slots=True)
class Dbr:
    """A parsed `result=>key`."""

    result: bytes
    get: Callable[[Any, DbRes], Value]


def parse_dbr(text: bytes) -> Dbr:
    """`ra=>rows`, `ra=>cols`, `ra=>[row,col]`, `ra=>colname[n]`; ValueError."""
    name, found, key = text.partition(b"=>")
    name, key = name.strip(), key.strip()
    if not found or not name:
        raise ValueError("must be $dbr(result=>key)")
    if key == b"rows":
        return Dbr(name, lambda msg, result: len(result))
    if key == b"cols":
        return Dbr(name, lambda msg, result: len(result.names))
    if cell := _CELL.fullmatch(key):
        row, column = (index_of(parse_index(part)) for part in cell.groups())
        return Dbr(name, lambda msg, result: cell_of(result, row(msg), column(msg)))
    if colname := _COLNAME.fullmatch(key):
        number = index_of(parse_index(colname[1]))
        return Dbr(name, lambda msg, result: colname_of(result, number(msg)))
    raise ValueError(f'"{key.decode("latin-1")}" is not rows, cols, [row,col] or colname[n]')


def get_dbr(msg: Any, dbr: Dbr) -> Value:
    """The variable; a result that is not there has no rows."""
    return dbr.get(msg, _results.get(dbr.result) or DbRes())


def cell_of(result: DbRes, row: int | None, column: int | None) -> Value:
    """A value; None outside of the result."""
    if row is None or column is None or not (0 <= row < len(result) and 0 <= column < len(result.names)):
        return None
    return script_value(result.rows[row][column])


def colname_of(result: DbRes, column: int | None) -> Value:
    """The name of a column."""
    if column is None or not 0 <= column < len(result.names):
        return None
    return result.names[column].encode("utf-8", "surrogateescape")


def script_value(value: Any) -> Value:
    """Scripts have numbers without fractions and texts: others become texts, times seconds since 1970."""
    if value is None or isinstance(value, (int, bytes)):
        return value
    if isinstance(value, datetime):
        return round(value.timestamp())
    return str(value).encode("utf-8", "surrogateescape")


def keep(name: bytes, result: DbRes) -> bool:
    """Under this name until the next query or sql_result_free; False when there are too many names."""
    if name not in _results and len(_results) >= settings.results_maxsize:
        log.error("no result %s: there are results_maxsize=%d", name.decode("latin-1"), settings.results_maxsize)
        return False
    _results[name] = result
    return True


def find_result(name: bytes) -> DbRes | None:
    """The result of that name."""
    return _results.get(name)


def sql_result_free(msg: Any, name: bytes) -> int:
    """Forget a result; 1, also when there is none."""
    _results.pop(name, None)
    return 1
