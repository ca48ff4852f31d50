"""Session descriptions (RFC 4566, 8866): sessions, media, connection addresses, directions, codecs.

Every line keeps its offset in the body, so that an edit can be recorded where the value stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import BadHeader

MAX_SDP = 16384  # bytes; a longer body is no description that a phone sent
MAX_MEDIA = 32
DIRECTIONS = (b"sendrecv", b"sendonly", b"recvonly", b"inactive")


class BadSdp(BadHeader):
    """No session description."""

    status = 488


@dataclass(frozen=True, slots=True)
class SdpLine:
    """`type=value`; `offset` of the value in the body."""

    type: bytes
    value: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class Connection:
    """c=, or the address part of o=: IP4 or IP6, the address without /ttl, and where it stands in the body."""

    family: bytes
    address: bytes
    offset: int


@dataclass(slots=True)
class Media:
    """One m= section with its lines."""

    kind: bytes  # audio, video...
    port: int
    port_offset: int
    transport: bytes
    formats: tuple[bytes, ...]
    lines: list[SdpLine] = field(default_factory=list)
    session: "Session | None" = None

    @property
    def connection(self) -> Connection | None:
        """Its own c=, else the session's."""
        own = _connection(self.lines)
        return own if own or self.session is None else self.session.connection

    @property
    def direction(self) -> bytes:
        """sendrecv, sendonly, recvonly or inactive: its own, else the session's, else sendrecv."""
        own = _direction(self.lines)
        return own or (self.session and _direction(self.session.lines)) or DIRECTIONS[0]

    @property
    def on_hold(self) -> bool:
        """Nothing is to be sent to the peer: by direction, or by the address 0.0.0.0 of RFC 2543."""
        connection = self.connection
        return self.direction in (b"sendonly", b"inactive") or (
            connection is not None and connection.address == b"0.0.0.0"
        )

    @property
    def rtcp_port(self) -> int | None:
        """Of a=rtcp (RFC 3605)."""
        value = next(attributes(self.lines, b"rtcp"), b"").split(b" ")[0]
        return int(value) if value.isdigit() else None

    @property
    def codecs(self) -> list[tuple[bytes, bytes]]:
        """(format, name/rate) in the order of the m= line; the static names of RFC 3551 where no rtpmap says."""
        names = dict(value.partition(b" ")[::2] for value in attributes(self.lines, b"rtpmap"))
        return [(f, names.get(f, STATIC_CODECS.get(f, b""))) for f in self.formats]


@dataclass(slots=True)
class Session:
    """A whole description."""

    lines: list[SdpLine] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)

    @property
    def connection(self) -> Connection | None:
        """The session's c=."""
        return _connection(self.lines)

    @property
    def origin(self) -> Connection | None:
        """The address of o=."""
        line = next((line for line in self.lines if line.type == b"o"), None)
        parts = line.value.split(b" ") if line else []
        if line is None or len(parts) != 6:
            return None
        return Connection(parts[4], parts[5], line.offset + line.value.rindex(parts[5]))


STATIC_CODECS = {
    b"0": b"PCMU/8000", b"3": b"GSM/8000", b"4": b"G723/8000", b"8": b"PCMA/8000", b"9": b"G722/8000",
    b"13": b"CN/8000", b"15": b"G728/8000", b"18": b"G729/8000", b"26": b"JPEG/90000", b"31": b"H261/90000",
    b"34": b"H263/90000",
}  # fmt: skip


def attributes(lines: list[SdpLine], name: bytes) -> Iterator[bytes]:
    """Values of the a= lines of a name; b"" for one without value."""
    for line in lines:
        if line.type == b"a":
            key, _, value = line.value.partition(b":")
            if key == name:
                yield value


def _connection(lines: list[SdpLine]) -> Connection | None:
    for line in lines:
        parts = line.value.split(b" ")
        if line.type == b"c" and len(parts) == 3 and parts[0] == b"IN":
            return Connection(parts[1], parts[2].partition(b"/")[0], line.offset + len(parts[0]) + len(parts[1]) + 2)
    return None


def _direction(lines: list[SdpLine]) -> bytes:
    return next((line.value for line in lines if line.type == b"a" and line.value in DIRECTIONS), b"")


def _lines(body: bytes) -> Iterator[SdpLine]:
    """Leniency: LF alone ends a line; empty lines at the end are passed over."""
    at = 0
    for raw in body.split(b"\n"):
        text = raw.rstrip(b"\r")
        if text:
            if len(text) < 2 or text[1] != 0x3D:
                raise BadSdp(f"bad line {text[:40]!r}")
            yield SdpLine(text[:1], text[2:], at + 2)
        at += len(raw) + 1


def _media(line: SdpLine) -> Media:
    parts = line.value.split()
    port = parts[1].partition(b"/")[0] if len(parts) >= 4 else b""
    if not port.isdigit() or int(port) > 65535:
        raise BadSdp(f"bad media line {line.value[:40]!r}")
    offset = line.offset + line.value.index(port, len(parts[0]))
    return Media(parts[0], int(port), offset, parts[2], tuple(parts[3:]))


def parse_sdp(body: bytes) -> Session:
    """Raises BadSdp: no v=0 first, a line that is no `x=...`, a bad m= line, or more than the limits allow."""
    if len(body) > MAX_SDP:
        raise BadSdp(f"longer than {MAX_SDP} bytes")
    session = Session()
    target = session.lines
    for line in _lines(body):
        if line.type == b"m":
            if len(session.media) == MAX_MEDIA:
                raise BadSdp(f"more than {MAX_MEDIA} media")
            media = _media(line)
            media.session = session
            session.media.append(media)
            target = media.lines
        else:
            target.append(line)
    if not session.lines or session.lines[0].type != b"v" or session.lines[0].value != b"0":
        raise BadSdp("no v=0")
    return session
