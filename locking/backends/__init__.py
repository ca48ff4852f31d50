"""The ways to wait for a lock. Which one is used is chosen once, before the fork (core parameter `lock_backend`).

    futex   one word in shared memory, one atomic operation when free (default)
    posix   named semaphores of the posix_ipc library
    sysv    System V semaphores of the sysv_ipc library, with SEM_UNDO

All behave the same, the death of a holder included; one test-suite holds all of them to it.
"""

from typing import Protocol

from ..errors import LockError
from .futex import FutexLocks
from .posix import PosixLocks
from .sysv import SysvLocks


class Locks(Protocol):
    """`size` locks, made before the fork, free at first.

    `get` blocks; `attempt` does not and returns None when a living process holds the lock. Both return True when the
    former holder died with it (the lock is held all the same), False otherwise. LockError on misuse.
    """

    size: int

    def get(self, index: int) -> bool: ...

    def attempt(self, index: int) -> bool | None: ...

    def release(self, index: int) -> None: ...

    def holder(self, index: int) -> int | None:
        """Slot of the process that holds it, None when free. For reports."""

    def contended(self, index: int) -> int:
        """How often a get found it taken."""

    def destroy(self) -> None: ...


BACKENDS: dict[str, type[Locks]] = {"futex": FutexLocks, "posix": PosixLocks, "sysv": SysvLocks}
_chosen = "futex"


def available() -> list[str]:
    """Names for `set_backend`."""
    return list(BACKENDS)


def backend_name() -> str:
    """The back end of locks made from now on."""
    return _chosen


def set_backend(name: str) -> None:
    """Main process, before locks are made: those that exist keep theirs. LockError for an unknown name."""
    global _chosen
    if name not in BACKENDS:
        raise LockError(f"there is no lock back end {name!r}: it is one of {', '.join(BACKENDS)}")
    _chosen = name


def make(size: int) -> Locks:
    """`size` locks of the chosen back end."""
    return BACKENDS[_chosen](size)  # type: ignore[call-arg]
