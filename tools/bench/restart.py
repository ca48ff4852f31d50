"""Warm restart: every process is killed, and the next start with `--keep-shm` has all registrations.

The phones register over the wire. Then the whole tree gets SIGKILL, and the clock runs from the start of the next one's
program: until its first answer, which finds a phone, and until every phone was looked up. The same start with nothing
kept is the rest of the way: Python, configuration, sockets, fork.
"""

import contextlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from ...core.shared import kept_name
from ...mem import segment
from . import sipp, tree
from .location import CFG, SERVER, request, send_all
from .run import progress, stop

PHONES = 100_000
START_LIMIT_S = 20.0
POLL_S = 0.001


@dataclass(frozen=True, slots=True)
class Restart:
    """What one run gave; seconds from the start of the program."""

    phones: int
    registered: int
    empty_s: float  # first answer of a start with nothing kept
    kept_s: float  # first answer of the start after the kill: 200, the phone is known
    start_cpu_s: float  # CPU of the process tree until then
    found: int
    all_found_s: float


class Lives:
    """One server after the other with the same configuration file."""

    def __init__(self, command: str, folder: pathlib.Path, phone: socket.socket) -> None:
        shutil.copy(sipp.SCENARIOS / CFG, folder / CFG)
        self.command = shlex.split(command.format(cfg=folder / CFG)) + ["--keep-shm"]
        self.log = folder / "server.log"
        self.phone = phone

    def start(self, n: int, status: bytes) -> tuple[subprocess.Popen[bytes], float]:
        """Start; the process and the seconds until it answered that phone `n` has `status`."""
        began = time.monotonic()
        with self.log.open("w") as log:
            process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self.phone.settimeout(POLL_S)
        while time.monotonic() - began < START_LIMIT_S and process.poll() is None:
            self.phone.sendto(request("OPTIONS", n), SERVER)
            with contextlib.suppress(TimeoutError):
                if self.phone.recv(4096).startswith(b"SIP/2.0 " + status):
                    self.settle()
                    return process, time.monotonic() - began
        stop(process)
        raise RuntimeError(f"no answer {status.decode()}: {self.log.read_text()[-2000:]}")

    def settle(self) -> None:
        """Swallow the replies that are still on their way."""
        self.phone.settimeout(0.02)
        with contextlib.suppress(TimeoutError):
            while True:
                self.phone.recv(4096)
        self.phone.settimeout(1)


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to every process at once."""
    for pid in tree.descendants(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def lives(command: str) -> Iterator[Lives]:
    """A folder with the configuration, a phone; at the end no memory is left."""
    with tempfile.TemporaryDirectory(prefix="kahea-bench-") as name, socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 5070))
        server = Lives(command, pathlib.Path(name), phone)
        try:
            yield server
        finally:
            segment.remove(kept_name(str(pathlib.Path(name) / CFG)))


def measure(command: str, step: Callable[[int], None], phones: int = PHONES) -> Restart:
    """Three starts of a server; `step` counts 2 * phones for a progress bar."""
    with lives(command) as server:
        process, empty_s = server.start(phones, b"404")
        try:
            registered = send_all(server.phone, "REGISTER", phones, step)
        finally:
            kill_tree(process)
        began = time.monotonic()
        process, kept_s = server.start(phones - 1, b"200")
        try:
            cpu = tree.usage(process.pid).run_s
            found = send_all(server.phone, "OPTIONS", phones, step)
            all_found_s = time.monotonic() - began
        finally:
            stop(process)
        return Restart(
            phones=phones,
            registered=registered,
            empty_s=empty_s,
            kept_s=kept_s,
            start_cpu_s=cpu,
            found=found,
            all_found_s=all_found_s,
        )


def report(console: Console, servers: dict[str, str], rounds: int, as_json: bool) -> None:
    """Run for each server that can keep its memory, and print."""
    servers = {name: command for name, command in servers.items() if not command.startswith("kamailio ")}
    table = Table(title=f"{PHONES} registrations, kill -9 of every process: seconds from the next start")
    table.add_column("server")
    for column in ("registered", "empty: first answer", "kept: first answer", "CPU", "found", "all found"):
        table.add_column(column, justify="right", no_wrap=True)
    with progress(console) as bar:
        task = bar.add_task("restart", total=2 * PHONES * len(servers) * rounds)
        for name, command in list(servers.items()) * rounds:
            bar.update(task, description=f"restart: {name}")
            r = measure(command, lambda n: bar.advance(task, n))
            if as_json:
                print(json.dumps({"scenario": "restart", "server": name, **asdict(r)}))
            table.add_row(
                name, str(r.registered), f"{r.empty_s:.2f}", f"{r.kept_s:.2f}", f"{r.start_cpu_s:.2f}", str(r.found),
                f"{r.all_found_s:.1f}",
            )  # fmt: skip
    if not as_json:
        console.print(table)
