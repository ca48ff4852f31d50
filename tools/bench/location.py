"""Many registrations: what one costs in memory and CPU, and whether all of them are found again.

Phones are a UDP socket with a window of requests on the way; what is lost is sent again.
"""

import pathlib
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import sipp, tree
from .run import STARTUP_S, stop

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
    missing, good, last = set(range(phones)), 0, time.monotonic()
    while missing:
        waiting = sorted(missing)
        for at in range(0, len(waiting), WINDOW):
            window = waiting[at : at + WINDOW]
            for n in window:
                phone.sendto(request(method, n), SERVER)
            try:
                for _ in window:
                    reply = phone.recv(4096)
                    n = int(reply.partition(b"Call-ID: ")[2].partition(b"@")[0])
                    if n in missing:
                        missing.discard(n)
                        good += reply.startswith(b"SIP/2.0 200 ")
                        step(1)
                        last = time.monotonic()
            except TimeoutError:
                if time.monotonic() - last > PATIENCE_S:
                    raise RuntimeError(f"no reply to {method} for {PATIENCE_S} s") from None
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
