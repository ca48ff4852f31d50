"""What a process does about the signals that reach it between two pieces of work: stop, switch scripts, report."""

import signal
from collections.abc import Callable

from ..errors import KaheaError
from ..log import logger

log = logger(__name__)
STOP = (signal.SIGTERM, signal.SIGINT)
_handlers: dict[int, list[Callable[[], object]]] = {}


def on_signal(number: int, function: Callable[[], object]) -> None:
    """`function()` runs after signal `number`, between two messages; register before fork, it is inherited."""
    _handlers.setdefault(number, []).append(function)


def forget(number: int) -> None:
    """Drop what was registered for a signal."""
    _handlers.pop(number, None)


def after_signal(number: int) -> bool:
    """Act on one signal; False when the process is to stop."""
    for function in _handlers.get(number, ()):
        try:
            function()
        except KaheaError:
            raise
        except Exception:
            log.exception("%s failed after signal %d", getattr(function, "__qualname__", function), number)
    return number not in STOP


def after_signals(mask: int) -> bool:
    """The same for the bit mask of `kh_signals_take`; SIGTERM last, so that nothing else is forgotten."""
    numbers = [number for number in range(1, 32) if mask >> number & 1]
    going_on = [after_signal(number) for number in sorted(numbers, key=STOP.__contains__)]
    return all(going_on)
