"""Named semaphores of posix_ipc. Their names are removed at once: children inherit the open semaphores."""

import os

import posix_ipc

from ..errors import LockError
from .semaphores import PATIENCE, SemaphoreLocks


class PosixLocks(SemaphoreLocks):
    """One posix_ipc.Semaphore a lock."""

    def _make(self, size: int) -> list[posix_ipc.Semaphore]:
        made: list[posix_ipc.Semaphore] = []
        try:
            for index in range(size):
                name = f"/kahea-{os.getpid()}-{id(self):x}-{index}"
                made.append(posix_ipc.Semaphore(name, posix_ipc.O_CREX, mode=0o600, initial_value=1))
                made[-1].unlink()
        except (posix_ipc.Error, OSError) as error:
            for semaphore in made:
                semaphore.close()
            raise LockError(f"no POSIX semaphore for lock {len(made)} of {size}: {error}") from error
        return made

    def _pass(self, index: int, wait: bool) -> bool:
        try:
            self._semaphores[index].acquire(PATIENCE if wait else 0)
        except (posix_ipc.BusyError, posix_ipc.SignalError):
            return False
        return True

    def _post(self, index: int, passed: bool) -> None:
        if passed or self._semaphores[index].value == 0:
            self._semaphores[index].release()

    def _remove(self) -> None:
        for semaphore in self._semaphores:
            semaphore.close()
