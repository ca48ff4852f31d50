"""Signal flags: set by the handler, kept while blocked, and a child dies with its parent."""

import os
import pathlib
import signal
import time

from kahea.src.native import lib


def in_child(function) -> int:  # type: ignore[no-untyped-def]
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
