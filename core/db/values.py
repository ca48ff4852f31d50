"""The data types of the DB API (devel guide 9.3): capabilities, operators, values, results."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

OP_LT, OP_GT, OP_EQ, OP_LEQ, OP_GEQ, OP_NEQ, OP_BITWISE_AND = "<", ">", "=", "<=", ">=", "<>", "&"


class DbCap(enum.IntFlag):
    """What a driver can do; `ALL` is what every module may expect."""

    QUERY = 1 << 0
    RAW_QUERY = 1 << 1
    INSERT = 1 << 2
    DELETE = 1 << 3
    UPDATE = 1 << 4
    REPLACE = 1 << 5
    FETCH = 1 << 6
    LAST_INSERTED_ID = 1 << 7
    INSERT_UPDATE = 1 << 8
    AFFECTED_ROWS = 1 << 10
    TRANSACTIONS = 1 << 11
    ALL = QUERY | INSERT | DELETE | UPDATE


class DbType(enum.Enum):
    """db_type_t. STR is text, BLOB bytes of any kind, BITMAP an int of 32 flags."""

    INT = 0
    DOUBLE = 1
    STR = 3
    DATETIME = 4
    BLOB = 5
    BITMAP = 6
    UNKNOWN = 7


@dataclass(frozen=True, slots=True)
class DbVal:
    """A value whose type must be said, since its Python type stands for another one: DbVal(DbType.BLOB, b"...")."""

    type: DbType
    value: "int | float | bytes | str | datetime | None"


Value = int | float | bytes | str | datetime | None | DbVal

_TYPES = {int: DbType.INT, float: DbType.DOUBLE, bytes: DbType.STR, str: DbType.STR, datetime: DbType.DATETIME}


def type_of(value: Value) -> DbType:
    """What the database is to take it for."""
    return value.type if isinstance(value, DbVal) else _TYPES.get(type(value), DbType.UNKNOWN)


def plain(value: Value) -> "int | float | bytes | str | datetime | None":
    """Without the wrapper."""
    return value.value if isinstance(value, DbVal) else value


@dataclass(slots=True)
class DbRes:
    """db_res_t: the rows of a query, all of them, or (`fetch=True`) those of the last `fetch_result`."""

    names: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    cursor: Any = None  # of the driver, while there is more to fetch

    @property
    def types(self) -> tuple[DbType, ...]:
        """Of the columns, as the first value that is not null shows; UNKNOWN where there is none."""
        firsts = ([value for row in self.rows if (value := row[i]) is not None][:1] for i in range(len(self.names)))
        return tuple(type_of(first[0]) if first else DbType.UNKNOWN for first in firsts)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def free(self) -> None:
        """Let the rows and the cursor go; may be called again."""
        self.rows = []
        if self.cursor is not None:
            self.cursor.close()
            self.cursor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.free()
