"""Queues of tasks: order, delays, limits, sleepers that are woken, and what the death of a worker takes along."""

import os
import signal
import time
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kahea.src.native import ffi, lib
from kahea.tests.support.segment import Child, forever, until

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Queue:
    """A queue, as Python sees it."""

    def __init__(self, limit: int = 64) -> None:
        self.c = lib.kh_taskq_new(limit)
        assert self.c != ffi.NULL

    def push(self, data: bytes, delay_ms: int = 0, number: int = 7) -> int:
        return int(lib.kh_taskq_push(self.c, number, data, len(data), delay_ms))

    def take(self) -> Any:
        return lib.kh_taskq_take(self.c)

    def wait(self) -> Any:
        """As a worker does."""
        return lib.kh_taskq_wait(self.c)

    def done(self, task: Any) -> int:
        return int(lib.kh_taskq_done(self.c, task))

    def drain(self) -> list[bytes]:
        found = []
        while task := self.take():
            found.append(content(task))
            self.done(task)
        return found

    def stats(self) -> dict[str, int]:
        out = ffi.new("kh_taskq_stats *")
        lib.kh_taskq_stats_get(self.c, out)
        return {name: getattr(out, name) for name in ("limit", "waiting", "in_hand", "pushed", "refused", "lost")}

    @property
    def sound(self) -> bool:
        return lib.kh_taskq_check(self.c) == 0


def content(task: Any) -> bytes:
    return ffi.unpack(task.data, task.len) if task.len else b""


def worker() -> None:
    """The signals of a child that waits."""
    lib.kh_signals_init(0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def test_tasks_come_out_in_the_order_of_the_pushes() -> None:
    queue = Queue()
    for number in range(20):
        assert queue.push(b"%d" % number) == lib.KH_OK
    assert queue.drain() == [b"%d" % number for number in range(20)]
    assert queue.sound


def test_a_task_has_its_number_and_its_bytes_whatever_they_are() -> None:
    queue = Queue()
    for data in (b"", b"\0\xff" * 5, bytes(lib.KH_TASK_MAX)):
        assert queue.push(data, number=len(data)) == lib.KH_OK
        task = queue.take()
        assert (task.number, content(task)) == (len(data), data)
        assert queue.done(task) == lib.KH_OK


def test_a_delayed_task_is_not_due_before_its_time_and_the_earliest_comes_first() -> None:
    queue = Queue()
    for delay in (5000, 1000, 3000):
        queue.push(b"%d" % delay, delay)
    queue.push(b"now")
    assert queue.drain() == [b"now"]
    assert lib.kh_taskq_next(queue.c) == pytest.approx(lib.kh_now_ms() + 1000, abs=100)
    lib.kh_clock_skew(3500)
    assert queue.drain() == [b"1000", b"3000"]
    lib.kh_clock_skew(5500)
    assert queue.drain() == [b"5000"]
    assert lib.kh_taskq_next(queue.c) == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=120))
def test_as_a_sorted_list(steps: list[tuple[int, bool]]) -> None:
    """Pushes with delays and takes, in any order."""
    queue, order = Queue(100), 0
    model: list[tuple[int, int]] = []
    try:
        for delay, take in steps:
            if take:
                lib.kh_clock_skew(100_000)
                task = queue.take()
                lib.kh_clock_skew(0)
                assert bool(task) == bool(model)
                if task:
                    first = min(model)
                    assert content(task) == b"%d" % first[1]
                    model.remove(first)
                    queue.done(task)
            elif len(model) < 100:
                queue.push(b"%d" % order, delay * 1000)
                model.append((delay, order))
                order += 1
            assert queue.stats()["waiting"] == len(model) and queue.sound
    finally:
        lib.kh_taskq_delete(queue.c)


def test_a_full_queue_refuses_and_counts() -> None:
    queue = Queue(3)
    assert [queue.push(b"x") for _ in range(5)] == [lib.KH_OK] * 3 + [lib.KH_ETOOBIG] * 2
    task = queue.take()
    assert queue.push(b"x") == lib.KH_ETOOBIG  # what is in hand counts
    queue.done(task)
    assert queue.push(b"last") == lib.KH_OK
    assert queue.stats() == {"limit": 3, "waiting": 3, "in_hand": 0, "pushed": 4, "refused": 3, "lost": 0}
    assert queue.drain() == [b"x", b"x", b"last"]


def test_what_is_too_large_or_finds_no_memory_is_refused() -> None:
    queue = Queue(3)
    assert queue.push(bytes(lib.KH_TASK_MAX + 1)) == lib.KH_ETOOBIG
    lib.kh_shm_fail_after(0)
    assert queue.push(b"x") == lib.KH_ENOMEM
    lib.kh_shm_fail_after(-1)
    assert queue.stats()["refused"] == 2 and queue.sound
    assert lib.kh_taskq_new(0) == ffi.NULL and lib.kh_taskq_new(lib.KH_TASKQ_LIMIT_MAX + 1) == ffi.NULL


def test_only_who_has_a_task_in_hand_can_be_done_with_it() -> None:
    queue = Queue()
    queue.push(b"x")
    task = queue.take()
    with Child(lambda: os._exit(0 if queue.done(task) == lib.KH_EINVAL else 1)) as other:
        assert other.wait() == 0
    assert queue.done(task) == lib.KH_OK and queue.done(task) == lib.KH_EINVAL


def test_a_sleeping_worker_is_woken_by_a_push() -> None:
    queue = Queue()

    def serve() -> None:
        worker()
        for _ in range(3):
            queue.done(queue.wait())

    with Child(serve) as child:
        for _ in range(3):
            time.sleep(0.02)
            queue.push(b"x")
        assert child.finish() == 0
    assert queue.stats()["waiting"] == 0


def test_each_of_many_sleepers_gets_one_of_many_tasks() -> None:
    queue, taken = Queue(), ffi.cast("int *", lib.kh_shm_mallocz(4 * 4))

    def serve(place: int) -> None:
        worker()
        queue.wait()
        taken[place] += 1
        forever()

    children = [Child(partial(serve, place)) for place in range(4)]
    try:
        time.sleep(0.05)
        for _ in range(4):
            queue.push(b"x")
        until(lambda: [taken[place] for place in range(4)] == [1, 1, 1, 1])
    finally:
        for child in children:
            child.kill()
            child.finish()
    assert queue.stats()["lost"] == 4


def test_a_sleeper_wakes_for_a_task_that_is_due_before_the_one_it_waits_for() -> None:
    queue = Queue()
    queue.push(b"later", 60_000)

    def serve() -> None:
        worker()
        os._exit(0 if content(queue.wait()) == b"sooner" else 1)

    with Child(serve) as child:
        time.sleep(0.05)
        begin = time.monotonic()
        queue.push(b"sooner", 100)
        assert child.wait() == 0
        assert 0.08 < time.monotonic() - begin < 2


def test_a_signal_goes_before_tasks() -> None:
    queue = Queue()

    def serve() -> None:
        worker()
        while queue.wait():
            pass
        os._exit(0 if lib.kh_signals_take() == 1 << signal.SIGHUP else 1)

    with Child(serve) as child:  # asleep
        time.sleep(0.05)
        os.kill(child.pid, signal.SIGHUP)
        assert child.finish() == 0
    for _ in range(50):
        queue.push(b"x")

    def busy() -> None:
        worker()
        os.kill(os.getpid(), signal.SIGHUP)
        os._exit(1 if queue.wait() else 0)

    with Child(busy) as child:
        assert child.finish() == 0


def test_a_dead_worker_takes_only_the_task_in_its_hand_along() -> None:
    queue = Queue()
    for number in range(3):
        queue.push(b"%d" % number)

    def serve() -> None:
        queue.take()
        forever()

    child = Child(serve)
    until(lambda: queue.stats()["in_hand"] == 1)
    child.kill()
    child.finish()
    assert queue.stats() == {"limit": 64, "waiting": 2, "in_hand": 0, "pushed": 3, "refused": 0, "lost": 1}
    assert queue.drain() == [b"1", b"2"] and queue.sound
    assert lib.kh_shm_check(ffi.NULL) == 0


def test_what_a_dead_process_has_pushed_stays() -> None:
    queue = Queue()

    def push() -> None:
        queue.push(b"now")
        queue.push(b"later", 1000)
        os.kill(os.getpid(), signal.SIGKILL)

    assert Child(push).finish() == -signal.SIGKILL
    lib.kh_clock_skew(2000)
    assert queue.drain() == [b"now", b"later"]
