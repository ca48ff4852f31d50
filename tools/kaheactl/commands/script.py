"""`kaheactl script`: the routing script of the running server."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..main import Context


@click.group("script")
def script() -> None:
    """The routing script: reload it, show which one is in force."""


@script.command("reload")
@click.pass_obj
def reload(context: "Context") -> None:
    """Put the script on disk in force, in all workers, without losing a message. A broken one changes nothing."""
    context.output.value(context.client.call("cfg.reload_script"))


@script.command("show")
@click.pass_obj
def show(context: "Context") -> None:
    """Files, generation and route blocks of the script in force."""
    context.output.value(context.client.call("cfg.show_script"))


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(script)
