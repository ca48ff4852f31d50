"""Shared memory for tests: one segment a test process, and children that work on it and may be killed."""

import os
import signal
import sys
from collections.abc import Callable

from kahea.src.native import lib

SEGMENT = 256 << 20


def attach() -> None:
    """Map the segment of this test process, once."""
    code = lib.kh_shm_init(-1, SEGMENT, lib.KH_SHM_FRESH)
    assert code in (0, lib.KH_EEXIST), code


class Child:
    """A forked process with a slot of its own that runs `work()` and exits with 0, or 1 after an exception."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.slot = lib.kh_proc_alloc(1, b"test")
        assert self.slot >= 0
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                lib.kh_proc_attach(self.slot)
                work()
                code = 0
            except BaseException as error:
                print(f"child: {error!r}", file=sys.stderr, flush=True)
            finally:
                os._exit(code)

    def kill(self) -> None:
        """As a crash: at whatever instruction it is."""
        os.kill(self.pid, signal.SIGKILL)

    def join(self) -> int:
        """Wait, repair what it left behind as the main process does, free the slot. The status of waitpid."""
        status = os.waitpid(self.pid, 0)[1]
        lib.kh_proc_reap(self.slot)
        lib.kh_proc_free(self.slot)
        return status


def blocks() -> int:
    """Blocks of shared memory in use; fails when the allocator's books do not agree with a walk."""
    from kahea.src.native import ffi

    walked = ffi.new("kh_shm_info *")
    assert lib.kh_shm_check(walked) == 0
    return walked.blocks
