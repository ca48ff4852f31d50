"""Private memory by the devel guide's names (chapter 4.1): blocks of one process, for bytes handed to the kernel.

Ordinary Python objects are private memory already; use these where C wants a buffer that stays where it is, or where a
module's use is to be limited (`-M`) and counted. Blocks made before the fork are copied to every child.
"""

from dataclasses import dataclass
from typing import Any

from ..src.native import ffi
from .errors import BadBlock, OutOfMemory

DEFAULT_LIMIT = 8 << 20  # bytes a process, as Kamailio's -M 8


class PkgBlock:
    """A zeroed buffer of this process: `view` to read and write, `pointer` (`char *`) for the kernel."""

    __slots__ = ("_data", "size")

    def __init__(self, size: int) -> None:
        self._data = ffi.new("char[]", max(size, 1))
        self.size = max(size, 1)

    @property
    def pointer(self) -> Any:
        return self._data

    @property
    def view(self) -> memoryview:
        return memoryview(ffi.buffer(self._data, self.size))

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"<PkgBlock {self.size} bytes>"


@dataclass(frozen=True, slots=True)
class PkgInfo:
    """Bytes of this process' pool."""

    total_size: int
    free: int
    used: int
    max_used: int
    blocks: int


class PkgPool:
    """The blocks of this process, with a limit that refuses instead of swapping."""

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.used = 0
        self.max_used = 0
        self.blocks: dict[int, PkgBlock] = {}

    def malloc(self, size: int) -> PkgBlock:
        self._room(size)
        block = PkgBlock(size)
        self.blocks[id(block)] = block
        self._count(block.size)
        return block

    def free(self, block: PkgBlock) -> None:
        if self.blocks.pop(id(block), None) is not block:
            raise BadBlock(f"{block!r} is not in use")
        self._count(-block.size)

    def realloc(self, block: PkgBlock | None, size: int) -> PkgBlock:
        if block is None:
            return self.malloc(size)
        if self.blocks.get(id(block)) is not block:
            raise BadBlock(f"{block!r} is not in use")
        self._room(size - block.size)
        fresh = PkgBlock(size)
        keep = min(size, block.size)
        fresh.view[:keep] = block.view[:keep]
        del self.blocks[id(block)]
        self.blocks[id(fresh)] = fresh
        self._count(fresh.size - block.size)
        return fresh

    def info(self) -> PkgInfo:
        return PkgInfo(self.limit, self.limit - self.used, self.used, self.max_used, len(self.blocks))

    def _room(self, size: int) -> None:
        if self.used + size > self.limit:
            raise OutOfMemory("private", size, self.limit - self.used)

    def _count(self, size: int) -> None:
        self.used += size
        self.max_used = max(self.max_used, self.used)


_pool = PkgPool()


def pkg_limit(size: int) -> None:
    """How many bytes each process may have (`-M`). Main process, before the fork."""
    _pool.limit = size


def pkg_malloc(size: int) -> PkgBlock:
    """A zeroed block of `size` bytes. OutOfMemory when the process has reached its limit."""
    return _pool.malloc(size)


pkg_mallocxz = pkg_malloc  # zeroed, as all blocks of this pool are


def pkg_free(block: PkgBlock) -> None:
    """BadBlock when it is free already."""
    _pool.free(block)


def pkg_realloc(block: PkgBlock | None, size: int) -> PkgBlock:
    """A block with the content up to the smaller size; `block` is freed. OutOfMemory leaves it as it is."""
    return _pool.realloc(block, size)


def pkg_reallocxf(block: PkgBlock, size: int) -> PkgBlock:
    """As pkg_realloc, but when the limit is reached `block` is freed as well."""
    try:
        return pkg_realloc(block, size)
    except OutOfMemory:
        pkg_free(block)
        raise


def pkg_str_dup(data: bytes) -> PkgBlock:
    """A block with a copy of `data`."""
    block = pkg_malloc(len(data))
    block.view[: len(data)] = data
    return block


def pkg_available() -> int:
    """Bytes this process may still take."""
    return _pool.info().free


def pkg_info() -> PkgInfo:
    """The figures of this process."""
    return _pool.info()


def pkg_status() -> list[str]:
    """The figures as lines for a log or a person."""
    info = _pool.info()
    return [f"{name.replace('_', ' ')}: {getattr(info, name)}" for name in PkgInfo.__slots__]
