"""Calls while the shared memory is nearly empty, and while it is nearly full and full of holes.

Each server runs twice, with 10 % and with 90 % of its shared memory (-m) in use: registrations of random size, of which
a random third is removed and replaced, twice over. Then all of them get the same calls in turns, window by window, so
that what the machine does besides hits all alike. CPU is that of the process tree, as in the other scenarios.
"""

import contextlib
import json
import math
import pathlib
import random
import shlex
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from . import sipp, tree
from .location import exchange
from .run import progress, stop

CFG = "fill.cfg"
SHARES = (0.1, 0.9)
CALLS = 200_000  # of each
WINDOWS = 20
RATE = 1500
FIRST_PORT = 5060
RPC_SOCKET = "rpc.sock"
PHONE = ("127.0.0.1", 5090)
BATCH = 1000  # registrations between two looks at the memory
AT_ONCE = 16  # of up to 4 KB each: more would not fit the socket's buffer
REPLACED = 2  # times that a third goes and others come
RPC_S, START_LIMIT_S = 10.0, 20.0


@dataclass
class Filled:
    """One server with its share of memory in use."""

    name: str
    share: float
    port: int
    folder: pathlib.Path
    process: subprocess.Popen[bytes]
    # a call, by window; not a number where one failed or something was sent twice
    cpu_us: list[float] = field(default_factory=list)
    failed: int = 0
    used: list[float] = field(default_factory=list)  # share of memory after the filling, and at the end

    def memory(self) -> dict[str, int]:
        """RPC core.shmmem: bytes."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.bind(str(self.folder / f"rpc{time.monotonic_ns()}"))
            line.settimeout(RPC_S)
            line.connect(str(self.folder / RPC_SOCKET))
            line.send(b'{"jsonrpc": "2.0", "method": "core.shmmem", "id": 1}')
            result: dict[str, int] = json.loads(line.recv(65536))["result"]
            return result

    def wait(self) -> None:
        """Until it answers."""
        end = time.monotonic() + START_LIMIT_S
        while self.process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError):
                self.memory()
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def used_share(self) -> float:
        """Of the shared memory, 0 to 1."""
        memory = self.memory()
        return memory["real_used"] / memory["total"]


def register(n: int, dice: random.Random) -> bytes:
    """One to six contacts of different length for AoR `n`."""
    contacts = ", ".join(
        f"<sip:phone{n}.{i}@127.0.0.1:{PHONE[1]};x={'x' * dice.randrange(400)}>" for i in range(dice.randint(1, 6))
    )
    return request(n, 1, f"Contact: {contacts}\r\nExpires: 86400", "a" * dice.randint(1, 200))


def unregister(n: int) -> bytes:
    """All contacts of AoR `n` go."""
    return request(n, 2, "Contact: *\r\nExpires: 0", "a")


def request(n: int, cseq: int, headers: str, agent: str) -> bytes:
    uri = f"sip:phone{n}@127.0.0.1"
    return (
        f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {PHONE[0]}:{PHONE[1]};branch=z9hG4bK{n}.{cseq}\r\n"
        f"From: <{uri}>;tag={n}\r\nTo: <{uri}>\r\nCall-ID: {n}@bench\r\nCSeq: {cseq} REGISTER\r\n{headers}\r\n"
        f"Max-Forwards: 70\r\nUser-Agent: {agent}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def fill(server: Filled, phone: socket.socket, step: Callable[[int], None]) -> None:
    """Use the server's share of its memory, with holes everywhere."""
    dice = random.Random(1)
    there: list[int] = []
    count = 0
    for turn in range(REPLACED + 1):
        while server.used_share() < server.share:
            batch = {n: register(n, dice) for n in range(count, count + BATCH)}
            count += BATCH
            if exchange(phone, ("127.0.0.1", server.port), batch, step, AT_ONCE) < BATCH:
                raise RuntimeError(f"{server.name}: registrations refused")
            there += batch
        if turn < REPLACED:
            dice.shuffle(there)
            gone, there = there[: len(there) // 3], there[len(there) // 3 :]
            exchange(phone, ("127.0.0.1", server.port), {n: unregister(n) for n in gone}, step, AT_ONCE)
    server.used.append(server.used_share())


def window(server: Filled, rate: int, calls: int) -> None:
    """Some of the calls, at that rate."""
    before = tree.usage(server.process.pid).run_s
    counts = sipp.caller("uac_rr.xml", rate, calls, f"127.0.0.1:{server.port}")
    cpu = (tree.usage(server.process.pid).run_s - before) * 1e6 / calls
    server.cpu_us.append(cpu if counts.ok == calls and not counts.retransmissions else math.nan)
    server.failed += calls - counts.ok


@contextlib.contextmanager
def running(commands: dict[str, str], shares: tuple[float, ...]) -> Iterator[list[Filled]]:
    """Each server once a share, on ports of their own."""
    servers: list[Filled] = []
    with tempfile.TemporaryDirectory(prefix="kahea-bench-") as name:
        try:
            for port, (server, share) in enumerate(((s, share) for s in commands for share in shares), FIRST_PORT):
                folder = pathlib.Path(name) / str(port)
                folder.mkdir()
                command = shlex.split(commands[server].format(cfg=sipp.SCENARIOS / CFG))
                command += [
                    "-A",
                    f'RPC_SOCKET="{folder / RPC_SOCKET}"',
                    "-Y",
                    str(folder),
                    "-l",
                    f"udp:127.0.0.1:{port}",
                ]
                with (folder / "log").open("w") as log:
                    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
                servers.append(Filled(server, share, port, folder, process))
            for one in servers:
                one.wait()
            yield servers
        finally:
            for one in servers:
                stop(one.process)


def measure(commands: dict[str, str], rate: int, bar: Progress, calls: int = CALLS, windows: int = WINDOWS,
            shares: tuple[float, ...] = SHARES) -> list[Filled]:  # fmt: skip
    """Start all, fill all, call all in turns."""
    with running(commands, shares) as servers, tempfile.TemporaryDirectory(prefix="kahea-bench-") as folder:
        with socket.socket(type=socket.SOCK_DGRAM) as phone:
            phone.bind(PHONE)
            phone.settimeout(1)
            for server in servers:
                task = bar.add_task(f"filling {server.name} to {server.share:.0%}", total=None)
                fill(server, phone, lambda n, task=task: bar.advance(task, n))  # type: ignore[misc]
        callee = sipp.answerer(pathlib.Path(folder))
        task = bar.add_task("calls", total=calls * len(servers))
        try:
            for turn in range(windows):
                for server in servers[turn % len(servers) :] + servers[: turn % len(servers)]:
                    window(server, rate, calls // windows)
                    bar.advance(task, calls // windows)
        finally:
            callee.kill()
            callee.wait()
        for server in servers:
            server.used.append(server.used_share())
    return servers


def median(values: list[float]) -> float:
    """Of what are numbers."""
    numbers = [value for value in values if not math.isnan(value)]
    return statistics.median(numbers) if numbers else math.nan


def report(console: Console, commands: dict[str, str], rate: int, as_json: bool) -> None:
    """Run and print: CPU a call in the first and in the last fifth of the windows, and the ratio of the fuller server
    to the emptier one, window by window; all of clean windows only."""
    with progress(console) as bar:
        servers = measure(commands, rate, bar)
    table = Table(title=f"{CALLS} calls at {rate}/s: CPU µs a call, median of windows of {CALLS // WINDOWS}")
    table.add_column("server")
    for column in ("in use", "first fifth", "last fifth", "last/first", "all", "to 10 %", "clean", "failed"):
        table.add_column(column, justify="right", no_wrap=True)
    for server in servers:
        emptiest = next(s for s in servers if s.name == server.name)
        first, last = median(server.cpu_us[: WINDOWS // 5]), median(server.cpu_us[-(WINDOWS // 5) :])
        ratio = median([a / b for a, b in zip(server.cpu_us, emptiest.cpu_us, strict=True)])
        clean = sum(not math.isnan(cpu) for cpu in server.cpu_us)
        table.add_row(
            server.name, f"{server.used[0]:.0%}", f"{first:.1f}", f"{last:.1f}", f"{last / first:.2f}",
            f"{median(server.cpu_us):.1f}", f"{ratio:.2f}", f"{clean}/{WINDOWS}", str(server.failed),
        )  # fmt: skip
        if as_json:
            figures = {name: getattr(server, name) for name in ("share", "used", "cpu_us", "failed")}
            print(json.dumps({"scenario": "fill", "server": server.name, "rate": rate, **figures}))
    if not as_json:
        console.print(table)
