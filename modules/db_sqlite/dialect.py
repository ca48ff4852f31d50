"""SQLite's SQL, and its values.

Times are stored as Kamailio's driver stores them: as Julian day numbers, UTC, in columns declared TIMESTAMP or
DATETIME. A time that is a text, as the default of a column is, is read as UTC too. Texts are stored byte by byte, valid
UTF-8 or not.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from ...core.db import DbType, DbVal, Dialect, Value
from ...core.db.values import plain, type_of

UNIX_EPOCH = 2440587.5  # as a Julian day
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_AS_THEY_ARE = frozenset((bytes, int, float, type(None)))


class SqliteDialect(Dialect):
    quote = "`"  # in double quotes an unknown column would silently be a text
    serial = "INTEGER PRIMARY KEY NOT NULL"
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"

    def parameter(self, value: Value) -> str:
        """Texts go in as bytes, since they need not be UTF-8, and become text there."""
        kind = type(value)
        is_text = kind is bytes or kind is str or (kind is DbVal and type_of(value) is DbType.STR)
        return "CAST(? AS TEXT)" if is_text else "?"

    def value(self, value: Value) -> Any:
        if type(value) in _AS_THEY_ARE:
            return value
        given = plain(value)
        if isinstance(given, datetime):
            return (given - _EPOCH) / _DAY + UNIX_EPOCH
        if isinstance(given, str):
            return given.encode("utf-8", "surrogateescape")
        return given


def to_datetime(stored: bytes) -> datetime | bytes:
    """What a column declared as a time holds: a Julian day, or a text; what is neither stays as it is."""
    try:
        try:
            seconds = (float(stored) - UNIX_EPOCH) * 86400
        except ValueError:
            found = datetime.fromisoformat(stored.decode())
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        return _EPOCH + timedelta(milliseconds=round(seconds * 1000))
    except (ValueError, OverflowError):
        return stored


sqlite3.register_converter("timestamp", to_datetime)
sqlite3.register_converter("datetime", to_datetime)
