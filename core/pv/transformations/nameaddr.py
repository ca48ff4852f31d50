"""`{nameaddr.*}`: the display name and URI of `"Name" <sip:a@b>;params`, as written."""

import re

from ..exports import TransformationExport, Value

# display name: quoted or up to the bracket
_BRACKETED = re.compile(rb'\s*((?:"(?:[^"\\]|\\.)*"\s*|[^"<]*))<([^>]*)>', re.S)


def split(value: bytes) -> tuple[bytes, bytes, int]:
    """(display name with the blank behind it, URI, length of the name-addr); without brackets all is the URI."""
    if not value.strip():
        raise ValueError("empty address")
    match = _BRACKETED.match(value)
    if match is not None:
        return match.group(1), match.group(2), match.end() - match.start(1)
    if b"<" in value or b'"' in value:
        raise ValueError("malformed address")
    return b"", value, len(value)


def name(value: bytes) -> Value:
    """The display name with its quotes."""
    return split(value)[0]


def uri(value: bytes) -> Value:
    """The URI."""
    return split(value)[1]


def length(value: bytes) -> Value:
    """Bytes of the name-addr without the parameters behind it."""
    return split(value)[2]


NAMEADDR = (
    TransformationExport("nameaddr.name", name),
    TransformationExport("nameaddr.uri", uri),
    TransformationExport("nameaddr.len", length),
)
