"""Debug mode: sites, guards, totals."""

import pytest

from kahea.mem import report
from kahea.mem.errors import BadBlock
from kahea.mem.shm import shm_free, shm_info, shm_malloc, shm_realloc
from kahea.src.native import ffi, lib


def debug_on() -> None:
    assert lib.kh_shm_debug() == lib.KH_OK


def test_blocks_are_reported_by_the_line_that_made_them() -> None:
    debug_on()
    kept = [shm_malloc(100) for _ in range(3)]
    other = shm_malloc(20_000)
    sites = report.sites()
    assert [(site.blocks, site.bytes) for site in sites] == [(1, 20_000), (3, 300)]
    assert all("tests/mem/test_debug.py:" in site.where for site in sites)
    assert report.module_totals() == {"core": 20_300}
    for block in (*kept, other):
        shm_free(block)
    assert report.sites() == []


def test_c_callers_are_named_too() -> None:
    debug_on()
    assert lib.kh_lock_set_new(4) != ffi.NULL
    assert report.sites()[0].where.startswith("src/shared/lock.c:")


@pytest.mark.parametrize(
    ("where", "module"),
    [
        ("src/tm/tm_new.c:34", "tm"),
        ("src/tm/cells.c:66", "tm"),
        ("src/uloc/uloc_save.c:12", "usrloc"),
        ("src/shared/shtable.c:242", "core"),
        ("/usr/lib/python3/dist-packages/kahea/modules/htable/table.py:7", "htable"),
        ("?", "core"),
    ],
)
def test_line_of_source_belongs_to_a_module(where: str, module: str) -> None:
    assert report.module_of(where) == module


def test_write_beyond_the_end_is_found_when_the_block_is_freed() -> None:
    debug_on()
    block = shm_malloc(33)
    raw = ffi.buffer(block.pointer, 40)
    assert report.check() == 0
    raw[33] = b"!"
    assert report.check() == 1
    shm_free(block)
    fault = report.faults()[0]
    assert fault.kind == "written beyond its end" and fault.size == 33
    assert "test_debug.py" in fault.allocated and "test_debug.py" in fault.found
    assert "written beyond its end" in str(fault)


def test_double_free_names_where_it_was_made_and_freed_again() -> None:
    debug_on()
    block = shm_malloc(10)
    shm_free(block)
    with pytest.raises(BadBlock):
        shm_free(block)
    fault = report.faults()[0]
    assert fault.kind == "free already"
    assert "test_debug.py" in fault.allocated and "test_debug.py" in fault.found


def test_freed_memory_is_filled() -> None:
    debug_on()
    block = shm_malloc(32)
    block[:] = b"s" * 32
    raw = ffi.buffer(block.pointer, 32)
    shm_free(block)
    assert raw[:] == b"\xdd" * 32


@pytest.mark.parametrize(
    ("old", "new"), [(10, 20), (20, 10), (10, 5000), (20_000, 40_000), (50_000, 17_000), (9000, 8)]
)
def test_guards_follow_a_resized_block(old: int, new: int) -> None:
    debug_on()
    block = shm_malloc(old)
    block[:] = b"a" * old
    block = shm_realloc(block, new)
    block[:] = b"b" * new
    assert report.check() == 0
    assert lib.kh_shm_size_of(block.pointer) == new
    shm_free(block)
    assert report.fault_count() == 0
    assert shm_info().blocks == 1  # the table of sites


def test_debug_mode_cannot_come_after_the_first_block() -> None:
    shm_malloc(1)
    assert lib.kh_shm_debug() == lib.KH_EBUSY
    assert report.sites() == []
