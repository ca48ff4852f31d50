"""Allocator: blocks that were there keep their content, what the dead only held comes back, figures equal a walk."""

from collections.abc import Callable
from typing import Any

from kahea.src.native import ffi, lib

from .steps import Scenario

SIZES = (20, 500, 8000, 20_000, 70_000)


class Allocation(Scenario):
    """Some blocks of all sizes exist; the child does one thing with memory of its own."""

    other_stride = 3

    def __init__(self, body: Callable[["Allocation"], Any]) -> None:
        self.body = body

    def prepare(self) -> None:
        self.blocks = [(lib.kh_shm_malloc(size), size) for size in SIZES for _ in range(3)]
        for number, (block, size) in enumerate(self.blocks):
            ffi.memmove(block, bytes([number]) * size, size)
        self.given = lib.kh_shm_malloc(30_000)  # for the child, and of no use to main afterwards
        self.blocks_before = self.figures().blocks

    def act(self) -> None:
        self.body(self)

    def again(self) -> None:
        for block in [lib.kh_shm_malloc_held(size) for size in SIZES]:
            assert block != ffi.NULL
            lib.kh_shm_free(block)

    def figures(self) -> Any:
        out = ffi.new("kh_shm_info *")
        lib.kh_shm_info_get(out)
        return out

    def judge(self, completed: bool) -> None:
        for number, (block, size) in enumerate(self.blocks):
            assert bytes(ffi.buffer(block, size)) == bytes([number]) * size
        given = lib.kh_shm_size_of(self.given) > 0
        assert self.figures().blocks == self.blocks_before - (not given)
        for block, _ in self.blocks:
            assert lib.kh_shm_free(block) == 0
        if given:
            lib.kh_shm_free(self.given)
        assert self.figures().used == 0


def take_and_return(size: int, count: int) -> Callable[[Allocation], None]:
    """Held blocks: none of them may stay."""

    def body(_: Allocation) -> None:
        for block in [lib.kh_shm_malloc_held(size) for _ in range(count)]:
            lib.kh_shm_free(block)

    return body


def free_large(scenario: Allocation) -> None:
    lib.kh_shm_hold(scenario.given)
    lib.kh_shm_free(scenario.given)


def resize(*sizes: int) -> Callable[[Allocation], None]:
    def body(_: Allocation) -> None:
        block = lib.kh_shm_malloc_held(20_000)
        for size in sizes:
            block = lib.kh_shm_realloc(block, size)
        lib.kh_shm_free(block)

    return body


ALLOCATOR: dict[str, Callable[[], Scenario]] = {
    "allocator: one small block": lambda: Allocation(take_and_return(20, 1)),
    "allocator: a magazine filled and flushed": lambda: Allocation(take_and_return(700, 30)),
    "allocator: whole spans come and go": lambda: Allocation(take_and_return(5000, 9)),
    "allocator: a large block": lambda: Allocation(take_and_return(50_000, 1)),
    "allocator: a large block is freed": lambda: Allocation(free_large),
    "allocator: a large block grows and shrinks": lambda: Allocation(resize(200_000, 30_000)),
    "allocator: a block changes from large to small": lambda: Allocation(resize(50, 60_000)),
}
