"""`kaheactl stats` and `kaheactl monitor`: counters, once or live."""

import json
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from ..main import Context

WATCHED = ("core:", "tmx:", "usrloc:", "sl:", "shmem:")


def fetch(context: "Context", names: tuple[str, ...]) -> dict[str, int]:
    """`group.name` -> value."""
    result = context.client.call("stats.fetchn", *(names or ("all",)))
    return {name: int(value) for name, value in result.items()}


@click.command()
@click.argument("names", nargs=-1)
@click.option("--zero/--no-zero", default=True, help="Also show counters that are 0.")
@click.pass_obj
def stats(context: "Context", names: tuple[str, ...], zero: bool) -> None:
    """Show statistics: all, a group (core:) or names."""
    values = {name: value for name, value in fetch(context, names).items() if zero or value}
    if context.output.as_json:
        context.output.json(values)
        return
    context.output.table(["statistic", "value"], [[name, value] for name, value in sorted(values.items())])


@click.command()
@click.argument("names", nargs=-1)
@click.option("-i", "--interval", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="Seconds.")
@click.option("-n", "--count", type=int, default=0, help="Stop after so many readings; 0 runs until Ctrl-C.")
@click.pass_obj
def monitor(context: "Context", names: tuple[str, ...], interval: float, count: int) -> None:
    """Watch statistics and their rate a second; --json prints a line each time."""
    from rich.live import Live

    groups = names or available(context)
    before, then = fetch(context, groups), time.monotonic()
    if context.output.as_json:
        click.echo(json.dumps({"time": time.time(), "values": before}))
    number = 1
    with Live(console=context.output.console, auto_refresh=False, transient=False) as live:
        if not context.output.as_json:
            live.update(picture(before, before, 1.0), refresh=True)
        while number != count:
            time.sleep(interval)
            values, now = fetch(context, groups), time.monotonic()
            if context.output.as_json:
                click.echo(json.dumps({"time": time.time(), "values": values}))
            else:
                live.update(picture(values, before, now - then), refresh=True)
            before, then, number = values, now, number + 1


def available(context: "Context") -> tuple[str, ...]:
    """The watched groups that this server has."""
    groups = {name.partition(".")[0] + ":" for name in fetch(context, ())}
    return tuple(group for group in WATCHED if group in groups)


def picture(values: dict[str, int], before: dict[str, int], seconds: float) -> "Table":
    """The table of one moment: what is not 0, with its rate."""
    from rich.table import Table

    table = Table(title=time.strftime("%H:%M:%S"), title_justify="left", header_style="bold", box=None, pad_edge=False)
    table.add_column("statistic")
    table.add_column("value", justify="right")
    table.add_column("a second", justify="right")
    for name, value in sorted(values.items()):
        if value:
            rate = (value - before.get(name, 0)) / seconds
            table.add_row(name, str(value), f"{rate:+.1f}" if rate else "")
    return table


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(stats)
    group.add_command(monitor)
