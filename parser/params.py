"""Parameter lists: of headers (`;a=b;c="d"`), of URIs, of challenges; quoting and escaping (RFC 3261 25.1)."""

import re
from collections.abc import Iterator

from ..src.native import lib
from .errors import BadHeader
from .spans import SpanStruct

_param = SpanStruct("kh_param", "=4H")
_next, _c, _values = lib.kh_param_next, _param.c, _param.values
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_PAIR = re.compile(rb"\\(.)", re.S)


def iter_params(buf: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """(name, value) of each parameter as written, value None without "="; raises BadHeader."""
    off, end = 0, len(buf)
    while off < end:
        off = _next(_c, buf, off, end)
        if off == lib.KH_ENOTFOUND:
            return
        if off < 0:
            raise BadHeader(f"bad parameters {buf[:80]!r}")
        name, name_len, value, value_len = _values()
        yield buf[name : name + name_len], buf[value : value + value_len] if value else None
        if off < end and buf[off] == 0x2C:  # a comma ends the value that the parameters belong to
            return


def parse_params(buf: bytes) -> dict[bytes, bytes | None]:
    """Header parameters by name in lower case, the first of a repeated one; values without quotes."""
    found: dict[bytes, bytes | None] = {}
    for name, value in iter_params(buf):
        found.setdefault(name.lower(), unquote(value) if value else value)
    return found


def parse_uri_params(buf: bytes) -> dict[bytes, bytes | None]:
    """URI parameters by name in lower case, the first of a repeated one; values unescaped."""
    found: dict[bytes, bytes | None] = {}
    for item in buf.split(b";"):
        name, eq, value = item.partition(b"=")
        if name:
            found.setdefault(unescape(name).lower(), unescape(value) if eq else None)
    return found


def unquote(value: bytes) -> bytes:
    """The text of a quoted-string; anything else is returned as it is."""
    if len(value) < 2 or value[0] != 0x22 or value[-1] != 0x22:
        return value
    return _PAIR.sub(rb"\1", value[1:-1]) if b"\\" in value else value[1:-1]


def quote(value: bytes) -> bytes:
    """A quoted-string with this text."""
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def unescape(value: bytes, keep: bytes = b"") -> bytes:
    """%HH made octets, but for those in `keep`; a % without two digits stays."""
    if b"%" not in value:
        return value

    def octet(escape: re.Match[bytes]) -> bytes:
        made = bytes((int(escape[1], 16),))
        return escape[0].upper() if made in keep else made

    return _ESCAPE.sub(octet, value)
