"""Memory that ends at a forbidden page: a parser that reads one byte too many crashes instead of passing."""

import ctypes
import mmap
from typing import Any

from kahea.src.native import ffi

PAGES = 17  # room for the longest message


class GuardedBuffer:
    """`place(data)` puts the bytes flush against a page that may not be touched."""

    def __init__(self) -> None:
        size = PAGES * mmap.PAGESIZE
        self._map = mmap.mmap(-1, size)
        self._room = size - mmap.PAGESIZE
        anchor = ctypes.c_char.from_buffer(self._map)
        self._start = ctypes.addressof(anchor)
        libc = ctypes.CDLL(None, use_errno=True)
        forbidden = ctypes.c_void_p(self._start + self._room)
        if libc.mprotect(forbidden, ctypes.c_size_t(mmap.PAGESIZE), 0) != 0:
            raise OSError(ctypes.get_errno(), "mprotect")
        self._anchor = anchor

    def place(self, data: bytes) -> Any:
        """A `const char *` to a copy of data whose last byte is the last one that may be read."""
        at = ffi.cast("char *", self._start + self._room - len(data))
        ffi.memmove(at, data, len(data))
        return at
