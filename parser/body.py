"""Bodies: of the message, of the parts of a multipart (RFC 2046 5.1, RFC 5621), the SDP in either."""

from dataclasses import dataclass

from .content_type import MediaType, parse_content_type
from .errors import BadHeader
from .msg import SipMsg
from .sdp import Session, parse_sdp

MAX_PARTS = 32
_SDP = "sdp"  # key in the message's cache
_LINE_ENDS = (b"\r\n", b"\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a body: its headers as (name, value), the content, and where the content stands in the body."""

    headers: tuple[tuple[bytes, bytes], ...]
    content_type: MediaType
    content: bytes
    offset: int


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


def _part(raw: bytes, offset: int) -> Part:
    """One part, from after the line end behind its boundary."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":  # no header at all
        skip = raw.index(b"\n") + 1
        head, content = b"", raw[skip:]
    else:
        ends = [(at, len(end) * 2) for end in _LINE_ENDS if (at := raw.find(end * 2)) >= 0]
        if not ends:
            raise BadHeader("a part without an empty line")
        at, length = min(ends)
        skip = at + length
        head, content = raw[:at], raw[skip:]
    headers = _part_headers(head)
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"text/plain")
    return Part(headers, parse_content_type(kind), content, offset + skip)


def parse_multipart(body: bytes, boundary: bytes) -> list[Part]:
    """The parts in order; raises BadHeader when the boundaries are not there or there are more than MAX_PARTS parts."""
    mark = b"--" + boundary
    if not boundary or not (body.startswith(mark) or b"\n" + mark in body):
        raise BadHeader("boundary not found")
    parts: list[Part] = []
    at = 0 if body.startswith(mark) else body.index(b"\n" + mark) + 1
    while not body.startswith(b"--", at + len(mark)):
        start = body.find(b"\n", at + len(mark)) + 1
        end = body.find(b"\n" + mark, start - 1) if start else -1
        if end < 0 or len(parts) == MAX_PARTS:
            raise BadHeader("open multipart" if end < 0 else f"more than {MAX_PARTS} parts")
        stop = end - 1 if body[end - 1 : end] == b"\r" else end
        parts.append(_part(body[start : max(stop, start)], start))
        at = end + 1
    return parts


def find_part(msg: SipMsg, kind: bytes) -> Part | None:
    """The body, or the first part of it, that has the media type `kind` (lower case, "application/sdp"); raises
    BadHeader for a malformed Content-Type or multipart."""
    body, header = msg.body, msg.content_type
    if body is None or header is None:
        return None
    media = parse_content_type(header)
    if media.type == b"multipart" and media.boundary:
        return next((part for part in parse_multipart(body, media.boundary) if bytes(part.content_type) == kind), None)
    return Part((), media, body, 0) if bytes(media) == kind else None


def sdp_of(msg: SipMsg) -> Session | None:
    """The session description that the message carries, parsed once; None without one; raises BadHeader (BadSdp).
    Offsets of its lines are those in the part: add `find_part(...).offset` for the body."""
    if _SDP in msg.cache:
        return msg.cache[_SDP]
    part = find_part(msg, b"application/sdp")
    session = msg.cache[_SDP] = parse_sdp(part.content) if part else None
    return session
