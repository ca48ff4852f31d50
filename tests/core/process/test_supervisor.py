"""The main loop with real forks and a table that only remembers: start, replace, crash loop, stop, reload."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.core.process.supervisor import ChildInitFailed, CrashLoop, ProcessSpec, Supervisor, outcome


class Table:
    """Stands for the process table in shared memory."""

    def __init__(self) -> None:
        self.deaths: list[int] = []
        self.places = 0

    def add(self, rank: int, description: str) -> int:
        self.places += 1
        return self.places

    def attach(self, index: int) -> None:
        pass

    def died(self, index: int) -> int:
        self.deaths.append(index)
        return 0


def sleeper(note: Path | None = None) -> None:
    """A child that waits for SIGTERM."""
    if note is not None:
        with open(note, "a") as file:
            file.write(f"{os.getpid()}\n")
    while signal.sigtimedwait([signal.SIGTERM], 10) is None:
        continue


@pytest.fixture
def run_main(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Run a supervisor as the main loop of a forked process; returns its pid."""
    started: list[int] = []

    def run(specs: list[ProcessSpec], prepare: Callable[[Supervisor], None] = lambda main: None) -> int:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                main = Supervisor(Table(), specs)  # type: ignore[arg-type]
                prepare(main)
                main.start()
                (tmp_path / "ready").touch()
                main.run()
                code = 0
            except CrashLoop:
                code = 3
            except ChildInitFailed:
                code = 4
            finally:
                os._exit(code)
        started.append(pid)
        return pid

    yield run
    for pid in started:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_sigterm_stops_all_in_order(run_main: Callable[..., int], tmp_path: Path) -> None:
    note = tmp_path / "pids"
    pid = run_main([ProcessSpec(rank, f"child {rank}", lambda: sleeper(note)) for rank in (1, 2)])
    wait_for((tmp_path / "ready").exists)
    begin = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    assert exit_code(pid) == 0
    assert time.monotonic() - begin < 2
    assert len(lines(note)) == 2


def test_killed_child_is_replaced(run_main: Callable[..., int], tmp_path: Path) -> None:
    note = tmp_path / "pids"
    pid = run_main([ProcessSpec(1, "child", lambda: sleeper(note))])
    wait_for(lambda: len(lines(note)) == 1)
    os.kill(int(lines(note)[0]), signal.SIGKILL)
    wait_for(lambda: len(lines(note)) == 2)
    os.kill(pid, signal.SIGTERM)
    assert exit_code(pid) == 0


def test_crash_loop_stops_the_server(run_main: Callable[..., int], tmp_path: Path) -> None:
    note = tmp_path / "pids"

    def crash() -> None:
        with open(note, "a") as file:
            file.write("x\n")
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGSEGV)

    def patience(main: Supervisor) -> None:
        main.max_respawns = 5

    pid = run_main([ProcessSpec(1, "crasher", crash), ProcessSpec(2, "bystander", sleeper)], patience)
    assert exit_code(pid) == 3
    assert len(lines(note)) == 5


def test_deaths_that_leave_time_to_live_are_no_crash_loop(run_main: Callable[..., int], tmp_path: Path) -> None:
    note = tmp_path / "pids"
    pid = run_main([ProcessSpec(1, "child", lambda: sleeper(note))])
    for number in range(1, 21):
        wait_for(lambda number=number: len(lines(note)) == number)  # type: ignore[misc]
        os.kill(int(lines(note)[-1]), signal.SIGKILL)
    wait_for(lambda: len(lines(note)) == 21)
    os.kill(pid, signal.SIGTERM)
    assert exit_code(pid) == 0


def test_child_that_cannot_start_ends_the_start(run_main: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(rank: int) -> None:
        if rank == 2:
            raise RuntimeError("no database")

    monkeypatch.setattr("kahea.core.process.child.child_init", fail)
    pid = run_main([ProcessSpec(1, "good", sleeper), ProcessSpec(2, "bad", sleeper)])
    assert exit_code(pid) == 4


def test_child_that_does_not_stop_is_killed(run_main: Callable[..., int], tmp_path: Path) -> None:
    def deaf() -> None:
        while True:
            time.sleep(1)

    def short(main: Supervisor) -> None:
        main.stop_limit = 0.2

    pid = run_main([ProcessSpec(1, "deaf", deaf)], short)
    wait_for((tmp_path / "ready").exists)
    os.kill(pid, signal.SIGTERM)
    assert exit_code(pid) == 0


@pytest.mark.parametrize("good", [True, False])
def test_children_hear_of_a_reload_only_when_the_script_is_good(
    run_main: Callable[..., int], tmp_path: Path, good: bool
) -> None:
    note = tmp_path / "heard"

    def listener() -> None:
        while (info := signal.sigtimedwait([signal.SIGTERM, signal.SIGHUP], 10)) is not None:
            if info.si_signo == signal.SIGTERM:
                return
            note.write_text("yes")

    def prepare(main: Supervisor) -> None:
        def check() -> bool:
            (tmp_path / "checked").touch()
            return good

        main.on_reload = check

    pid = run_main([ProcessSpec(1, "listener", listener)], prepare)
    wait_for((tmp_path / "ready").exists)
    os.kill(pid, signal.SIGHUP)
    wait_for((tmp_path / "checked").exists)
    time.sleep(0.2)
    os.kill(pid, signal.SIGTERM)
    assert exit_code(pid) == 0
    assert note.exists() == good


def test_ready_is_told_to_systemd(
    run_main: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        pid = run_main([ProcessSpec(1, "child", sleeper)])
        monkeypatch.undo()
        assert sock.recv(1000).startswith(b"READY=1\n")
        os.kill(pid, signal.SIGTERM)
        assert sock.recv(1000) == b"STOPPING=1"


def test_outcome_is_said_in_words() -> None:
    assert threading.active_count() == 1, "these tests fork"
    assert (outcome(0x0300), outcome(9)) == ("exited with code 3", "was killed by SIGKILL (out of memory?)")
