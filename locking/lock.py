"""One lock: `gen_lock_t` of the devel guide (chapter 3.1).

The order of life is alloc, init, then get and release as often as needed, destroy, dealloc. Allocate and initialise in
the main process before the fork; get and release in any attached process. Blocking has no time limit.
"""

from types import TracebackType

from . import backends, registry
from .errors import LockError


class GenLock:
    """A mutual exclusion between processes; not recursive, and safe against the death of its holder.

    `with lock as died:` is the way to hold it: `died` is True when the former holder was killed inside, so what the
    lock guards may be half changed and must be repaired or dropped by the one who reads this.
    """

    __slots__ = ("__weakref__", "_locks", "made")
    size = 1

    def __init__(self) -> None:
        self._locks: backends.Locks | None = None
        self.made = ""

    def init(self) -> None:
        """Free, and usable from now on. LockError when initialised already, or there is nothing to make it of."""
        if self._locks is not None:
            raise LockError("initialised already")
        self._locks = backends.make(1)
        self.made = registry.caller()
        registry.remember(self)

    def destroy(self) -> None:
        """Gives back what init took; nobody may hold it or wait for it."""
        self._ready().destroy()
        self._locks = None

    def get(self) -> bool:
        """Blocks until it is held; True: the former holder died with it."""
        return self._ready().get(0)

    def attempt(self) -> bool | None:
        """As `get` without waiting: None when a living process holds it."""
        return self._ready().attempt(0)

    def release(self) -> None:
        """LockError when this process does not hold it."""
        self._ready().release(0)

    def holder(self, index: int = 0) -> int | None:
        """Slot of the process that holds it (core.ps has its pid), None when free or not initialised. For reports."""
        return self._locks.holder(index) if self._locks else None

    @property
    def contended(self) -> int:
        """How often a get had to wait."""
        return self._ready().contended(0)

    def __enter__(self) -> bool:
        return self.get()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.release()

    def _ready(self) -> backends.Locks:
        if self._locks is None:
            raise LockError("used before init or after destroy")
        return self._locks


gen_lock_t = GenLock


def lock_alloc() -> GenLock:
    """A lock, not initialised."""
    return GenLock()


def lock_dealloc(lock: GenLock) -> None:
    """LockError when it was not destroyed before: System V semaphores would stay behind."""
    if lock._locks is not None:
        raise LockError("destroy it first")


def lock_init(lock: GenLock) -> GenLock:
    """Once, before the first get; returns its argument."""
    lock.init()
    return lock


def lock_destroy(lock: GenLock) -> None:
    """Before lock_dealloc."""
    lock.destroy()


def lock_get(lock: GenLock) -> bool:
    """Blocks until it is held; True: the former holder died with it, repair what it guards."""
    return lock.get()


def lock_try(lock: GenLock) -> int:
    """0: taken. 1: taken, and the former holder died with it. -1: busy, not taken."""
    died = lock.attempt()
    return -1 if died is None else int(died)


def lock_release(lock: GenLock) -> None:
    """LockError when this process does not hold it."""
    lock.release()
