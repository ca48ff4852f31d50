"""Lives of a server over a segment that is kept: a process each, which is killed or ends."""

import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

import posix_ipc

from kahea.mem import segment
from kahea.src.native import lib

SIZE = 8 << 20
TOO_LONG_S = 20  # a walk that does not end


def start(name: str, body: Callable[[segment.Opened], Any], size: int = SIZE, end: int = 0) -> None:
    """One life of a server with that segment: a process, killed (end=-9) or ending."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(TOO_LONG_S)
        code = 1
        try:
            lib.kh_shm_done()
            body(segment.open_segment(size, keep_as=name))
            if end:
                os.kill(os.getpid(), -end)
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == end


def read(name: str) -> bytes:
    """All that was kept."""
    shared = posix_ipc.SharedMemory(name)
    try:
        return os.pread(shared.fd, shared.size, 0)
    finally:
        shared.close_fd()


def overwrite(name: str, offset: int, data: bytes) -> None:
    """Change what is kept."""
    shared = posix_ipc.SharedMemory(name)
    os.pwrite(shared.fd, data, offset)
    shared.close_fd()


def truncate(name: str, size: int) -> None:
    """Cut off what is kept."""
    shared = posix_ipc.SharedMemory(name)
    os.ftruncate(shared.fd, size)
    shared.close_fd()
