"""Runs sipp as caller or callee and reads what it counted."""

import contextlib
import csv
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"
BUFFERS = ["-buff_size", "33554432"]  # sipp's own sockets must not be what loses datagrams
MAX_OPEN_CALLS = 20000


@dataclass(frozen=True, slots=True)
class Counts:
    """The last line of sipp's statistics."""

    ok: int
    failed: int
    retransmissions: int


def answerer(folder: pathlib.Path, port: int = 5080) -> subprocess.Popen[bytes]:
    """Starts the callee: 180, 200 after 50 ms, 200 to BYE. The caller stops it."""
    return subprocess.Popen(
        ["sipp", "-sf", str(SCENARIOS / "uas_calls.xml"), "-i", "127.0.0.1", "-p", str(port), "-nostdin",
         "-default_behaviors", "all,-bye", *BUFFERS],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def caller(scenario: str, rate: int, calls: int, server: str = "127.0.0.1:5060") -> Counts:
    """Runs `calls` of `scenario` at `rate` a second to the end and says how they went."""
    with tempfile.TemporaryDirectory(prefix="kahea-bench-") as folder:
        stats = pathlib.Path(folder) / "stats.csv"
        command = ["sipp", "-sf", str(SCENARIOS / scenario), "-i", "127.0.0.1", "-p", "5070", server, "-s", "bob",
                   "-r", str(rate), "-m", str(calls), "-d", "50", "-nostdin", "-trace_stat", "-stf", str(stats),
                   "-fd", "1", "-l", str(MAX_OPEN_CALLS), *BUFFERS]  # fmt: skip
        with contextlib.suppress(subprocess.TimeoutExpired):  # the counts tell what is missing
            subprocess.run(command, cwd=folder, timeout=calls / rate + 60, check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        return read_counts(stats)


def read_counts(stats: pathlib.Path) -> Counts:
    """The totals of a statistics file; zeros where sipp wrote none."""
    try:
        with stats.open(newline="") as lines:
            last = list(csv.DictReader(lines, delimiter=";"))[-1]
    except (OSError, IndexError):
        return Counts(0, 0, 0)
    columns = ("SuccessfulCall(C)", "FailedCall(C)", "Retransmissions(C)")
    return Counts(*(int(last.get(column) or 0) for column in columns))
