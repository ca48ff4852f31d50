"""Many registrations: what one costs in memory and CPU, and whether all of them are found again.

Phones are a UDP socket with a window of requests on the way; what is lost is sent again.
"""

import json
import pathlib
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from . import sipp, tree
from .run import STARTUP_S, progress, stop

PHONES = 50_000
WINDOW = 64
PATIENCE_S = 10  # without any reply
SERVER = ("127.0.0.1", 5060)
CFG = "location.cfg"


@dataclass(frozen=True, slots=True)
class Location:
    """What one run gave; CPU in µs of the process tree, memory in bytes of its PSS."""

    phones: int
    registered: int
    found: int
    seconds: float  # to register all
    register_us: float
    lookup_us: float
    bytes_a_contact: float
    pss_mb: float


def request(method: str, n: int) -> bytes:
    """A REGISTER of phone `n`, or another request to it."""
    uri = f"sip:phone{n}@127.0.0.1"
    contact = f"Contact: <sip:phone{n}@127.0.0.1:5070>;expires=3600\r\n" if method == "REGISTER" else ""
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK{method}{n}\r\n"
        f"From: <{uri}>;tag={n}\r\nTo: <{uri}>\r\nCall-ID: {n}@bench\r\nCSeq: 1 {method}\r\n{contact}"
        "Max-Forwards: 70\r\nUser-Agent: bench\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def send_all(phone: socket.socket, method: str, phones: int, step: Callable[[int], None]) -> int:
    """One request a phone, until each has a reply; how many of these are 200. RuntimeError when nobody answers."""
    return exchange(phone, SERVER, {n: request(method, n) for n in range(phones)}, step)


def exchange(phone: socket.socket, server: tuple[str, int], requests: dict[int, bytes], step: Callable[[int], None],
             window: int = WINDOW) -> int:  # fmt: skip
    """Sends each request until it has a reply, `window` at a time; how many replies are 200. The key is the Call-ID up
    to its `@`."""
    missing, good, last = set(requests), 0, time.monotonic()
    while missing:
        waiting = sorted(missing)
        for at in range(0, len(waiting), window):
            sent = waiting[at : at + window]
            for n in sent:
                phone.sendto(requests[n], server)
            try:
                for _ in sent:
                    reply = phone.recv(65536)
                    n = int(reply.partition(b"Call-ID: ")[2].partition(b"@")[0])
                    if n in missing:
                        missing.discard(n)
                        good += reply.startswith(b"SIP/2.0 200 ")
                        step(1)
                        last = time.monotonic()
            except TimeoutError:
                if time.monotonic() - last > PATIENCE_S:
                    raise RuntimeError(f"no reply for {PATIENCE_S} s to {requests[n][:60]!r}") from None
    return good


def measure(server: str, step: Callable[[int], None], phones: int = PHONES) -> Location:
    """Register and look up `phones` phones; `step` counts 2 * phones for a progress bar."""
    with tempfile.TemporaryDirectory(prefix="kahea-bench-") as name, socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 5070))
        phone.settimeout(1)
        command = shlex.split(server.format(cfg=sipp.SCENARIOS / CFG))
        log_path = pathlib.Path(name) / "server.log"
        with log_path.open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            time.sleep(STARTUP_S)
            before, start = tree.usage(process.pid), time.monotonic()
            registered = send_all(phone, "REGISTER", phones, step)
            loaded, seconds = tree.usage(process.pid), time.monotonic() - start
            found = send_all(phone, "OPTIONS", phones, step)
            after = tree.usage(process.pid)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {log_path.read_text()[-2000:]}") from None
        finally:
            stop(process)
    return Location(
        phones=phones,
        registered=registered,
        found=found,
        seconds=seconds,
        register_us=(loaded.run_s - before.run_s) * 1e6 / phones,
        lookup_us=(after.run_s - loaded.run_s) * 1e6 / phones,
        bytes_a_contact=(loaded.pss_kb - before.pss_kb) * 1024 / phones,
        pss_mb=loaded.pss_kb / 1024,
    )


def report(console: Console, servers: dict[str, str], as_json: bool) -> None:
    """Run for each server and print."""
    table = Table(title=f"{PHONES} registrations, each looked up once")
    table.add_column("server")
    for column in ("registered", "found", "seconds", "save µs", "lookup µs", "bytes a contact", "PSS MB"):
        table.add_column(column, justify="right", no_wrap=True)
    with progress(console) as bar:
        task = bar.add_task("location", total=2 * PHONES * len(servers))
        for name, command in servers.items():
            bar.update(task, description=f"location: {name}")
            r = measure(command, lambda n: bar.advance(task, n))
            if as_json:
                print(json.dumps({"scenario": "location", "server": name, **asdict(r)}))
            table.add_row(
                name, str(r.registered), str(r.found), f"{r.seconds:.1f}", f"{r.register_us:.1f}", f"{r.lookup_us:.1f}",
                f"{r.bytes_a_contact:.0f}", f"{r.pss_mb:.1f}",
            )  # fmt: skip
    if not as_json:
        console.print(table)
