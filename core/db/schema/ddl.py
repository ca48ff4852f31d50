"""The statements that make a table, from its description."""

from collections.abc import Iterator

from ..sql import Dialect
from .tables import Column, Table


def create_table(dialect: Dialect, table: Table) -> Iterator[str]:
    """CREATE TABLE, then the indexes. Names of keys begin with the table's: some databases have them in one place."""
    parts = [f"{dialect.name('id')} {dialect.serial}"]
    parts += [column_of(dialect, column) for column in table.columns]
    for key in table.keys:
        if key.unique:
            parts.append(
                f"CONSTRAINT {dialect.name(f'{table.name}_{key.name}')} UNIQUE ({names(dialect, key.columns)})"
            )
    lines = ",\n    ".join(parts)
    yield f"CREATE TABLE {dialect.name(table.name)} (\n    {lines}\n)"
    for key in table.keys:
        if not key.unique:
            name, on = dialect.name(f"{table.name}_{key.name}"), dialect.name(table.name)
            yield f"CREATE INDEX {name} ON {on} ({names(dialect, key.columns)})"


def column_of(dialect: Dialect, column: Column) -> str:
    """`name TYPE DEFAULT x NOT NULL`."""
    words = [dialect.name(column.name), dialect.column_type(column.kind, column.size)]
    if column.default is not None:
        words.append(f"DEFAULT {column.default}")
    if not column.null:
        words.append("NOT NULL")
    return " ".join(words)


def names(dialect: Dialect, columns: tuple[str, ...]) -> str:
    return ", ".join(map(dialect.name, columns))
