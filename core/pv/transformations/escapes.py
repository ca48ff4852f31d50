"""`{s.escape.*}`, `{s.unescape.*}`, `{s.urlencode.param}`: what may not stand in a string, a SIP user, a parameter."""

import re

from ..exports import TransformationExport, Value

_ALNUM = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_MARK = b"-_.!~*'()"
_USER = frozenset(_ALNUM + _MARK + b"&=+$,;?/")  # RFC 3261 25.1 user
_PARAM = frozenset(_ALNUM + _MARK + b"[]/:&+$")  # pname and pvalue
_URL = frozenset(_ALNUM + b"-_.~")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_COMMON = {0x27: b"\\'", 0x22: b'\\"', 0x5C: b"\\\\", 0: b"\\0"}
_COMMON_BACK = {b"'": b"'", b'"': b'"', b"\\": b"\\", b"0": b"\0"}
_BACKSLASH = re.compile(rb"\\(['\"\\0])")


def percent(value: bytes, keep: frozenset[int]) -> bytes:
    """%xx for every byte that is not in `keep`."""
    return b"".join(bytes((c,)) if c in keep else b"%%%02x" % c for c in value)


def unpercent(value: bytes) -> bytes:
    """Bytes for %xx; ValueError for a % without two digits."""
    if _BAD_ESCAPE.search(value):
        raise ValueError("a % without two digits")
    return _ESCAPE.sub(lambda m: bytes((int(m.group(1), 16),)), value)


def decode_form(value: bytes) -> Value:
    """Web form style: + is a blank; a % without two digits is dropped."""
    return unpercent(_BAD_ESCAPE.sub(b"", value.replace(b"+", b" ")))


def escape_common(value: bytes) -> Value:
    """A backslash before quotes, backslash and NUL."""
    return b"".join(_COMMON.get(c) or bytes((c,)) for c in value)


def unescape_common(value: bytes) -> Value:
    """Back."""
    return _BACKSLASH.sub(lambda m: _COMMON_BACK[m.group(1)], value)


def escape_csv(value: bytes) -> Value:
    """A field of a CSV line, in quotes (RFC 4180)."""
    return b'"' + value.replace(b'"', b'""') + b'"'


def _row(name: str, function: object) -> TransformationExport:
    return TransformationExport(f"s.{name}", function)  # type: ignore[arg-type]


ESCAPES = (
    _row("escape.common", escape_common),
    _row("unescape.common", unescape_common),
    _row("escape.user", lambda value: percent(value, _USER)),
    _row("unescape.user", unpercent),
    _row("escape.param", lambda value: percent(value, _PARAM)),
    _row("unescape.param", unpercent),
    _row("urlencode.param", lambda value: percent(value, _URL)),
    _row("urldecode.param", decode_form),
    _row("escape.csv", escape_csv),
)
