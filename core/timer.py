"""Periodic work: the devel guide's timer API (chapter 15).

Register in a module's `init`, before fork. Two processes of the core run the callbacks in turn: `timer` the ones in
microseconds (utimers: retransmissions, wheels), `slow timer` the ones in seconds, so that a sweep over a large table
does not delay a retransmission. `register_timer_process` gives a callback a process of its own.

A callback first runs one interval after the start. One that is late is not run twice to catch up.
"""

import heapq
import math
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..src.native import ffi, lib
from . import runtime
from .log import logger

log = logger(__name__)
TICK_S = 1.0  # of register_timer
UTICK_S = 0.1  # usual interval of register_utimer; any multiple of 1 ms is kept
TIMERS_MAX = 1024  # registered callbacks, all kinds together
TIMER_PROC_INIT_FLAG = 1  # run child_init(PROC_TIMER) in the process of register_timer_process
STOP_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)  # blocked; kh_signals_sleep waits for them
IDLE_S = 60.0  # a timer process without timers looks up this often

TimerFunction = Callable[[int, Any], object]
_start = time.monotonic()


def get_ticks() -> int:
    """Seconds since the server started; the same in every process."""
    return int(time.monotonic() - _start)


def get_uticks() -> int:
    """Microseconds since the server started."""
    return int((time.monotonic() - _start) * 1e6)


@dataclass(slots=True, order=True)
class Timer:
    """One callback: `function(ticks, param)`, `interval` in seconds."""

    due: float = field(compare=True)
    ident: int = field(compare=True)
    interval: float = field(compare=False)
    function: TimerFunction = field(compare=False)
    param: Any = field(compare=False)
    micro: bool = field(compare=False)  # ticks are microseconds
    quiet: Any = field(compare=False, default=None)  # C function that runs instead, and says when Python must
    runs: int = field(compare=False, default=0)
    spent: float = field(compare=False, default=0.0)  # seconds in the callback
    late: int = field(compare=False, default=0)  # intervals that were skipped


@dataclass(slots=True)
class TimerProcess:
    """A timer with a process of its own."""

    description: str
    timer: Timer
    flags: int


_timers: list[Timer] = []
_utimers: list[Timer] = []
_processes: list[TimerProcess] = []


def make_timer(function: TimerFunction, param: Any, interval: float, micro: bool) -> Timer:
    """Check and number a timer."""
    if interval <= 0:
        raise ValueError("the interval of a timer must be positive")
    ident = len(_timers) + len(_utimers) + len(_processes)
    if ident >= TIMERS_MAX:
        raise MemoryError(f"more than {TIMERS_MAX} timers")
    return Timer(0.0, ident, interval, function, param, micro)


def register_timer(function: TimerFunction, param: Any, interval: int) -> int:
    """`function(ticks, param)` every `interval` seconds in the slow timer process; returns the timer's number."""
    timer = make_timer(function, param, interval * TICK_S, False)
    _timers.append(timer)
    return timer.ident


def register_utimer(function: TimerFunction, param: Any, interval: int, quiet: Any = None) -> int:
    """`function(uticks, param)` every `interval` microseconds in the timer process.

    With `quiet` (a C function `int f(void)`, see kh_signals_sleep) that one is called every `interval` instead, and
    `function` only when it returns 1. One such timer may be registered.
    """
    if quiet is not None and any(timer.quiet for timer in _utimers):
        raise ValueError("there is a timer with a C function already")
    timer = make_timer(function, param, interval / 1e6, True)
    timer.quiet = quiet
    _utimers.append(timer)
    return timer.ident


def register_timer_process(
    function: TimerFunction, param: Any, interval: int, flags: int = TIMER_PROC_INIT_FLAG, description: str = "timer"
) -> int:
    """`function(ticks, param)` every `interval` seconds in a process of its own."""
    timer = make_timer(function, param, interval * TICK_S, False)
    _processes.append(TimerProcess(description, timer, flags))
    return timer.ident


def timers() -> list[Timer]:
    """The callbacks of the slow timer process."""
    return _timers


def utimers() -> list[Timer]:
    """The callbacks of the timer process."""
    return _utimers


def timer_processes() -> list[TimerProcess]:
    """Timers with processes of their own."""
    return _processes


def run_timers(timers: list[Timer]) -> None:
    """The loop of a timer process; returns when SIGTERM comes. Needs signals blocked (process/child.py)."""
    from .process.signals import after_signal

    now = time.monotonic()
    for timer in timers:
        timer.due = now + timer.interval
    heap = [timer for timer in timers if not timer.quiet]
    heapq.heapify(heap)
    quiet = next((timer for timer in timers if timer.quiet), None)
    tick, work = (int(quiet.interval * 1000), quiet.quiet) if quiet else (0, ffi.NULL)
    while True:
        wait = max(0.0, heap[0].due - time.monotonic()) if heap else IDLE_S
        code = lib.kh_signals_sleep(math.ceil(wait * 1000), tick, work)
        if code > 0 and not after_signal(code):
            return
        runtime.sync()
        if code == lib.KH_EBUSY and quiet:
            run_one(quiet)
        while heap and heap[0].due <= time.monotonic():
            timer = heap[0]
            run_one(timer)
            heapq.heapreplace(heap, timer)


def run_one(timer: Timer) -> None:
    """Run a callback and set when it is due next; an exception is a bug, but the other timers go on."""
    begin = time.monotonic()
    try:
        timer.function(get_uticks() if timer.micro else get_ticks(), timer.param)
    except Exception:
        log.exception("timer %d (%s) failed", timer.ident, getattr(timer.function, "__qualname__", "?"))
    end = time.monotonic()
    timer.runs += 1
    timer.spent += end - begin
    missed = int((end - timer.due) / timer.interval)
    timer.late += missed
    timer.due += (missed + 1) * timer.interval
