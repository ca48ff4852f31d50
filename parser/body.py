"""Bodies: of the message, of the parts of a multipart (RFC 2046 5.1, RFC 5621, RFC 2387), the SDP in either."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from .errors import BadHeader
from .headers.content_type import MediaType, parse_content_type
from .msg import SipMsg
from .sdp import Session, parse_sessions

MAX_PARTS = 32  # of one message, those of nested multiparts included
MAX_DEPTH = 4  # multiparts inside multiparts
_PARTS, _SDP = ("parts",), ("sdp",)  # keys in the message's cache
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a body: its headers as (name, value), the content, and where things stand in the body: the content at
    `offset`; `start` and `end` are its boundary line and the next one."""

    headers: tuple[tuple[bytes, bytes], ...]
    content_type: MediaType
    content: bytes
    offset: int
    start: int
    end: int

    def header(self, name: bytes) -> bytes | None:
        """The first header of a name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def content_id(self) -> bytes | None:
        """Content-ID without its brackets: what cid: URIs name."""
        value = self.header(b"Content-ID")
        return None if value is None else value.strip(b"<>")


def get_msg_body(msg: SipMsg) -> bytes | None:
    """The guide's get_body: what Content-Length frames, without one the rest of the datagram; None when empty."""
    return msg.body


def _part_headers(head: bytes) -> tuple[tuple[bytes, bytes], ...]:
    found: list[tuple[bytes, bytes]] = []
    for line in head.splitlines():
        if line[:1] in (b" ", b"\t") and found:
            found[-1] = found[-1][0], found[-1][1] + b" " + line.strip()
        elif line:
            name, colon, value = line.partition(b":")
            if not colon:
                raise BadHeader(f"bad header of a part: {line[:80]!r}")
            found.append((name.strip(), value.strip()))
    return tuple(found)


def _media_type(headers: tuple[tuple[bytes, bytes], ...]) -> MediaType:
    """Plain text when there is none, or none that can be read (RFC 2045 5.2)."""
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"text/plain")
    try:
        return parse_content_type(kind)
    except BadHeader:
        return parse_content_type(b"text/plain")


def _part(raw: bytes, offset: int, start: int, end: int) -> Part:
    """One part, from after the line end behind its boundary."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":  # no header at all
        skip = raw.index(b"\n") + 1
        head = b""
    else:
        empty = _EMPTY_LINE.search(raw)
        if empty is None:
            raise BadHeader("a part without an empty line")
        skip = empty.end()
        head = raw[: empty.start()]
    headers = _part_headers(head)
    return Part(headers, _media_type(headers), raw[skip:], offset + skip, start, end)


def parse_multipart(body: bytes, boundary: bytes) -> list[Part]:
    """The parts in order; raises BadHeader when the boundaries are not there or there are more than MAX_PARTS parts.

    delimiter := CRLF "--" boundary; a line that goes on behind it is none: an inner boundary may begin like the outer.
    """
    if not boundary:
        raise BadHeader("no boundary")
    delimiter = rb"(?:\A|\r?\n)(--" + re.escape(boundary) + rb")(--)?[ \t]*(?=\r?\n|\Z)"
    marks = []
    for mark in re.finditer(delimiter, body):
        marks.append(mark)
        if mark[2]:
            break
        if len(marks) > MAX_PARTS:
            raise BadHeader(f"more than {MAX_PARTS} parts")
    if not marks or not marks[-1][2]:
        raise BadHeader("open multipart" if marks else "boundary not found")
    parts = []
    for mark, after in pairwise(marks):
        begin = body.index(b"\n", mark.end()) + 1
        parts.append(_part(body[begin : max(after.start(), begin)], begin, mark.start(1), after.start(1)))
    return parts


def _leaves(part: Part, depth: int) -> Iterator[Part]:
    """The part itself, or those of a multipart, with offsets in the outermost body."""
    media = part.content_type
    if media.type != b"multipart" or not media.boundary:
        yield part
        return
    if depth == MAX_DEPTH:
        raise BadHeader(f"more than {MAX_DEPTH} multiparts inside one another")
    at = part.offset
    for inner in parse_multipart(part.content, media.boundary):
        moved = replace(inner, offset=at + inner.offset, start=at + inner.start, end=at + inner.end)
        yield from _leaves(moved, depth + 1)


def parts_of(msg: SipMsg) -> list[Part]:
    """The body as one part, or the parts of a multipart, nested ones in their place. Empty without a body or without
    Content-Type; raises BadHeader for a malformed Content-Type or multipart."""
    if _PARTS in msg.cache:
        return msg.cache[_PARTS]
    body, header = msg.body, msg.content_type
    parts: list[Part] = []
    if body is not None and header is not None:
        for part in _leaves(Part((), parse_content_type(header), body, 0, 0, len(body)), 0):
            parts.append(part)
            if len(parts) > MAX_PARTS:
                raise BadHeader(f"more than {MAX_PARTS} parts")
    msg.cache[_PARTS] = parts
    return parts


def find_part(msg: SipMsg, kind: bytes) -> Part | None:
    """The body, or the first part of it, that has the media type `kind` (lower case, "application/sdp"); raises
    BadHeader for a malformed Content-Type or multipart."""
    return next((part for part in parts_of(msg) if bytes(part.content_type) == kind), None)


def root_part(msg: SipMsg) -> Part | None:
    """The part to begin with: of a multipart/related the one that `start` names (RFC 2387 3.2), else the first."""
    parts = parts_of(msg)
    start = parse_content_type(msg.content_type or b"x/x").params.get(b"start") if len(parts) > 1 else None
    named = (part for part in parts if start and part.content_id == start.strip(b"<>"))
    return next(named, parts[0] if parts else None)


def sessions_of(msg: SipMsg) -> list[Session]:
    """All session descriptions that the message carries, parsed once; raises BadHeader (BadSdp)."""
    if _SDP in msg.cache:
        return msg.cache[_SDP]
    sessions: list[Session] = []
    for part in parts_of(msg):
        if bytes(part.content_type) == b"application/sdp":
            for session in parse_sessions(part.content):
                session.offset = part.offset
                sessions.append(session)
    msg.cache[_SDP] = sessions
    return sessions


def sdp_of(msg: SipMsg) -> Session | None:
    """The first of them; None without one; raises BadHeader (BadSdp). Offsets of its lines are those in its part: add
    `offset` for the message's body."""
    sessions = sessions_of(msg)
    return sessions[0] if sessions else None
