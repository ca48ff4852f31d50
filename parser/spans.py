"""Reading a kernel struct of spans in one step: a static struct, filled by a C parser, unpacked as one tuple.

A nested field read through cffi costs as much as the whole tuple, hence this.
"""

import struct
from typing import Any

from ..src.native import ffi


class SpanStruct:
    """A reusable struct of the kernel and the layout of its bytes. One a process: its content lasts until the next
    call of the parser that fills it, so callers unpack at once."""

    __slots__ = ("_unpack", "_view", "c")

    def __init__(self, ctype: str, layout: str) -> None:
        self.c: Any = ffi.new(f"{ctype} *")
        self._view = memoryview(ffi.buffer(self.c))
        packed = struct.Struct(layout)
        if packed.size != ffi.sizeof(ctype):
            raise AssertionError(f"{ctype} is {ffi.sizeof(ctype)} bytes, its layout here {packed.size}")
        self._unpack = packed.unpack_from

    def values(self) -> tuple[int, ...]:
        """All numbers of the struct; a span is two of them, offset and length."""
        return self._unpack(self._view)
