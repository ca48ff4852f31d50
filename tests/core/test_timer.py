"""Timers fire after their interval, in turn, without catching up, and survive a callback that fails."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kahea.core import timer


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_timers", "_utimers", "_processes"):
        monkeypatch.setattr(timer, name, [])
    yield


def run_in_child(seconds: float) -> bytes:
    """Run the registered utimers in a child for some time; what the callbacks wrote to the pipe."""
    read, write = os.pipe()
    timer.utimers()[0].param["fd"] = write
    pid = os.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_BLOCK, timer.STOP_SIGNALS)
        timer.run_timers(timer.utimers())
        os._exit(0)
    os.close(write)
    time.sleep(seconds)
    os.kill(pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    data = os.read(read, 65536)
    os.close(read)
    return data


def test_timers_fire_at_their_intervals_and_a_failing_one_stops_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    shared: dict[str, Any] = {}

    def mark(ticks: int, letter: str) -> None:
        os.write(shared["fd"], letter.encode())

    def fail(ticks: int, param: Any) -> None:
        raise RuntimeError("broken callback")

    timer.register_utimer(lambda ticks, param: None, shared, 1_000_000)
    timer.register_utimer(mark, "a", 50_000)
    timer.register_utimer(mark, "b", 100_000)
    timer.register_utimer(fail, None, 100_000)
    data = run_in_child(0.53)
    assert 8 <= data.count(b"a") <= 10
    assert 4 <= data.count(b"b") <= 5
    assert "broken callback" in capfd.readouterr().err


def test_late_timer_skips_what_it_missed() -> None:
    slow = timer.make_timer(lambda ticks, param: time.sleep(0.05), None, 0.01, False)
    slow.due = time.monotonic()
    timer.run_one(slow)
    assert slow.runs == 1 and slow.late >= 4
    assert slow.due > time.monotonic()


def test_ticks_are_seconds_and_microseconds_since_the_start() -> None:
    assert 0 <= timer.get_ticks() <= timer.get_uticks() / 1e6 + 1


@pytest.mark.parametrize("interval", [0, -1])
def test_interval_must_be_positive(interval: int) -> None:
    with pytest.raises(ValueError):
        timer.register_timer(lambda ticks, param: None, None, interval)


def test_each_kind_has_its_list() -> None:
    first = timer.register_timer(lambda ticks, param: None, None, 1)
    second = timer.register_utimer(lambda ticks, param: None, None, 1000)
    third = timer.register_timer_process(lambda ticks, param: None, None, 5, description="sweeper")
    assert (first, second, third) == (0, 1, 2)
    assert (len(timer.timers()), len(timer.utimers()), timer.timer_processes()[0].description) == (1, 1, "sweeper")
