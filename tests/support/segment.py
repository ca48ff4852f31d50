"""Tests of what lives in shared memory: each in a process of its own, over a fresh segment, with children to kill."""

import contextlib
import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from kahea.src.native import lib

SIZE = 16 << 20


def run_isolated(function: Callable[[], Any], size: int = SIZE) -> None:
    """Run in a forked process over a fresh segment of which it is the main process; its failure is raised here."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os._exit(_report(function, size, write))
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    kind, text = pickle.loads(said) if said else ("failed", f"the test's process ended with status {status}")
    if kind == "skipped":
        pytest.skip(text)
    if kind == "failed":
        pytest.fail(text, pytrace=False)


def _report(function: Callable[[], Any], size: int, write: int) -> int:
    said = ("passed", "")
    try:
        lib.kh_shm_done()
        assert lib.kh_shm_init(-1, size, lib.KH_SHM_FRESH) == lib.KH_OK
        function()
    except pytest.skip.Exception as error:
        said = ("skipped", str(error))
    except BaseException:
        said = ("failed", traceback.format_exc())
    os.write(write, pickle.dumps((said[0], said[1][-60000:])))
    return 0


class Child:
    """A forked process with its place in the process table; `reap` does what the server's main process does."""

    def __init__(self, body: Callable[[], Any], slot: int | None = None) -> None:
        self.slot = lib.kh_proc_alloc(1, b"test") if slot is None else slot
        self.pid = os.fork()
        if self.pid == 0:
            _be_child(self.slot, body)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its end; returns the exit code, or minus the signal. Not reaped yet for shared memory."""
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def reap(self) -> int:
        """Blocks that came back."""
        blocks = int(lib.kh_proc_reap(self.slot))
        lib.kh_proc_free(self.slot)
        return blocks

    def finish(self) -> int:
        """Wait and reap; the exit code."""
        code = self.wait()
        self.reap()
        return code

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            self.kill()
            self.finish()


def _be_child(slot: int, body: Callable[[], Any]) -> NoReturn:
    try:
        lib.kh_proc_attach(slot)
        body()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def forever() -> NoReturn:
    """For a child that is there to be killed."""
    while True:
        signal.pause()


def until(condition: Callable[[], Any], timeout: float = 10.0) -> None:
    """Wait for something another process does."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.001)
