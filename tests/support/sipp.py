"""Runs sipp scenarios and reads what they counted."""

import csv
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class SippResult:
    """What one run of sipp counted."""

    successful: int
    failed: int
    retransmissions: int
    exit_code: int
    output: str
    errors: str  # what was unexpected, with the messages


def need_sipp() -> str:
    """The path of sipp; skips the test where it is not installed."""
    path = shutil.which("sipp")
    if path is None:
        pytest.skip("sipp is not installed (Debian package sip-tester)")
    return path


class Sipp:
    """One sipp process. `scenario` is a file, or the name of one of its own (uac, uas)."""

    def __init__(self, scenario: str | Path, folder: Path, *args: str, name: str = "sipp", port: int = 5070) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.stat_file = folder / f"{name}.csv"
        self.output_file = folder / f"{name}.out"
        self.error_file = folder / f"{name}.err"
        own = ["-sn", str(scenario)] if str(scenario) in ("uac", "uas") else ["-sf", str(scenario)]
        more = ["-i", "127.0.0.1", "-p", str(port), "-nostdin", "-trace_stat", "-stf", str(self.stat_file), "-fd", "1"]
        more += ["-trace_err", "-error_file", str(self.error_file)]
        self.command = [need_sipp(), *own, *more, *args]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Sipp":
        with open(self.output_file, "wb") as output:
            self.process = subprocess.Popen(self.command, stdout=output, stderr=output, cwd=self.folder)
        return self

    def wait(self, timeout: float = 60.0) -> SippResult:
        """Wait for the end (killed after `timeout`) and read the counters."""
        assert self.process is not None
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        return self.result(code)

    def kill(self) -> None:
        """End it at once; what it counted is of no interest."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> SippResult:
        """Ask it to finish (SIGUSR1), then read the counters."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)
        return self.wait(5.0)

    def result(self, code: int) -> SippResult:
        try:
            with open(self.stat_file, newline="") as file:
                row = list(csv.DictReader(file, delimiter=";"))[-1]
        except (OSError, IndexError):
            row = {}

        def count(column: str) -> int:
            return int(row.get(column) or 0)

        output = self.output_file.read_text(errors="replace")
        successful, failed = count("SuccessfulCall(C)"), count("FailedCall(C)")
        errors = self.error_file.read_text(errors="replace") if self.error_file.exists() else ""
        return SippResult(successful, failed, count("Retransmissions(C)"), code, output, errors)


def sipp(scenario: str | Path, folder: Path, *args: str, timeout: float = 60.0, port: int = 5070) -> SippResult:
    """Run a calling scenario against the server at 127.0.0.1:5060 to its end."""
    return Sipp(scenario, folder, "127.0.0.1:5060", *args, port=port).start().wait(timeout)
