"""Opens the shared memory of the server: one named segment, mapped before fork at the same address in all processes."""

import os

import posix_ipc

from ..src.native import lib
from .errors import StartError
from .log import logger

log = logger(__name__)
SMALLEST = lib.KH_SHM_MIN


def open_shared(size: int) -> None:
    """Map `size` bytes (`-m`, shm_mem_size) for this process and all its children; StartError when it cannot.

    The name is removed at once: the memory lives as long as a process maps it, and nothing is left in /dev/shm.
    """
    if size < SMALLEST:
        raise StartError(f"{size >> 20} MB of shared memory are too little: at least {SMALLEST >> 20}")
    try:
        segment = posix_ipc.SharedMemory(f"/kahea-{os.getpid()}", posix_ipc.O_CREX, size=lib.kh_shm_bytes(size))
        segment.unlink()
    except (OSError, posix_ipc.Error) as error:
        raise StartError(f"cannot get {size >> 20} MB of shared memory: {error}") from error
    code = lib.kh_shm_init(segment.fd, size, lib.KH_SHM_FRESH)
    segment.close_fd()
    if code < 0:
        raise StartError(f"cannot map {size >> 20} MB of shared memory (code {code})")
    log.debug("%d MB of shared memory", size >> 20)
