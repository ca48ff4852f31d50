"""Signal flags: set by the handler, kept while blocked, and a child dies with its parent."""

import os
import pathlib
import signal
import time
from collections.abc import Callable

from kahea.src.native import ffi, lib


def in_child(function: Callable[[], int]) -> int:
    """Run `function()` in a forked child; its return value is the exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(function())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_blocked_signal_waits_until_the_mask_opens() -> None:
    def child() -> int:
        if lib.kh_signals_init(0) != 0:
            return 1
        os.kill(os.getpid(), signal.SIGTERM)
        if lib.kh_signals_take() != 0:
            return 2  # it is blocked: no flag yet
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        if lib.kh_signals_take() != 1 << signal.SIGTERM:
            return 3
        return 0 if lib.kh_signals_take() == 0 else 4

    assert in_child(child) == 0


def test_child_dies_with_its_parent() -> None:
    read, write = os.pipe()

    def parent() -> int:
        mine = os.getpid()
        pid = os.fork()
        if pid == 0:
            lib.kh_signals_parent_death(signal.SIGKILL, mine)
            os.write(write, b"%d" % os.getpid())
            time.sleep(30)
            os._exit(0)
        os.write(write, b" ")
        time.sleep(0.3)
        return 0

    assert in_child(parent) == 0
    pid = int(os.read(read, 100))
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX":
            return
        time.sleep(0.02)
    raise AssertionError("the orphan lives")


def test_sleep_ends_with_the_signal_the_time_or_the_work() -> None:
    def child() -> int:
        count = 0

        @ffi.callback("int(void)")
        def work() -> int:
            nonlocal count
            count += 1
            return count == 3

        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1})
        begin = time.monotonic()
        if lib.kh_signals_sleep(30, 10, ffi.NULL) != 0 or time.monotonic() - begin < 0.03:
            return 1
        if lib.kh_signals_sleep(1000, 5, work) != lib.KH_EBUSY or count != 3:
            return 2
        os.kill(os.getpid(), signal.SIGUSR1)
        return 0 if lib.kh_signals_sleep(1000, 5, ffi.NULL) == signal.SIGUSR1 else 3

    assert in_child(child) == 0
