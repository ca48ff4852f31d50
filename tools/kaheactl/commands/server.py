"""`kaheactl start stop restart ps ping version uptime`: the server as a whole."""

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import click

from ....core.process.daemon import is_alive
from ..client import ClientError
from ..output import duration
from ..sip import options_request

if TYPE_CHECKING:
    from ..main import Context

STOP_LIMIT_S = 10.0


def main_process(context: "Context") -> int:
    """Process id of the server's main process."""
    for row in context.client.call("core.psx"):
        if int(row["IDX"]) == 0:
            return int(row["PID"])
    raise ClientError("the server does not tell its main process")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1)
@click.pass_obj
def start(context: "Context", options: tuple[str, ...]) -> None:
    """Start a server in the background; OPTIONS are those of kahea (-f FILE, -P FILE, -Y DIR, ...)."""
    try:
        pid = main_process(context)
    except ClientError:
        pid = 0
    if pid:
        raise ClientError(f"a server runs already, process {pid}")
    result = subprocess.run([sys.executable, "-m", f"{package()}.core.main", *options], check=False)
    if result.returncode:
        raise ClientError(
            f"the server did not start (exit code {result.returncode}); the reason is above or in the log"
        )
    context.output.say("started")


def package() -> str:
    """The package this tool came with: `kahea`."""
    return __name__.split(".tools.")[0]


@click.command()
@click.pass_obj
def stop(context: "Context") -> None:
    """Stop the server and wait until it is gone."""
    pid = main_process(context)
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError:
        context.client.call("core.kill", int(signal.SIGTERM))
    end = time.monotonic() + STOP_LIMIT_S
    while is_alive(pid):
        if time.monotonic() > end:
            raise ClientError(f"process {pid} still runs after {STOP_LIMIT_S:g} s")
        time.sleep(0.02)
    context.output.say("stopped")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1)
@click.pass_context
def restart(context: click.Context, options: tuple[str, ...]) -> None:
    """Stop and start; without OPTIONS the server starts as it was started before."""
    client = context.obj.client
    arguments = list(options) or list(client.call("core.arg"))
    folder = client.call("core.runinfo").get("started_in") or client.call("core.pwd")[0]
    context.invoke(stop)
    command = [sys.executable, "-m", f"{package()}.core.main", *arguments] if options else arguments
    if subprocess.run(command, check=False, cwd=None if options else folder).returncode:
        raise ClientError("the server did not start again; the reason is above or in the log")
    context.obj.output.say("started")


@click.command()
@click.pass_obj
def ps(context: "Context") -> None:
    """Show the processes of the server."""
    rows = context.client.call("core.psa")
    if context.output.as_json:
        context.output.json(rows)
        return
    columns = ["index", "pid", "rank", "status", "starts", "uptime", "description"]
    context.output.table(columns, [[row.get(column, "") for column in columns] for row in rows])


@click.command()
@click.pass_obj
def version(context: "Context") -> None:
    """Show the version of the running server."""
    context.output.value(str(context.client.call("core.version")).strip())


@click.command()
@click.pass_obj
def uptime(context: "Context") -> None:
    """Show since when the server runs."""
    result = context.client.call("core.uptime")
    if context.output.as_json:
        context.output.json(result)
    else:
        context.output.say(f"up {duration(int(result['uptime']))}, since {result['up_since']}")


def first_socket(context: "Context") -> str:
    """URI of the first UDP socket the server listens on; the usual one when it does not tell."""
    try:
        rows = [row["socket"] for row in context.client.call("core.sockets_list")]
    except ClientError:
        rows = []
    udp = next((row for row in rows if row["proto"] == "udp"), None)
    return f"sip:{udp['ipaddress']}:{udp['port']}" if udp else "sip:127.0.0.1:5060"


@click.command()
@click.argument("uri", default="")
@click.option("-c", "--count", type=click.IntRange(min=1), default=1, help="How many requests.")
@click.pass_obj
def ping(context: "Context", uri: str, count: int) -> None:
    """Send SIP OPTIONS over UDP, to URI or the server's first socket, and show the answer and its time."""
    uri = uri or first_socket(context)
    results = [options_request(uri, context.client.timeout) for _ in range(count)]
    if context.output.as_json:
        context.output.json(results)
        return
    for result in results:
        context.output.say(f"{result['status']} from {uri} in {result['ms']:.2f} ms")


def register(group: click.Group) -> None:
    """Add the commands."""
    for command in (start, stop, restart, ps, version, uptime, ping):
        group.add_command(command)
