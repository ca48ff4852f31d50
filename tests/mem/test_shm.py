"""Shared memory by the guide's names: one process."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kahea.mem import report
from kahea.mem.errors import BadBlock, OutOfMemory
from kahea.mem.shm import (
    ShmBlock,
    shm_available,
    shm_free,
    shm_info,
    shm_malloc,
    shm_mallocxz,
    shm_realloc,
    shm_reallocxf,
    shm_status,
    shm_str_dup,
)
from kahea.src.native import lib
from kahea.tests.support.segment import SIZE


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 1000, 8176, 8177, 16368, 16369, 100_000])
def test_block_holds_what_is_written_into_it(size: int) -> None:
    block = shm_malloc(size)
    block[:size] = b"x" * size
    assert block[:size] == b"x" * size
    assert block.address % 16 == 0
    assert shm_info().blocks == 1
    shm_free(block)
    assert shm_info().blocks == 0
    assert report.check() == 0


def test_blocks_do_not_overlap() -> None:
    blocks = [shm_malloc(24) for _ in range(500)]
    for number, block in enumerate(blocks):
        block[:24] = number.to_bytes(24, "little")
    assert all(block[:24] == number.to_bytes(24, "little") for number, block in enumerate(blocks))


def test_zeroed_block_is_zero_after_use_by_another() -> None:
    block = shm_malloc(64)
    block[:64] = b"\xff" * 64
    shm_free(block)
    assert shm_mallocxz(64)[:64] == bytes(64)


def test_copy_of_bytes() -> None:
    assert shm_str_dup(b"sip:alice@example.org")[:] == b"sip:alice@example.org"


def test_freeing_twice_is_told_and_changes_nothing() -> None:
    block = shm_malloc(100)
    shm_free(block)
    with pytest.raises(BadBlock):
        shm_free(block)
    with pytest.raises(BadBlock):
        shm_realloc(block, 10)
    assert report.check() == 0
    assert [fault.kind for fault in report.faults()] == ["free already", "free already"]


def test_freeing_what_is_no_block_is_told() -> None:
    block = shm_mallocxz(64)
    for address in (block.address + 16, 4096, block.address + 1):
        with pytest.raises(BadBlock):
            shm_free(ShmBlock(address, 1))
    assert report.fault_count() == 3
    shm_free(block)


@pytest.mark.parametrize(("old", "new"), [(10, 16), (100, 90), (20_000, 30_000), (60_000, 20_000), (20_000, 16_400)])
def test_realloc_stays_where_it_is_when_there_is_room(old: int, new: int) -> None:
    block = shm_malloc(old)
    block[: min(old, new)] = b"k" * min(old, new)
    moved = shm_realloc(block, new)
    assert moved == block
    assert moved[: min(old, new)] == b"k" * min(old, new)
    assert report.check() == 0


@pytest.mark.parametrize(("old", "new"), [(10, 100), (100, 20_000), (20_000, 10), (8176, 8177)])
def test_realloc_moves_with_its_content(old: int, new: int) -> None:
    block = shm_malloc(old)
    block[:old] = bytes(i % 251 for i in range(old))
    moved = shm_realloc(block, new)
    assert moved[: min(old, new)] == bytes(i % 251 for i in range(min(old, new)))
    assert shm_info().blocks == 1
    assert report.check() == 0


def test_large_block_grows_in_place_and_nobody_gets_its_pages() -> None:
    first = shm_malloc(20_000)
    grown = shm_realloc(first, 200_000)
    grown[:] = b"g" * 200_000
    others = [shm_mallocxz(5000) for _ in range(200)]
    for other in others:
        other[:] = b"o" * 5000
    assert grown == first
    assert grown[:] == b"g" * 200_000


def test_realloc_without_block_allocates() -> None:
    assert len(shm_realloc(None, 77)) == 77


def fill(size: int) -> list[ShmBlock]:
    blocks = []
    try:
        while True:
            blocks.append(shm_malloc(size))
    except OutOfMemory:
        return blocks


@pytest.mark.parametrize("size", [16, 100, 3000, 50_000])
def test_full_pool_refuses_and_recovers(size: int) -> None:
    blocks = fill(size)
    assert len(blocks) * (size + 16) > SIZE * 0.7
    with pytest.raises(OutOfMemory, match=f"{size} bytes wanted"):
        shm_malloc(size)
    assert report.check() == 0
    shm_free(blocks.pop())
    blocks.append(shm_malloc(size))
    for block in blocks:
        shm_free(block)
    assert shm_info().used == 0
    assert len(fill(size)) == len(blocks)


def test_memory_of_one_size_serves_another_after_it_is_freed() -> None:
    for block in fill(64):
        shm_free(block)
    assert len(shm_malloc(SIZE // 2)) == SIZE // 2


def test_refused_realloc_leaves_the_block() -> None:
    block = shm_str_dup(b"still here")
    with pytest.raises(OutOfMemory):
        shm_realloc(block, SIZE * 2)
    assert block[:] == b"still here"
    with pytest.raises(OutOfMemory):
        shm_reallocxf(block, SIZE * 2)
    assert shm_info().blocks == 0


def test_allocations_can_be_made_to_fail() -> None:
    lib.kh_shm_fail_after(2)
    blocks = [shm_malloc(10), shm_malloc(10)]
    with pytest.raises(OutOfMemory):
        shm_malloc(10)
    with pytest.raises(OutOfMemory):
        shm_malloc(10)
    lib.kh_shm_fail_after(-1)
    assert shm_malloc(10)
    assert len(blocks) == 2


def test_figures_add_up() -> None:
    blocks = [shm_malloc(size) for size in (10, 1000, 30_000)]
    info = shm_info()
    assert info.blocks == 3
    assert info.used >= 31_010
    assert info.real_used == info.used + 3 * 16
    assert info.free == info.total_size - info.real_used == shm_available()
    assert info.max_used >= info.real_used
    assert f"blocks: {info.blocks}" in shm_status()
    for block in blocks:
        shm_free(block)
    assert shm_info().max_used >= info.real_used


SIZES = st.one_of(st.integers(0, 200), st.integers(200, 9000), st.integers(9000, 120_000))


class Model(RuleBasedStateMachine):
    """Any order of malloc, free and realloc against a dict of what must be in the blocks."""

    @initialize()
    def start(self) -> None:
        self.before = shm_info().used
        self.model: dict[ShmBlock, bytes] = {}
        self.seed = 0

    def content(self, size: int) -> bytes:
        self.seed += 1
        return (self.seed.to_bytes(4, "little") * (size // 4 + 1))[:size]

    def put(self, block: ShmBlock) -> None:
        data = self.content(len(block))
        block[:] = data
        self.model[block] = data

    @rule(size=SIZES)
    def malloc(self, size: int) -> None:
        self.put(shm_malloc(size))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def free(self, data: st.DataObject) -> None:
        block = data.draw(st.sampled_from(sorted(self.model, key=lambda b: b.address)))
        assert block[:] == self.model.pop(block)
        shm_free(block)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), size=SIZES)
    def realloc(self, data: st.DataObject, size: int) -> None:
        block = data.draw(st.sampled_from(sorted(self.model, key=lambda b: b.address)))
        old = self.model.pop(block)
        moved = shm_realloc(block, size)
        keep = min(len(moved), len(old), size)
        assert moved[:keep] == old[:keep]
        self.put(moved)

    @invariant()
    def whole(self) -> None:
        if not hasattr(self, "model"):
            return
        assert all(block[:] == data for block, data in self.model.items())
        assert report.check() == 0
        assert shm_info().blocks == len(self.model)

    def teardown(self) -> None:
        for block in getattr(self, "model", {}):
            shm_free(block)
        assert shm_info().used == 0


def test_any_order_of_calls_keeps_contents_and_accounts() -> None:
    Model.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None, database=None)
    Model.TestCase("runTest").runTest()
