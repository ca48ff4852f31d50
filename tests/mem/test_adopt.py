"""A segment outlives all of its processes, and the next start takes over what is still wanted."""

import os
import signal
import struct
from collections.abc import Iterator

import pytest

from kahea.core.shtable import SharedTable
from kahea.mem import report, segment
from kahea.mem.errors import SegmentError
from kahea.mem.shm import shm_info, shm_malloc, shm_mallocxz
from kahea.src.native import ffi, lib
from kahea.tests.support.kept import SIZE, overwrite, read, start, truncate
from kahea.tests.support.segment import Child, forever, until


@pytest.fixture
def name() -> Iterator[str]:
    name = f"/kahea-test-{os.getpid()}"
    segment.remove(name)
    yield name
    segment.remove(name)


def fill(opened: segment.Opened) -> None:
    assert not opened.adopted and opened.reason == ""
    table = SharedTable("location", 8)
    for number in range(1000):
        table.set(b"user%d" % number, b"contact %d" % number)
    for _ in range(50):
        shm_malloc(500)  # of something that the next start does not want


def find(opened: segment.Opened) -> None:
    assert opened.adopted
    table = SharedTable("location", 8)
    assert table.adopted and table.check() == 0
    assert all(table.get(b"user%d" % number)[0] == b"contact %d" % number for number in range(1000))  # type: ignore[index]
    segment.adoption_done()
    assert shm_info().blocks == 1002  # records, table, buckets
    assert report.check() == 0
    table.set(b"new", b"works")
    table.remove(b"new")


@pytest.mark.parametrize("end", [0, -9])
def test_table_is_found_again(name: str, end: int) -> None:
    start(name, fill, end=end)
    start(name, find, end=end)
    start(name, find, end=end)


def test_table_of_another_version_is_not_taken_and_its_memory_comes_back(name: str) -> None:
    start(name, fill)

    def other(opened: segment.Opened) -> None:
        assert opened.adopted
        table = SharedTable("location", 8, version=2)
        assert not table.adopted and len(table) == 0
        segment.adoption_done()
        assert shm_info().blocks == 2
        assert report.check() == 0

    start(name, other)


def test_root_that_nobody_wanted_is_gone_afterwards(name: str) -> None:
    start(name, fill)
    start(name, lambda opened: segment.adoption_done())

    def later(opened: segment.Opened) -> None:
        assert opened.adopted
        assert lib.kh_root_get(b"location", 1) == ffi.NULL
        assert not SharedTable("location", 8).adopted

    start(name, later)


def test_counters_begin_at_zero(name: str) -> None:
    start(name, lambda opened: lib.kh_counter_add(lib.KH_CNT_RCV_REQUESTS, 5))

    def look(opened: segment.Opened) -> None:
        assert opened.adopted
        assert lib.kh_counter_sum(lib.KH_CNT_RCV_REQUESTS) == 0

    start(name, look)


def test_blocks_of_workers_killed_with_main_come_back(name: str) -> None:
    def die_together(opened: segment.Opened) -> None:
        fill(opened)
        box = shm_mallocxz(1)

        def work() -> None:
            for _ in range(300):
                lib.kh_shm_malloc_held(100)
            box[0] = 1
            forever()

        worker = Child(work)
        until(lambda: box[0])
        worker.kill()

    start(name, die_together, end=-9)
    start(name, find)


def test_other_size_is_refused_with_a_reason_and_begun_afresh(name: str) -> None:
    start(name, fill)

    def bigger(opened: segment.Opened) -> None:
        assert not opened.adopted and "size" in opened.reason
        assert not SharedTable("location", 8).adopted

    start(name, bigger, size=SIZE * 2)


@pytest.mark.parametrize(
    ("offset", "data", "reason"),
    [(0, b"no magic", "no segment"), (8, struct.pack("=I", 999), "build"), (16, b"otherBLD", "build")],
)
def test_foreign_segment_is_refused(name: str, offset: int, data: bytes, reason: str) -> None:
    start(name, fill)
    overwrite(name, offset, data)

    def afresh(opened: segment.Opened) -> None:
        assert not opened.adopted and reason in opened.reason
        assert not SharedTable("location", 8).adopted

    start(name, afresh)


def test_overwritten_block_header_is_found(name: str) -> None:

    def wreck(opened: segment.Opened) -> None:
        block = shm_malloc(100)
        overwrite(name, block.offset - 16, b"\xff" * 16)

    start(name, wreck)

    def afresh(opened: segment.Opened) -> None:
        assert not opened.adopted and "corrupt" in opened.reason
        assert report.check() == 0

    start(name, afresh)


@pytest.mark.parametrize("size", [0, 100, SIZE // 2])
def test_truncated_segment_is_begun_afresh(name: str, size: int) -> None:
    start(name, fill)
    truncate(name, size)

    def afresh(opened: segment.Opened) -> None:
        assert not opened.adopted and ("size" in opened.reason) == (size > 0)
        assert not SharedTable("location", 8).adopted

    start(name, afresh)


def refused(name: str) -> bool:
    """Whether a process that was forked now may not have the segment."""
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            lib.kh_shm_done()
            segment.open_segment(SIZE, keep_as=name)
            code = 0
        except SegmentError as error:
            code = 1 if "alive" in str(error) else 2
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, 1)
    return code == 1


def test_segment_in_use_is_refused_and_not_removed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "PATIENCE", 0.2)

    def two(opened: segment.Opened) -> None:
        fill(opened)
        assert refused(name)
        assert not segment.remove(name)

    start(name, two)
    start(name, find)


def test_segment_of_a_dead_main_is_refused_as_long_as_a_child_lives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "PATIENCE", 0.2)
    read, write = os.pipe()

    def leave_a_child(opened: segment.Opened) -> None:
        fill(opened)
        if (pid := os.fork()) == 0:
            forever()
        os.write(write, b"%d" % pid)

    start(name, leave_a_child, end=-9)
    child = int(os.read(read, 20))
    assert refused(name)
    os.kill(child, 9)
    monkeypatch.undo()
    start(name, find)


def test_of_starts_at_once_one_has_the_segment(name: str) -> None:
    start(name, fill)
    read_end, write_end = os.pipe()
    children = []
    for _ in range(4):
        if (pid := os.fork()) == 0:
            code = 2
            try:
                signal.alarm(20)
                lib.kh_shm_done()
                segment.PATIENCE = 0.2
                assert segment.open_segment(SIZE, keep_as=name).adopted
                for _ in range(3):
                    os.read(read_end, 1)  # it lives as long as the others try
                code = 0
            except SegmentError:
                os.write(write_end, b"x")
                code = 1
            finally:
                os._exit(code)
        children.append(pid)
    codes = sorted(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children)
    assert codes == [0, 1, 1, 1]


def test_chain_is_cut_before_a_record_that_was_overwritten(name: str) -> None:
    start(name, fill)
    overwrite(name, read(name).index(b"user500"), b"abused!")

    def look(opened: segment.Opened) -> None:
        table = SharedTable("location", 8)
        assert table.adopted and table.cut == 1 and table.check() == 0
        assert 950 < len(table) < 1000 and table.get(b"user500") is None
        segment.adoption_done()
        assert report.check() == 0
        assert shm_info().blocks == len(table) + 2

    start(name, look)


def test_without_a_name_nothing_stays(name: str) -> None:
    before = set(os.listdir("/dev/shm"))
    pid = os.fork()
    if pid == 0:
        lib.kh_shm_done()
        segment.open_segment(SIZE)
        os._exit(0)
    os.waitpid(pid, 0)
    assert set(os.listdir("/dev/shm")) <= before
