"""The shared segment: made or adopted by the main process before anything else uses shared memory (src/shm.h)."""

import os
import time
from dataclasses import dataclass

import posix_ipc

from ..src.native import lib
from .errors import SegmentError

SMALLEST = lib.KH_SHM_MIN

PATIENCE = 3.0  # seconds for the processes of a predecessor that was killed a moment ago

REFUSALS = {
    lib.KH_EMALFORMED: "it is no segment of this server, or it is corrupt",
    lib.KH_ECHANGED: "it is of another build, layout or size, or its address is taken",
    lib.KH_EBUSY: "a process of it is alive",
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
    layout and build are the same and none of its processes lives. Adopted blocks belong to nobody until their
    structures keep them: `adoption_done` frees the rest.

    `debug` switches the allocator's debug mode on. SegmentError when there is no such memory.
    """
    reason = ""
    if keep_as is not None:
        code = _adopt_patiently(keep_as, size)
        if code == lib.KH_OK:
            return Opened(True, "")
        if code != lib.KH_ENOTFOUND:
            reason = REFUSALS.get(code, f"code {code}")
        if code == lib.KH_EBUSY:
            raise SegmentError(f"the shared memory {keep_as} cannot be used: {reason}")
    _create(keep_as, size)
    if debug and (code := lib.kh_shm_debug()) < 0:
        raise SegmentError(f"no debug mode for shared memory (code {code})")
    return Opened(False, reason)


def adoption_done() -> int:
    """After every structure had its turn to keep what it found: frees the rest; the number of blocks freed."""
    return int(lib.kh_shm_adopt_done())


def remove(keep_as: str) -> None:
    """An orderly end that keeps nothing: the name goes, processes that map the segment still have it."""
    try:
        posix_ipc.unlink_shared_memory(keep_as)
    except posix_ipc.ExistentialError:
        return


def _adopt_patiently(name: str, size: int) -> int:
    end = time.monotonic() + PATIENCE
    while (code := _adopt(name, size)) == lib.KH_EBUSY and time.monotonic() < end:
        time.sleep(0.05)
    return code


def _adopt(name: str, size: int) -> int:
    try:
        segment = posix_ipc.SharedMemory(name)
    except posix_ipc.ExistentialError:
        return int(lib.KH_ENOTFOUND)
    except (posix_ipc.Error, OSError):
        return int(lib.KH_EMALFORMED)
    try:
        if os.fstat(segment.fd).st_size != lib.kh_shm_bytes(size):
            return int(lib.KH_ECHANGED)
        return int(lib.kh_shm_init(segment.fd, size, lib.KH_SHM_ADOPT))
    finally:
        segment.close_fd()


def _create(keep_as: str | None, size: int) -> None:
    name = keep_as or f"/kahea-{os.getpid()}"
    try:
        if keep_as:
            remove(keep_as)
        segment = posix_ipc.SharedMemory(name, posix_ipc.O_CREX, mode=0o600, size=lib.kh_shm_bytes(size))
    except (OSError, posix_ipc.Error) as error:
        raise SegmentError(f"cannot get {size >> 20} MB of shared memory: {error}") from error
    code = lib.kh_shm_init(segment.fd, size, lib.KH_SHM_FRESH)
    segment.close_fd()
    if keep_as is None or code < 0:
        segment.unlink()
    if code < 0:
        raise SegmentError(f"cannot map {size >> 20} MB of shared memory (code {code})")
