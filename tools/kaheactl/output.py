"""How results are shown: tables and key-value lists for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table


class Output:
    """Where and how this run prints."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = Console()

    def value(self, value: Any) -> None:
        """Anything a command returned, in the shape that fits it."""
        if self.as_json:
            self.json(value)
        elif isinstance(value, dict):
            self.pairs(value)
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            columns = list(dict.fromkeys(key for item in value for key in item))
            self.table(columns, [[item.get(key, "") for key in columns] for item in value])
        elif isinstance(value, list):
            for item in value:
                click.echo(text(item))
        elif value is not None:
            click.echo(text(value))

    def json(self, value: Any) -> None:
        """For programs: one document."""
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
        """Rows under headings; numbers to the right."""
        lines = [list(row) for row in rows]
        table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
        for number, column in enumerate(columns):
            numeric = bool(lines) and all(isinstance(row[number], (int, float)) for row in lines)
            table.add_column(column, justify="right" if numeric else "left", overflow="fold")
        for row in lines:
            table.add_row(*(text(cell) for cell in row))
        self.console.print(table)

    def pairs(self, values: dict[str, Any], title: str | None = None) -> None:
        """One name and value a line; nested values as JSON."""
        if not values:
            return
        table = Table(title=title, title_justify="left", show_header=False, box=None, pad_edge=False)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in values.items():
            table.add_row(name, text(value))
        self.console.print(table)

    def say(self, message: str) -> None:
        """A sentence for people; programs get nothing."""
        if not self.as_json:
            click.echo(message)


def text(value: Any) -> str:
    """One cell."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return str(value)


def duration(seconds: int) -> str:
    """`2d 3h 4m 5s`, without leading zeros."""
    parts: list[str] = []
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length or parts:
            parts.append(f"{seconds // length}{unit}")
            seconds %= length
    return " ".join([*parts, f"{seconds}s"])
