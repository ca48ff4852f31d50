"""The locks that this process knows: who holds them, for reports. Locks made before the fork are known everywhere."""

import sys
import weakref
from dataclasses import dataclass
from typing import Protocol


class Reported(Protocol):
    """A lock or a set of them."""

    made: str
    size: int

    def holder(self, index: int) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Held:
    """One lock that somebody holds at this moment."""

    made: str  # "file:line" of its init
    index: int  # in its set; 0 for a single lock
    holder: int  # slot in the process table


_known: "weakref.WeakSet[Reported]" = weakref.WeakSet()


def remember(lock: Reported) -> None:
    """Called at init."""
    _known.add(lock)


def caller() -> str:
    """ "file:line" of the code outside this package that is making a lock."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"].startswith(__package__ or "?"):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def held() -> list[Held]:
    """What is held now; may have changed when it is read."""
    found = []
    for lock in list(_known):
        for index in range(lock.size):
            slot = lock.holder(index)
            if slot is not None:
                found.append(Held(lock.made, index, slot))
    return found
