"""Lock sets: `gen_lock_set_t` of the devel guide (chapter 3.2), n locks with index 0 .. n-1.

Typical is one lock for several slots of a table: `locks[slot % locks.size]`. The rules of life are those of one lock.
"""

from types import TracebackType

from . import backends, registry
from .errors import LockError

MAX_SIZE = 65536  # locks in one set


class LockSet:
    """`size` locks. `with locks[i] as died:` holds one of them; IndexError for a bad index."""

    __slots__ = ("__weakref__", "_locks", "made", "size")

    def __init__(self, size: int) -> None:
        if not 0 < size <= MAX_SIZE:
            raise LockError(f"a set has 1 to {MAX_SIZE} locks, not {size}")
        self.size = size
        self._locks: backends.Locks | None = None
        self.made = ""

    def init(self) -> None:
        """All free, and usable from now on."""
        if self._locks is not None:
            raise LockError("initialised already")
        self._locks = backends.make(self.size)
        self.made = registry.caller()
        registry.remember(self)

    def destroy(self) -> None:
        """Gives back what init took; nobody may hold one of them or wait for it."""
        self._at(0).destroy()
        self._locks = None

    def get(self, index: int) -> bool:
        """Blocks until lock `index` is held; True: its former holder died with it."""
        return self._at(index).get(index)

    def attempt(self, index: int) -> bool | None:
        """As `get` without waiting: None when a living process holds it."""
        return self._at(index).attempt(index)

    def release(self, index: int) -> None:
        self._at(index).release(index)

    def holder(self, index: int) -> int | None:
        """Slot of the process that holds it, None when free or not initialised. For reports."""
        return self._locks.holder(index) if self._locks else None

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> "Member":
        self._at(index)
        return Member(self, index)

    def _at(self, index: int) -> backends.Locks:
        if not 0 <= index < self.size:
            raise IndexError(f"lock {index} of a set of {self.size}")
        if self._locks is None:
            raise LockError("used before init or after destroy")
        return self._locks


class Member:
    """One lock of a set, to be held by `with`."""

    __slots__ = ("_index", "_set")

    def __init__(self, lock_set: LockSet, index: int) -> None:
        self._set = lock_set
        self._index = index

    def __enter__(self) -> bool:
        return self._set.get(self._index)

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._set.release(self._index)


gen_lock_set_t = LockSet


def lock_set_alloc(n: int) -> LockSet:
    """A set of n locks, not initialised."""
    return LockSet(n)


def lock_set_dealloc(lock_set: LockSet) -> None:
    """LockError when it was not destroyed before."""
    if lock_set._locks is not None:
        raise LockError("destroy it first")


def lock_set_init(lock_set: LockSet) -> LockSet:
    """Once, before the first get; returns its argument."""
    lock_set.init()
    return lock_set


def lock_set_destroy(lock_set: LockSet) -> None:
    """No get or release afterwards."""
    lock_set.destroy()


def lock_set_get(lock_set: LockSet, i: int) -> bool:
    """Blocks until lock i is held; True: its former holder died with it."""
    return lock_set.get(i)


def lock_set_try(lock_set: LockSet, i: int) -> int:
    """0: taken. 1: taken, and its former holder died with it. -1: busy."""
    died = lock_set.attempt(i)
    return -1 if died is None else int(died)


def lock_set_release(lock_set: LockSet, i: int) -> None:
    """LockError when this process does not hold it."""
    lock_set.release(i)
