"""Multipart bodies (RFC 2046 5.1): made of a plain one, parts added, read and removed."""

import binascii
from dataclasses import dataclass

from ...core.pv import PvSpec
from ...parser.body import Part, parse_multipart
from ...parser.errors import ParseError
from ...parser.headers.content_type import parse_content_type
from ...parser.msg import SipMsg
from ...src.native import lib
from .edits import NO, OK, body_area, done, put

DEFAULT_BOUNDARY = b"unique-boundary-1"


@dataclass(frozen=True, slots=True)
class Layout:
    """A multipart body: where it begins in the message, its boundary, its parts."""

    at: int
    boundary: bytes
    parts: list[Part]

    @property
    def close(self) -> int:
        """Offset in the message of the closing delimiter."""
        return self.at + self.parts[-1].end


def layout(msg: SipMsg) -> Layout | None:
    """None when the body is no multipart, is not closed, has no part or too many."""
    body, base = msg.body, body_area(msg)[0]
    try:
        boundary = parse_content_type(msg.content_type or b"").boundary if body else None
        parts = parse_multipart(body, boundary) if body and boundary else []
    except ParseError:
        return None
    return Layout(base, boundary, parts) if boundary and parts else None


def find(msg: SipMsg, mime: bytes) -> tuple[int, int, Part] | None:
    """The first part of a media type: offsets in the message of its boundary line and of the next one, and the part."""
    found = layout(msg)
    for part in found.parts if found is not None else ():
        if found is not None and bytes(part.content_type) == mime.lower():
            return found.at + part.start, found.at + part.end, part
    return None


def part_text(boundary: bytes, text: bytes, mime: bytes, disposition: bytes = b"") -> bytes:
    """A part with its boundary line; `mime` may carry more header lines."""
    extra = b"Content-Disposition: " + disposition + b"\r\n" if disposition else b""
    return b"--" + boundary + b"\r\nContent-Type: " + mime + b"\r\n" + extra + b"\r\n" + text + b"\r\n"


def set_body_multipart(msg: SipMsg, text: bytes | None = None, mime: bytes = b"", boundary: bytes = b"") -> int:
    """A multipart with this one part; without a text of the present body."""
    boundary = boundary or DEFAULT_BOUNDARY
    if text is None:
        text, mime = msg.body or b"", msg.content_type or b""
    start, end = body_area(msg)
    body = part_text(boundary, text, mime) + b"--" + boundary + b"--\r\n" if mime else b""
    if not body or not put(msg, start or msg.seen.len, end - start, body):
        return NO
    lib.kh_remove_hf(msg.edits, msg.seen, lib.KH_HDR_CONTENTTYPE)
    lines = b'Content-Type: multipart/mixed;boundary="' + boundary + b'"\r\nMime-Version: 1.0\r\n'
    return done(lib.kh_append_hf(msg.edits, msg.seen, lines, len(lines)))


def with_boundary(msg: SipMsg, boundary: bytes) -> int:
    """The present body as the one part of a multipart."""
    return set_body_multipart(msg, boundary=boundary)


def append_body_part(msg: SipMsg, text: bytes, mime: bytes, disposition: bytes = b"") -> int:
    """One more part at the end of a multipart body."""
    found = layout(msg)
    if found is None:
        return NO
    return OK if put(msg, found.close, 0, part_text(found.boundary, text, mime, disposition)) else NO


def append_body_part_hex(msg: SipMsg, digits: bytes, mime: bytes, disposition: bytes = b"") -> int:
    """The same, the content in hexadecimal digits; blanks between them are passed over."""
    try:
        return append_body_part(msg, binascii.unhexlify(b"".join(digits.split())), mime, disposition)
    except binascii.Error:
        return NO


def remove_body_part(msg: SipMsg, mime: bytes) -> int:
    """Remove the first part of a type."""
    found = find(msg, mime)
    return OK if found is not None and put(msg, found[0], found[1] - found[0], b"") else NO


def get_body_part(msg: SipMsg, mime: bytes, pv: PvSpec) -> int:
    """Its content into a variable."""
    found = find(msg, mime)
    if found is None or pv.set is None:
        return NO
    pv.set(msg, found[2].content)
    return OK


def get_body_part_raw(msg: SipMsg, mime: bytes, pv: PvSpec) -> int:
    """The part with headers and boundary line into a variable."""
    found = find(msg, mime)
    if found is None or pv.set is None:
        return NO
    pv.set(msg, msg.buf[found[0] : found[1]])
    return OK
