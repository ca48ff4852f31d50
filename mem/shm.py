"""Shared memory by the devel guide's names (chapter 4.2): blocks that every process of the server sees.

Any attached process may call these; no lock is needed around them. A block lives until somebody frees it, whoever
allocated it and whether that process still lives. Sizes are bytes. Values that other processes are to find must be
reachable from something made before the fork, or from a named root.
"""

import sys
from dataclasses import dataclass
from typing import Any

from ..src.native import ffi, lib
from .errors import BadBlock, OutOfMemory

_sites: dict[tuple[str, int], Any] = {}  # keeps the C strings of debug mode alive


class ShmBlock:
    """One block of shared memory: an address, the same in every process, and bytes behind it.

    `block[i:j]` reads a copy, `block[i:j] = data` writes; `view` is a writable buffer without a copy.
    """

    __slots__ = ("address", "size")

    def __init__(self, address: int, size: int) -> None:
        self.address = address
        self.size = size

    @property
    def offset(self) -> int:
        """From the segment's first byte: stays the same when another start adopts the segment."""
        return self.address - int(ffi.cast("uintptr_t", lib.kh_shm_base()))

    @property
    def pointer(self) -> Any:
        """The `void *`, for calls into the kernel."""
        return ffi.cast("void *", self.address)

    @property
    def view(self) -> memoryview:
        """All bytes of the block, writable; not valid any more once the block is freed."""
        return memoryview(ffi.buffer(self.pointer, self.size))

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: int | slice) -> Any:
        found = self.view[key]
        return found if isinstance(found, int) else bytes(found)

    def __setitem__(self, key: int | slice, value: Any) -> None:
        self.view[key] = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShmBlock) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __repr__(self) -> str:
        return f"<ShmBlock {self.size} bytes at {self.address:#x}>"


@dataclass(frozen=True, slots=True)
class ShmInfo:
    """The pool in bytes (src/shared/arena.h, kh_shm_info); the names are Kamailio's."""

    total_size: int
    free: int
    used: int
    real_used: int
    max_used: int
    cached: int
    blocks: int
    fragments: int
    largest: int


def shm_malloc(size: int) -> ShmBlock:
    """A block of `size` bytes, content undefined. OutOfMemory when the pool has none."""
    return _block(_at_caller(lib.kh_shm_malloc, size), size)


def shm_mallocxz(size: int) -> ShmBlock:
    """As shm_malloc, all bytes zero."""
    return _block(_at_caller(lib.kh_shm_mallocz, size), size)


def shm_free(block: ShmBlock) -> None:
    """BadBlock when it is free already; the record of faults then has it (mem.report)."""
    if _at_caller(lib.kh_shm_free, block.pointer) < 0:
        raise BadBlock(f"{block!r} is not in use")


def shm_realloc(block: ShmBlock | None, size: int) -> ShmBlock:
    """The block with `size` bytes, at the same address if there is room; the content stays up to the smaller size.

    OutOfMemory leaves `block` as it is; after success only the returned one is valid. None allocates.
    """
    if block is None:
        return shm_malloc(size)
    if not lib.kh_shm_size_of(block.pointer):
        raise BadBlock(f"{block!r} is not in use")
    return _block(_at_caller(lib.kh_shm_realloc, block.pointer, size), size)


def shm_reallocxf(block: ShmBlock, size: int) -> ShmBlock:
    """As shm_realloc, but when there is no memory `block` is freed as well."""
    try:
        return shm_realloc(block, size)
    except OutOfMemory:
        shm_free(block)
        raise


def shm_str_dup(data: bytes) -> ShmBlock:
    """A block with a copy of `data`."""
    block = shm_malloc(len(data))
    block[: len(data)] = data
    return block


def shm_available() -> int:
    """Free bytes; a single block of that size may still not fit (`shm_info().largest`)."""
    return shm_info().free


def shm_info() -> ShmInfo:
    """The pool's figures, exact but for allocations going on in other processes at this moment."""
    out = ffi.new("kh_shm_info *")
    lib.kh_shm_info_get(out)
    return ShmInfo(*(int(getattr(out, name)) for name in ShmInfo.__slots__))


def shm_status() -> list[str]:
    """The figures as lines for a log or a person."""
    info = shm_info()
    return [f"{name.replace('_', ' ')}: {getattr(info, name)}" for name in ShmInfo.__slots__]


def _block(pointer: Any, size: int) -> ShmBlock:
    if pointer == ffi.NULL:
        raise OutOfMemory("shared", size, shm_available())
    return ShmBlock(int(ffi.cast("uintptr_t", pointer)), max(size, 1))


def _at_caller(function: Any, *args: Any) -> Any:
    """Call the kernel; in debug mode it notes the place that called the function of this file."""
    if lib.kh_shm_flags() & lib.KH_SHM_DEBUG:
        frame = sys._getframe(2)
        key = (frame.f_code.co_filename, frame.f_lineno)
        if key not in _sites:
            _sites[key] = ffi.new("char[]", f"{key[0]}:{key[1]}".encode())
        lib.kh_shm_here(_sites[key])
    return function(*args)
