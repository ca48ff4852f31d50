"""The loop of a process that serves sockets: RPC transports, probes, whatever a module's process does.

It waits in `select`, so signals need a way in: the signals that main sends are open only in this process' Python
handlers, which write to a pipe that the loop watches too.
"""

import os
import selectors
import signal
from collections.abc import Callable

from ..log import logger
from .signals import after_signal

log = logger(__name__)
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


def open_signals() -> int:
    """Let the signals in; a descriptor that can be read when one came: its number, a byte."""
    read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in SIGNALS:
        signal.signal(number, lambda number, frame: None)  # the byte in the pipe is what counts
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    return read


def act_on_signals(pipe: int) -> bool:
    """Act on the signals whose numbers are in the pipe; False when the process is to stop."""
    going_on = [after_signal(number) for number in os.read(pipe, 512)]
    return all(going_on)


class Waiter:
    """Calls `ready()` of each file descriptor that can be read, until SIGTERM."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self.pipe = open_signals()
        self.add(self.pipe, self.signals)

    def add(self, fd: int, ready: Callable[[], None], for_writing: bool = False) -> None:
        """Watch a descriptor for reading (or writing)."""
        self.selector.register(fd, selectors.EVENT_WRITE if for_writing else selectors.EVENT_READ, ready)

    def remove(self, fd: int) -> None:
        """Stop watching it."""
        self.selector.unregister(fd)

    def signals(self) -> None:
        if not act_on_signals(self.pipe):
            self.stopping = True

    def run(self, each: Callable[[], None] | None = None, interval_s: float | None = None) -> None:
        """Loop; `each()` also runs at least every `interval_s` seconds. A failing callback is logged, not the end."""
        while not self.stopping:
            for key, _ in self.selector.select(interval_s):
                self.guard(key.data)
            if each is not None:
                self.guard(each)

    def guard(self, function: Callable[[], None]) -> None:
        try:
            function()
        except Exception:
            log.exception("%s failed", getattr(function, "__qualname__", function))
