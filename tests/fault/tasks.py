"""Queue of tasks: no task but the one in hand is lost, none is there twice, what is derived from the slots is right."""

from collections.abc import Callable
from typing import Any

from kahea.src.native import ffi, lib

from .steps import Scenario

LIMIT = 8


class Queue(Scenario):
    """Three tasks wait, one of them for later. The child does something to the queue."""

    def __init__(self, body: Callable[["Queue"], Any], sure: set[bytes], maybe: set[bytes]) -> None:
        self.body = body
        self.sure = sure  # there afterwards, whatever happened
        self.maybe = maybe  # may be there if the operation was cut short

    def prepare(self) -> None:
        self.queue = lib.kh_taskq_new(LIMIT)
        for data, delay in ((b"one", 0), (b"two", 0), (b"later", 50_000)):
            self.push(data, delay)
        self.blocks = self.count_blocks()

    def count_blocks(self) -> int:
        out = ffi.new("kh_shm_info *")
        lib.kh_shm_info_get(out)
        return int(out.blocks)

    def push(self, data: bytes, delay_ms: int = 0) -> None:
        lib.kh_taskq_push(self.queue, 1, data, len(data), delay_ms)

    def act(self) -> None:
        self.body(self)

    def again(self) -> None:
        self.push(b"other", 70_000)

    def judge(self, completed: bool) -> None:
        assert lib.kh_taskq_check(self.queue) == 0
        lib.kh_clock_skew(100_000)
        found = []
        while task := lib.kh_taskq_take(self.queue):
            found.append(ffi.unpack(task.data, task.len))
            assert lib.kh_taskq_done(self.queue, task) == lib.KH_OK
        lib.kh_clock_skew(0)
        assert lib.kh_taskq_check(self.queue) == 0
        stats = ffi.new("kh_taskq_stats *")
        lib.kh_taskq_stats_get(self.queue, stats)
        assert stats.waiting == stats.in_hand == 0
        assert self.count_blocks() == self.blocks - 3  # no block is left but the queue's own
        self.compare(found, completed)

    def compare(self, found: list[bytes], completed: bool) -> None:
        rest = set(found) - {b"other"}
        assert self.sure <= rest <= self.sure | self.maybe, found
        assert len(rest) == len([each for each in found if each != b"other"])
        if completed:
            assert rest == self.sure | self.maybe


class Taking(Queue):
    """The child takes: what it has in hand goes with it; it may have taken none yet."""

    def compare(self, found: list[bytes], completed: bool) -> None:
        assert {b"two", b"later"} <= set(found) <= {b"one", b"two", b"later", b"other"}
        assert len(found) == len(set(found))
        assert not completed or b"one" not in found


def take_and_finish(scenario: Queue) -> None:
    lib.kh_taskq_done(scenario.queue, lib.kh_taskq_take(scenario.queue))


def take(scenario: Queue) -> None:
    lib.kh_taskq_take(scenario.queue)


ALL = {b"one", b"two", b"later"}
TASKS: dict[str, Callable[[], Scenario]] = {
    "tasks: push": lambda: Queue(lambda q: q.push(b"new"), ALL, {b"new"}),
    "tasks: push for later": lambda: Queue(lambda q: q.push(b"new", 20_000), ALL, {b"new"}),
    "tasks: take": lambda: Taking(take, ALL, set()),
    "tasks: take and finish": lambda: Taking(take_and_finish, ALL, set()),
}
