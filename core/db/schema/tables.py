"""Reads the description of tables."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent / "standard.tables"
_TABLE = re.compile(r"table (\w+) (\d+)")
_KEY = re.compile(r"(unique|index) (\w+) \((\w+(?:, \w+)*)\)")
_COLUMN = re.compile(r"(\w+) (int|uint|smallint|float|text|blob|datetime|varchar)(?:\((\d+)\))?( null)?(?: = (.*))?")


@dataclass(frozen=True, slots=True)
class Column:
    """`default` is a literal of SQL: a number or a text in single quotes; None when there is none."""

    name: str
    kind: str
    size: int = 0  # characters of a varchar
    null: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """An index."""

    name: str
    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table without its `id`."""

    name: str
    version: int
    columns: list[Column] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)


def parse_tables(text: str) -> list[Table]:
    """The tables of a description; ValueError with the number of a bad line."""
    tables: list[Table] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words[0] == "#":
            continue
        if found := _TABLE.fullmatch(words):
            tables.append(Table(found[1], int(found[2])))
        elif tables and (found := _KEY.fullmatch(words)):
            tables[-1].keys.append(Key(found[2], tuple(found[3].split(", ")), found[1] == "unique"))
        elif tables and (found := _COLUMN.fullmatch(words)):
            name, kind, size, null, default = found.groups()
            tables[-1].columns.append(Column(name, kind, int(size or 0), bool(null), default))
        else:
            raise ValueError(f"line {number}: {words}")
    return tables


@cache
def standard_tables() -> dict[str, Table]:
    """By name, `version` first."""
    return {table.name: table for table in parse_tables(SOURCE.read_text())}
