"""The command line: global options, the commands, and errors as one line with an exit code.

Exit codes: 0 done, 1 the server said no (or a wrong state), 2 wrong usage, 3 no server answers.
"""

import sys
from dataclasses import dataclass

import click

from .client import Client, ClientError
from .commands import db, rpc, script, server, stats, ul
from .output import Output


@dataclass
class Context:
    """What every command gets."""

    client: Client
    output: Output
    database: str = ""  # --url of `db`


class OneLineErrors(click.Group):
    """A group whose errors are one line on stderr, never a traceback, and that finds `--json` wherever it stands."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if "--json" in args:
            args = ["--json", *(arg for arg in args if arg != "--json")]
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except ClientError as error:
            click.echo(f"kaheactl: {error}", err=True)
            context.exit(error.code)
        except KeyboardInterrupt:
            context.exit(130)


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-s", "--server", "address", help="Run folder, socket or FIFO of the server, or udp:host:port.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("-t", "--timeout", type=float, default=5.0, show_default=True, help="Seconds to wait for an answer.")
@click.pass_context
def cli(context: click.Context, address: str | None, as_json: bool, timeout: float) -> None:
    """Operate a running Kahea (or Kamailio) server."""
    context.obj = Context(Client(address, timeout), Output(as_json))


for family in (server, script, stats, ul, db, rpc):
    family.register(cli)


def main() -> None:
    """Console script."""
    try:
        cli()
    except BrokenPipeError:
        sys.exit(0)  # the reader of our output has left: `kaheactl ... | head`


if __name__ == "__main__":
    main()
