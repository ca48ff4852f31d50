"""What the two semaphore back ends share: the semaphore is where one waits, the kernel's word says who holds.

A semaphore does not know its holder, so a death cannot be seen in it. Therefore who has passed it also takes the
word (src/shared/lock.h), which nobody else then wants: free of charge, and it tells when its last holder died. A
process killed between the two leaves the semaphore at 0 with the word free; who waits looks at the word from time to
time.
"""

from abc import ABC, abstractmethod

from ..errors import LockError
from .futex import FutexLocks

PATIENCE = 0.05  # seconds at the semaphore before the holder is looked at


class SemaphoreLocks(ABC):
    """`size` semaphores and as many words. Subclasses make and remove the semaphores."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._words = FutexLocks(size)
        self._waited = [0] * size
        self._passed = [False] * size  # whether this process holds the word by way of the semaphore
        try:
            self._semaphores = self._make(size)
        except LockError:
            self._words.destroy()
            raise

    @abstractmethod
    def _make(self, size: int) -> list:
        """All semaphores, at 1."""

    @abstractmethod
    def _pass(self, index: int, wait: bool) -> bool:
        """Take the semaphore: waiting a while (PATIENCE) or not at all; False: still 0."""

    @abstractmethod
    def _post(self, index: int, passed: bool) -> None:
        """Give the semaphore back; not `passed`: this process went by the word, the dead one's pass may be lost."""

    @abstractmethod
    def _remove(self) -> None:
        """All semaphores, from the system."""

    def get(self, index: int) -> bool:
        self._check(index)
        if not self._pass(index, wait=False):
            self._waited[index] += 1
            while not self._pass(index, wait=True):
                died = self._words.get(index) if self._words.holder_gone(index) else self._words.attempt(index)
                if died is not None:
                    self._passed[index] = False
                    return died
        self._passed[index] = True
        return self._words.get(index)

    def attempt(self, index: int) -> bool | None:
        self._check(index)
        passed = self._pass(index, wait=False)
        died = self._words.attempt(index)
        if died is None:
            if passed:
                self._post(index, True)
            return None
        self._passed[index] = passed
        return died

    def release(self, index: int) -> None:
        self._words.release(index)
        self._post(index, self._passed[index])

    def holder(self, index: int) -> int | None:
        return self._words.holder(index)

    def contended(self, index: int) -> int:
        """Of this process only."""
        return self._waited[index]

    def destroy(self) -> None:
        self._remove()
        self._words.destroy()

    def _check(self, index: int) -> None:
        if self._words.mine(index):
            raise LockError("this process holds the lock already: it is not recursive")
