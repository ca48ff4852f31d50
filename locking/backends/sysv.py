"""System V semaphores of sysv_ipc with SEM_UNDO: the system itself gives the semaphore back when its holder dies.

The library cannot wait with a time limit everywhere, so a waiter looks at the word and sleeps in between. Semaphores
outlive processes: `destroy` removes them, and so does the end of the process that made them.
"""

import atexit
import os
import time

import sysv_ipc

from ..errors import LockError
from .semaphores import PATIENCE, SemaphoreLocks

NAP = PATIENCE / 10  # seconds


class SysvLocks(SemaphoreLocks):
    """One semaphore set of one semaphore a lock; the system's limit is SEMMNI (32000 by default)."""

    def _make(self, size: int) -> list[sysv_ipc.Semaphore]:
        made: list[sysv_ipc.Semaphore] = []
        try:
            for _ in range(size):
                made.append(sysv_ipc.Semaphore(sysv_ipc.IPC_PRIVATE, sysv_ipc.IPC_CREX, mode=0o600, initial_value=1))
                made[-1].undo = True
        except (sysv_ipc.Error, OSError) as error:
            _remove_all(made)
            raise LockError(f"no System V semaphore for lock {len(made)} of {size}: {error}") from error
        self._maker = os.getpid()
        atexit.register(self._at_exit)
        return made

    def _pass(self, index: int, wait: bool) -> bool:
        semaphore = self._semaphores[index]
        for nap in range(round(PATIENCE / NAP) if wait else 1):
            if nap:
                time.sleep(NAP)
            semaphore.block = False
            try:
                semaphore.acquire()
            except sysv_ipc.BusyError:
                continue
            return True
        return False

    def _post(self, index: int, passed: bool) -> None:
        if passed:  # else the system gave back what the dead one had
            self._semaphores[index].release()

    def _remove(self) -> None:
        _remove_all(self._semaphores)
        self._semaphores = []
        atexit.unregister(self._at_exit)

    def _at_exit(self) -> None:
        if os.getpid() == self._maker:
            _remove_all(self._semaphores)


def _remove_all(semaphores: list[sysv_ipc.Semaphore]) -> None:
    for semaphore in semaphores:
        try:
            semaphore.remove()
        except sysv_ipc.ExistentialError:
            continue
