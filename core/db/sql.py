"""Writes SQL from keys, operators and values: the only place that does. Values become parameters.

A Dialect is what databases differ in. The one here is SQL's standard, with the placeholders of most libraries.
"""

import re
from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

from .errors import DbError
from .values import OP_BITWISE_AND, OP_EQ, OP_GEQ, OP_GT, OP_LEQ, OP_LT, OP_NEQ, Value, plain

OPERATORS = (OP_LT, OP_GT, OP_EQ, OP_LEQ, OP_GEQ, OP_NEQ, OP_BITWISE_AND)
_ORDER = re.compile(r"\s*([^\s,]+)(?:\s+(asc|desc))?\s*", re.I)


class Sql(NamedTuple):
    """A statement and the values of its parameters, as the library of the database takes them."""

    text: str
    values: tuple[Any, ...]


class Dialect:
    """What differs between databases. One instance a driver; all methods are pure."""

    quote = '"'  # around names

    def name(self, text: str) -> str:
        """A table or column; quoted, so that it may be a word of SQL."""
        if not text or self.quote in text or "\0" in text:
            raise DbError(f"{text!r} cannot be a name")
        return f"{self.quote}{text}{self.quote}"

    def parameter(self, value: Value) -> str:
        """The place of a value in the text."""
        return "%s"

    def value(self, value: Value) -> Any:
        """The value as the library takes it."""
        return plain(value)

    def bits(self, column: str, place: str) -> str:
        """The condition of OP_BITWISE_AND."""
        return f"({column} & {place}) <> 0"

    def replace(self, table: str, columns: str, places: str) -> str:
        """Insert, or replace the row with the same unique key."""
        return f"REPLACE INTO {table} ({columns}) VALUES ({places})"

    def insert_update(self, table: str, names: Sequence[str], places: str) -> str:
        """Insert, or update the row with the same unique key."""
        changes = ", ".join(f"{name} = excluded.{name}" for name in names)
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places}) ON CONFLICT DO UPDATE SET {changes}"


class Writer:
    """One statement on its way: collects the values while the text is written."""

    def __init__(self, dialect: Dialect, table: str) -> None:
        if not table:
            raise DbError("no table is chosen: use_table")
        self.dialect = dialect
        self.table = dialect.name(table)
        self.values: list[Any] = []

    def place(self, value: Value) -> str:
        """A parameter."""
        self.values.append(self.dialect.value(value))
        return self.dialect.parameter(value)

    def places(self, vals: Sequence[Value]) -> str:
        return ", ".join(map(self.place, vals))

    def names(self, keys: Sequence[str]) -> list[str]:
        return [self.dialect.name(key) for key in keys]

    def condition(self, key: str, op: str, val: Value) -> str:
        """One comparison; with null it asks for null."""
        column = self.dialect.name(key)
        if op == "!=":
            op = OP_NEQ
        if op not in OPERATORS:
            raise DbError(f"{op!r} is not an operator")
        if plain(val) is None:
            if op not in (OP_EQ, OP_NEQ):
                raise DbError(f"null cannot be compared by {op}")
            return f"{column} IS {'NOT ' if op == OP_NEQ else ''}NULL"
        if op == OP_BITWISE_AND:
            return self.dialect.bits(column, self.place(val))
        return f"{column} {op} {self.place(val)}"

    def where(self, keys: Sequence[str], ops: Sequence[str] | None, vals: Sequence[Value]) -> str:
        """ " WHERE a = ? AND b < ?", or nothing."""
        if len(keys) != len(vals) or (ops and len(ops) != len(keys)):
            raise DbError(f"{len(keys)} keys, {len(ops or keys)} operators, {len(vals)} values")
        parts = [self.condition(*each) for each in zip(keys, ops or repeat(OP_EQ), vals, strict=False)]
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def order(self, order: str) -> str:
        """`q desc, contact`, or nothing."""
        parts = []
        for part in order.split(",") if order else ():
            found = _ORDER.fullmatch(part)
            if found is None:
                raise DbError(f"{order!r} is not an order of columns")
            parts.append(self.dialect.name(found[1]) + (f" {found[2].upper()}" if found[2] else ""))
        return f" ORDER BY {', '.join(parts)}" if parts else ""

    def done(self, text: str) -> Sql:
        return Sql(text, tuple(self.values))


def same_number(keys: Sequence[str], vals: Sequence[Value]) -> None:
    if not keys or len(keys) != len(vals):
        raise DbError(f"{len(keys)} columns for {len(vals)} values")


def select(
    dialect: Dialect, table: str, keys: Sequence[str], ops: Sequence[str] | None, vals: Sequence[Value],
    columns: Sequence[str], order: str,
) -> Sql:  # fmt: skip
    """All columns when none is named."""
    w = Writer(dialect, table)
    wanted = ", ".join(w.names(columns)) or "*"
    return w.done(f"SELECT {wanted} FROM {w.table}{w.where(keys, ops, vals)}{w.order(order)}")


def insert(dialect: Dialect, table: str, keys: Sequence[str], vals: Sequence[Value]) -> Sql:
    same_number(keys, vals)
    w = Writer(dialect, table)
    return w.done(f"INSERT INTO {w.table} ({', '.join(w.names(keys))}) VALUES ({w.places(vals)})")


def replace(dialect: Dialect, table: str, keys: Sequence[str], vals: Sequence[Value]) -> Sql:
    same_number(keys, vals)
    w = Writer(dialect, table)
    return w.done(dialect.replace(w.table, ", ".join(w.names(keys)), w.places(vals)))


def insert_update(dialect: Dialect, table: str, keys: Sequence[str], vals: Sequence[Value]) -> Sql:
    same_number(keys, vals)
    w = Writer(dialect, table)
    return w.done(dialect.insert_update(w.table, w.names(keys), w.places(vals)))


def delete(dialect: Dialect, table: str, keys: Sequence[str], ops: Sequence[str] | None, vals: Sequence[Value]) -> Sql:
    w = Writer(dialect, table)
    return w.done(f"DELETE FROM {w.table}{w.where(keys, ops, vals)}")


def update(
    dialect: Dialect, table: str, keys: Sequence[str], ops: Sequence[str] | None, vals: Sequence[Value],
    ukeys: Sequence[str], uvals: Sequence[Value],
) -> Sql:  # fmt: skip
    same_number(ukeys, uvals)
    w = Writer(dialect, table)
    changes = ", ".join(f"{name} = {w.place(val)}" for name, val in zip(w.names(ukeys), uvals, strict=True))
    return w.done(f"UPDATE {w.table} SET {changes}{w.where(keys, ops, vals)}")
