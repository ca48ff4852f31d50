"""The shared segment: made or adopted by the main process before anything else uses shared memory (src/shared/shm.h).

A segment that is kept has a file in /dev/shm, and the server holds a lock on it (flock) from before it looks inside:
every process of the tree inherits the open file, so the system gives the lock back when the last of them has ended,
however it ended. Who gets the lock is therefore alone with the segment.
"""

import fcntl
import os
import time
from dataclasses import dataclass

import posix_ipc

from ..src.native import lib
from .errors import SegmentError

SMALLEST = lib.KH_SHM_MIN

NEW = "it is new"
PATIENCE = 3.0  # seconds for the processes of a predecessor that was killed a moment ago

REFUSALS = {
    lib.KH_EINCOMPLETE: "it is no segment of this server, or its making was cut short",
    lib.KH_EMALFORMED: "it is corrupt",
    lib.KH_ECHANGED: "it is of another build or layout",
    lib.KH_EEXIST: "its address is taken",
    lib.KH_ENOMEM: "it cannot be mapped",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """How the segment came about."""

    adopted: bool
    reason: str  # why a predecessor's segment was not adopted; empty when there was none, or it was


def open_segment(size: int, keep_as: str | None = None, debug: bool = False) -> Opened:
    """Map `size` bytes of blocks for this process and all its children. Main process, once.

    Without `keep_as` the memory has no name left in the system: it lives as long as a process maps it. With it
    ("/kahea-5060") the segment stays in /dev/shm for the next start, and one left by a predecessor is adopted if its
    layout, build and size are the same. Adopted blocks belong to nobody until their structures keep them:
    `adoption_done` frees the rest.

    `debug` switches the allocator's debug mode on; what is adopted stays as it was made. SegmentError when there is no
    such memory, or a process of the predecessor lives.
    """
    reason = ""
    if keep_as is None:
        _create_nameless(size)
    else:
        fd = _claim(keep_as)
        reason = _adopt(fd, size)
        if not reason:
            return Opened(True, "")
        if reason == NEW:
            reason = ""
        _create(fd, size)
    if debug and (code := lib.kh_shm_debug()) < 0:
        raise SegmentError(f"no debug mode for shared memory (code {code})")
    return Opened(False, reason)


def adoption_done() -> int:
    """After every structure had its turn to keep what it found: frees the rest; the number of blocks freed."""
    return int(lib.kh_shm_adopt_done())


def remove(keep_as: str) -> bool:
    """Removes what a former start has left; False when a process of it lives: then it stays."""
    try:
        fd = posix_ipc.SharedMemory(keep_as).fd
    except (posix_ipc.Error, OSError):
        return True
    try:
        if not _lock(fd):
            return False
        posix_ipc.unlink_shared_memory(keep_as)
    except posix_ipc.Error:
        pass  # somebody else's, or gone meanwhile
    finally:
        os.close(fd)
    return True


def _claim(name: str) -> int:
    """The file of that name, made if there is none, open and locked. It is never closed: children inherit the lock."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fd: int = posix_ipc.SharedMemory(name, posix_ipc.O_CREAT, mode=0o600).fd
        except (posix_ipc.Error, OSError) as error:
            raise SegmentError(f"the shared memory {name} cannot be opened: {error}") from error
        if os.fstat(fd).st_uid != os.geteuid():
            raise SegmentError(f"the shared memory {name} belongs to another user")
        if not _lock(fd):
            if time.monotonic() > end:
                raise SegmentError(f"the shared memory {name} cannot be used: a process of it is alive")
            time.sleep(0.05)
        elif os.fstat(fd).st_nlink:
            return fd
        os.close(fd)


def _lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _adopt(fd: int, size: int) -> str:
    """Map what a predecessor has left; why not, or an empty text."""
    found = os.fstat(fd).st_size
    if found == 0:
        return NEW
    if found != lib.kh_shm_bytes(size):
        return f"it is of another size: {found} bytes instead of {lib.kh_shm_bytes(size)}"
    code = lib.kh_shm_init(fd, size, lib.KH_SHM_ADOPT)
    return REFUSALS.get(code, f"code {code}") if code < 0 else ""


def _create(fd: int, size: int) -> None:
    """Make a fresh segment of a file that is ours alone."""
    try:
        os.ftruncate(fd, 0)  # all that was there is gone
        os.ftruncate(fd, lib.kh_shm_bytes(size))
    except OSError as error:
        raise SegmentError(f"cannot get {size >> 20} MB of shared memory: {error}") from error
    if (code := lib.kh_shm_init(fd, size, lib.KH_SHM_FRESH)) < 0:
        raise SegmentError(f"cannot map {size >> 20} MB of shared memory (code {code})")


def _create_nameless(size: int) -> None:
    name = f"/kahea-{os.getpid()}"
    try:
        segment = posix_ipc.SharedMemory(name, posix_ipc.O_CREX, mode=0o600)
        segment.unlink()
    except (posix_ipc.Error, OSError) as error:
        raise SegmentError(f"cannot get shared memory: {error}") from error
    try:
        _create(segment.fd, size)
    finally:
        segment.close_fd()
