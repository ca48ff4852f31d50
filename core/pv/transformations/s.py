"""`{s.*}`: strings. Encodings and escapes of the same class are in files of their own."""

import functools
import hashlib
import re
import time
from collections.abc import Callable
from typing import Any

from ..exports import Char, Number, Text, TransformationExport, Value

_INT = re.compile(rb"[+-]?[0-9]+\Z")
_WHITE = b" \t\r\n"
_PAIRS = {b"(": b")", b"[": b"]", b"{": b"}", b"<": b">"}
_ESCAPED = re.compile(rb"\\([nrt\\])")
_UNESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}


def to_int(value: bytes) -> Value:
    """A decimal number of 32 bits; the empty string stays."""
    if not value:
        return value
    if not _INT.match(value) or not -0x80000000 <= int(value) <= 0x7FFFFFFF:
        raise ValueError("no number")
    return int(value)


def digest(name: str) -> Callable[[bytes], Value]:
    """A hash in lower-case hexadecimal digits."""
    return lambda value: hashlib.new(name, value, usedforsecurity=False).hexdigest().encode()


def substr(value: bytes, offset: int, length: int) -> Value:
    """`length` bytes from `offset`, below 0 counted from the end; length 0: to the end."""
    if length < 0:
        raise ValueError("negative length")
    if offset < 0:
        offset += len(value)
    if not 0 <= offset < len(value):
        raise ValueError("outside the string")
    return value[offset : offset + length] if length else value[offset:]


def select(value: bytes, index: int, separator: bytes) -> Value:
    """A field of a list, counted from the end below 0; empty outside."""
    fields = value.split(separator)
    return fields[index] if -len(fields) <= index < len(fields) else b""


def strip(value: bytes, n: int) -> Value:
    """Without the first n bytes."""
    return value[n:] if n > 0 else value


def strip_tail(value: bytes, n: int) -> Value:
    """Without the last n bytes."""
    return value[: max(len(value) - n, 0)] if n > 0 else value


def strip_to(value: bytes, char: bytes) -> Value:
    """From the first `char` on."""
    at = value.find(char[:1])
    return value[at:] if at >= 0 else b""


def before(value: bytes, char: bytes) -> Value:
    """Up to the first `char`; all when there is none."""
    return value.partition(char[:1])[0]


def after(value: bytes, char: bytes) -> Value:
    """Behind the first `char`; nothing when there is none."""
    return value.partition(char[:1])[2]


def rbefore(value: bytes, char: bytes) -> Value:
    """Up to the last `char`."""
    head, found, tail = value.rpartition(char[:1])
    return head if found else tail


def rafter(value: bytes, char: bytes) -> Value:
    """Behind the last `char`."""
    _, found, tail = value.rpartition(char[:1])
    return tail if found else b""


def count(value: bytes, char: bytes) -> Value:
    """How often a byte occurs."""
    return value.count(char[:1])


def replace(value: bytes, match: bytes, by: bytes) -> Value:
    """Every `match` replaced."""
    return value.replace(match, by) if match else value


def remove(value: bytes, match: bytes) -> Value:
    """Every `match` deleted; \\n \\r \\t \\\\ may be written."""
    match = _ESCAPED.sub(lambda m: _UNESCAPED[m.group(1)], match)
    return value.replace(match, b"") if match else value


def numeric(value: bytes) -> Value:
    """The digits only."""
    return bytes(c for c in value if 0x30 <= c <= 0x39)


def unquote(value: bytes) -> Value:
    """Without one pair of equal quotes around."""
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[:1] in b"\"'" else value


def unbracket(value: bytes) -> Value:
    """Without one matching pair of brackets around."""
    return value[1:-1] if len(value) >= 2 and _PAIRS.get(value[:1]) == value[-1:] else value


def prefixes(value: bytes, most: int = 0, quote: bytes = b"") -> Value:
    """All prefixes, or the `most` shortest, as a comma list."""
    end = min(most, len(value)) if most > 0 else len(value)
    return b",".join(quote + value[:n] + quote for n in range(1, end + 1))


def core_hash(value: bytes, size: int = 0) -> Value:
    """The hash that SER uses for its tables, as decimal text; `size` is a power of two."""
    h = 0
    for i in range(0, len(value) - 3, 4):
        v = int.from_bytes(value[i : i + 4], "big")
        h = (h + (v ^ v >> 3)) & 0xFFFFFFFF
    v = int.from_bytes(value[len(value) & ~3 :], "big")
    h = (h + (v ^ v >> 3)) & 0xFFFFFFFF
    h = (h + (h >> 11) + (h >> 13) + (h >> 23)) & 0xFFFFFFFF
    return b"%d" % (h & size - 1 if size > 0 else h)


def ftime(value: bytes, fmt: bytes) -> Value:
    """strftime of seconds since 1970, local time; the empty text is 0."""
    if value and not value.isdigit():
        raise ValueError("no time")
    return time.strftime(fmt.decode("latin-1"), time.localtime(int(value or 0))).encode("utf-8", "surrogateescape")


def format_lines(value: bytes, width: int, indent: int, fill: bytes = b" ") -> Value:
    """Broken into lines of `width` bytes, all but the first indented."""
    if width <= 0 or indent < 0:
        raise ValueError("no width")
    return (b"\r\n" + fill * indent).join(value[i : i + width] for i in range(0, len(value), width))


def _fixed(function: Callable[..., Value], **fixed: Any) -> Callable[..., Value]:
    return functools.partial(function, **fixed)


def _row(name: str, function: Callable[..., Value], *params: Any, optional: int = 0) -> TransformationExport:
    return TransformationExport(f"s.{name}", function, params, optional)


STRING = (
    _row("len", len),
    _row("int", to_int),
    *(_row(name, digest(name)) for name in ("md5", "sha256", "sha384", "sha512")),
    _row("substr", substr, Number, Number),
    _row("select", select, Number, Char),
    _row("strip", strip, Number),
    _row("striptail", strip_tail, Number),
    _row("stripto", strip_to, Text),
    _row("before", before, Text),
    _row("after", after, Text),
    _row("rbefore", rbefore, Text),
    _row("rafter", rafter, Text),
    _row("count", count, Text),
    _row("replace", replace, Text, Text),
    _row("rm", remove, Text),
    _row("rmws", lambda value: value.translate(None, _WHITE)),
    _row("trim", lambda value: value.strip(_WHITE)),
    _row("rtrim", lambda value: value.rstrip(_WHITE)),
    _row("ltrim", lambda value: value.lstrip(_WHITE)),
    _row("tolower", bytes.lower),
    _row("toupper", bytes.upper),
    _row("numeric", numeric),
    _row("unquote", unquote),
    _row("unbracket", unbracket),
    _row("prefixes", prefixes, Number, optional=1),
    _row("prefixes.quoted", _fixed(prefixes, quote=b"'"), Number, optional=1),
    _row("corehash", core_hash, Number, optional=1),
    _row("ftime", ftime, Text),
    _row("fmtlines", format_lines, Number, Number),
    _row("fmtlinet", _fixed(format_lines, fill=b"\t"), Number, Number),
)
