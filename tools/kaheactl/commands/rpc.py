"""`kaheactl rpc METHOD [PARAMS]`: any command of the server."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..main import Context


def parameter(text: str) -> str | int | float:
    """`s:5` is the text 5, `i:5` the number; else what looks like a number is one."""
    if text.startswith("s:"):
        return text[2:]
    if text.startswith("i:"):
        try:
            return int(text[2:])
        except ValueError:
            raise click.BadParameter(f"{text[2:]!r} is no number") from None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@click.command("rpc", context_settings={"ignore_unknown_options": True})
@click.argument("method", required=False)
@click.argument("params", nargs=-1)
@click.pass_obj
def rpc(context: "Context", method: str | None, params: tuple[str, ...]) -> None:
    """Call METHOD with PARAMS; without METHOD list them all.

    A parameter that looks like a number is sent as one; s:5 sends the text 5, i:5 the number.
    """
    if method is None:
        context.output.value(context.client.call("system.listMethods"))
        return
    context.output.value(context.client.call(method, *(parameter(text) for text in params)))


def register(group: click.Group) -> None:
    """Add the command."""
    group.add_command(rpc)
