"""One measured run: start a server, warm it up, load it, read its counters, stop it."""

import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from . import sipp, tree

STARTUP_S = 2.0
STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A load: which configuration the servers get, which sipp scenario calls, whether someone must answer."""

    name: str
    cfg: str
    caller: str
    rate: int
    answered: bool


SCENARIOS = {
    s.name: s
    for s in (
        Scenario("call", "stateful.cfg", "uac_rr.xml", 1000, True),
        Scenario("stateless", "stateless_rr.cfg", "uac_rr.xml", 1000, True),
        Scenario("register", "reg.cfg", "register.xml", 2000, False),
        Scenario("options", "reg.cfg", "options.xml", 2000, False),
    )
}


@dataclass(frozen=True, slots=True)
class Result:
    """What one run gave. `clean` means every call succeeded, nothing was sent twice and nothing was dropped."""

    cpu_us: float
    switches: float
    pss_mb: float
    rest_mb: float
    cps: float
    ok: int
    failed: int
    retransmissions: int
    drops: int
    clean: bool


def enter_private_network() -> None:
    """Runs the program again in a network namespace of its own, once, so that no port can clash."""
    if os.environ.get("KAHEA_BENCH_NET") != "1":
        os.environ["KAHEA_BENCH_NET"] = "1"
        shell = 'ip link set lo up; exec "$@"'
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", shell, "sh", *sys.orig_argv])


def measure(server: str, scenario: Scenario, rate: int, calls: int, warm: int) -> Result:
    """CPU a call of the command `server`, whose `{cfg}` stands for the scenario's configuration file."""
    with tempfile.TemporaryDirectory(prefix="kahea-bench-") as name:
        folder = pathlib.Path(name)
        command = shlex.split(server.format(cfg=sipp.SCENARIOS / scenario.cfg))
        with (folder / "server.log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        callee = None
        try:
            time.sleep(STARTUP_S)
            if process.poll() is not None:
                raise RuntimeError(f"server ended at once: {(folder / 'server.log').read_text()[-2000:]}")
            rest = tree.usage(process.pid)
            if scenario.answered:
                callee = sipp.answerer(folder)
                time.sleep(0.5)
            if warm:
                sipp.caller(scenario.caller, rate, warm)
            return _loaded(process.pid, scenario, rate, calls, rest.pss_kb / 1024)
        finally:
            for child, how in ((callee, signal.SIGKILL), (process, signal.SIGTERM)):
                if child:
                    stop(child, how)


def _loaded(pid: int, scenario: Scenario, rate: int, calls: int, rest_mb: float) -> Result:
    before, drops = tree.usage(pid), tree.udp_drops()
    start = time.monotonic()
    counts = sipp.caller(scenario.caller, rate, calls)
    seconds = time.monotonic() - start
    after, drops = tree.usage(pid), tree.udp_drops() - drops
    n = max(1, counts.ok)
    return Result(
        cpu_us=(after.run_s - before.run_s) * 1e6 / n,
        switches=(after.switches - before.switches) / n,
        pss_mb=after.pss_kb / 1024,
        rest_mb=rest_mb,
        cps=counts.ok / seconds,
        ok=counts.ok,
        failed=counts.failed,
        retransmissions=counts.retransmissions,
        drops=drops,
        clean=counts.ok == calls and not counts.retransmissions and not drops,
    )


def progress(console: Console) -> Progress:
    """A bar for what counts its steps."""
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                    console=console)  # fmt: skip


def stop(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """SIGTERM goes to the whole group of the process; what does not end in time is killed."""
    try:
        os.killpg(process.pid, how) if how == signal.SIGTERM else process.send_signal(how)
        process.wait(STOP_S)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        process.kill()
        process.wait()
