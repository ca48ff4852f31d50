"""Private memory by the guide's names."""

import pytest

from kahea.mem import pkg
from kahea.mem.errors import BadBlock, OutOfMemory
from kahea.mem.pkg import PkgPool, pkg_free, pkg_info, pkg_limit, pkg_malloc, pkg_realloc, pkg_status


def test_block_is_zeroed_and_writable() -> None:
    block = pkg_malloc(10)
    assert bytes(block.view) == bytes(10)
    block.view[:3] = b"abc"
    assert list(block.pointer[0:3]) == [b"a", b"b", b"c"]
    pkg_free(block)
    assert pkg_info().used == 0


def test_realloc_keeps_the_content() -> None:
    block = pkg_malloc(4)
    block.view[:] = b"abcd"
    block = pkg_realloc(block, 8)
    assert bytes(block.view) == b"abcd\0\0\0\0"
    assert bytes(pkg_realloc(block, 2).view) == b"ab"
    assert pkg_info().blocks == 1


def test_limit_refuses_and_says_so() -> None:
    pkg_limit(100)
    block = pkg_malloc(60)
    with pytest.raises(OutOfMemory, match="private"):
        pkg_malloc(41)
    with pytest.raises(OutOfMemory):
        pkg_realloc(block, 101)
    pkg_free(block)
    assert pkg_malloc(100).size == 100
    assert pkg_info().max_used == 100
    assert "free: 0" in pkg_status()


def test_freeing_twice_is_told() -> None:
    block = pkg_malloc(1)
    pkg_free(block)
    with pytest.raises(BadBlock):
        pkg_free(block)
    with pytest.raises(BadBlock):
        pkg_realloc(block, 5)


def test_block_may_grow_up_to_the_limit() -> None:
    pool = PkgPool(100)
    block = pool.realloc(pool.malloc(60), 100)
    assert (block.size, pool.info().free, pool.info().blocks) == (100, 0, 1)
    with pytest.raises(OutOfMemory):
        pool.realloc(block, 101)


def test_resize_that_fails_frees_the_block_when_asked_to() -> None:
    before = pkg.pkg_info().blocks
    block = pkg.pkg_str_dup(b"hello")
    assert bytes(block.view) == b"hello"
    with pytest.raises(OutOfMemory):
        pkg.pkg_reallocxf(block, pkg.pkg_available() + 6)
    assert pkg.pkg_info().blocks == before
    with pytest.raises(BadBlock):
        pkg.pkg_free(block)
