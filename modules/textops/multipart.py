"""Multipart bodies (RFC 2046 5.1): made of a plain one, parts added, read and removed."""

import binascii
import re
from dataclasses import dataclass
from itertools import pairwise

from ...core.pv import PvSpec
from ...parser.content_type import parse_content_type
from ...parser.errors import ParseError
from ...parser.msg import SipMsg
from ...src.native import lib
from .edits import NO, OK, body_area, done, put

DEFAULT_BOUNDARY = b"unique-boundary-1"
MAX_PARTS = 32
_TYPE = re.compile(rb"^content-type\s*:\s*([^;\s]+)", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Section:
    """A part with the boundary line before it: offsets in the message, the content's start, the media type."""

    start: int
    content: int
    end: int
    kind: bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """A multipart body: its boundary, its parts, where the closing delimiter begins."""

    boundary: bytes
    sections: list[Section]
    close: int


def layout(msg: SipMsg) -> Layout | None:
    """None when the body is no multipart, is not closed, or has too many parts."""
    body, base = msg.body, body_area(msg)[0]
    try:
        boundary = parse_content_type(msg.content_type or b"").boundary if body else None
    except ParseError:
        return None
    if not body or not boundary:
        return None
    marks = [m.start(1) for m in re.finditer(rb"(?:\A|\n)(--" + re.escape(boundary) + rb")", body)]
    if len(marks) < 2 or len(marks) > MAX_PARTS + 1 or not body.startswith(b"--", marks[-1] + len(boundary) + 2):
        return None
    sections = []
    for start, end in pairwise(marks):
        head_end = body.find(b"\r\n\r\n", start, end)
        content = head_end + 4 if head_end >= 0 else end
        found = _TYPE.search(body, start, content)
        sections.append(Section(base + start, base + content, base + end, found[1].lower() if found else b""))
    return Layout(boundary, sections, base + marks[-1])


def find(msg: SipMsg, mime: bytes) -> Section | None:
    """The first part of a media type."""
    found = layout(msg)
    return next((s for s in found.sections if s.kind == mime.lower()), None) if found is not None else None


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
    section = find(msg, mime)
    return OK if section is not None and put(msg, section.start, section.end - section.start, b"") else NO


def get_body_part(msg: SipMsg, mime: bytes, pv: PvSpec) -> int:
    """Its content into a variable."""
    section = find(msg, mime)
    if section is None or pv.set is None:
        return NO
    pv.set(msg, msg.buf[section.content : section.end].removesuffix(b"\r\n"))
    return OK


def get_body_part_raw(msg: SipMsg, mime: bytes, pv: PvSpec) -> int:
    """The part with headers and boundary line into a variable."""
    section = find(msg, mime)
    if section is None or pv.set is None:
        return NO
    pv.set(msg, msg.buf[section.start : section.end])
    return OK
