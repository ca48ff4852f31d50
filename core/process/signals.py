"""What a child does about the signals that main passes on: stop, switch to the new script, report."""

import signal
from collections.abc import Callable

from ..log import logger

log = logger(__name__)
_reload: list[Callable[[], object]] = []
_report: list[Callable[[], object]] = []


def on_reload(function: Callable[[], object]) -> None:
    """`function()` runs in each child after SIGHUP, between two messages. Register before fork."""
    _reload.append(function)


def on_report(function: Callable[[], object]) -> None:
    """`function()` runs in each child after SIGUSR1. Register before fork."""
    _report.append(function)


def after_signal(number: int) -> bool:
    """Act on one signal; False when the process is to stop."""
    if number == signal.SIGTERM:
        return False
    if number == signal.SIGHUP:
        run_all(_reload)
    elif number == signal.SIGUSR1:
        run_all(_report)
    return True


def after_signals(mask: int) -> bool:
    """The same for the bit mask of `kh_signals_take`."""
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM):
        if mask >> number & 1 and not after_signal(number):
            return False
    return True


def run_all(functions: list[Callable[[], object]]) -> None:
    """Each in turn; one that fails does not keep the others from running."""
    for function in functions:
        try:
            function()
        except Exception:
            log.exception("%s failed after a signal", getattr(function, "__qualname__", function))
