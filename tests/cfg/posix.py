"""The C library's regcomp and regexec, to compare with."""

import ctypes
import ctypes.util

_LIBC = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
REG_EXTENDED, REG_ICASE, REG_NEWLINE, REG_NOSUB = 1, 2, 4, 8


class _Match(ctypes.Structure):
    _fields_ = (("start", ctypes.c_int), ("end", ctypes.c_int))


def search(pattern: bytes, data: bytes, flags: int = REG_ICASE) -> tuple[int, int] | str | None:
    """Where the first match lies, None without one, "bad" for a pattern that is refused."""
    compiled = ctypes.create_string_buffer(256)
    if _LIBC.regcomp(compiled, pattern, REG_EXTENDED | flags):
        return "bad"
    match = (_Match * 1)()
    failed = _LIBC.regexec(compiled, data, 1, match, 0)
    _LIBC.regfree(compiled)
    return None if failed else (match[0].start, match[0].end)
