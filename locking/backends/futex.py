"""The default: a lock set of the kernel (src/shared/lock.h). Free, a get or a release is one atomic operation."""

from ...src.native import ffi, lib
from ..errors import LockError


class FutexLocks:
    """`size` words in shared memory, each with its holder's identity."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._set = lib.kh_lock_set_new(size)
        if self._set == ffi.NULL:
            raise LockError(f"no shared memory for {size} locks (at most {lib.KH_LOCK_SET_MAX} in a set)")

    def get(self, index: int) -> bool:
        code = lib.kh_lock_set_get(self._set, index)
        if code == lib.KH_OK:
            return False
        if code == lib.KH_EOWNERDEAD:
            return True
        raise LockError(refusal(code))

    def attempt(self, index: int) -> bool | None:
        code = lib.kh_lock_set_try(self._set, index)
        if code == lib.KH_EBUSY:
            return None
        if code not in (lib.KH_OK, lib.KH_EOWNERDEAD):
            raise LockError(refusal(code))
        return bool(code == lib.KH_EOWNERDEAD)

    def release(self, index: int) -> None:
        if lib.kh_lock_set_release(self._set, index) < 0:
            raise LockError("released by a process that does not hold it")

    def holder(self, index: int) -> int | None:
        slot = int(lib.kh_lock_holder(ffi.addressof(self._set.locks, index)))
        return None if slot < 0 else slot

    def mine(self, index: int) -> bool:
        """Whether this process holds it (and not a dead one that had its slot)."""
        return self.holder(index) == lib.kh_proc_self() and not self.holder_gone(index)

    def holder_gone(self, index: int) -> bool:
        """Whether its holder has died, also when nobody has noticed so far. Asks the system: for waiters."""
        owner = lib.kh_lock_owner(ffi.addressof(self._set.locks, index))
        return bool(owner and lib.kh_proc_gone(owner))

    def contended(self, index: int) -> int:
        return int(self._set.locks[index].contended)

    def destroy(self) -> None:
        lib.kh_lock_set_delete(self._set)


def refusal(code: int) -> str:
    """Why the kernel did not give the lock."""
    if code == lib.KH_EBUSY:
        return "this process holds the lock already: it is not recursive"
    return "this process has no place in the process table"
