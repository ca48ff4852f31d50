"""Session descriptions (RFC 4566, 8866): sessions, media, connection addresses, directions, codecs.

Every line keeps its offset in the body, so that an edit can be recorded where the value stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import BadHeader

MAX_SDP = 16384  # bytes; a longer body is no description that a phone sent
MAX_MEDIA = 32  # of all sessions of a body
DIRECTIONS = (b"sendrecv", b"sendonly", b"recvonly", b"inactive")
NULL_ADDRESSES = (b"0.0.0.0", b"::")
RFC2543_HOLD, RFC3264_HOLD = 1, 2  # by a null address, by direction


class BadSdp(BadHeader):
    """No session description."""

    status = 488


@dataclass(frozen=True, slots=True)
class SdpLine:
    """`type=value`; offsets in the body: of the value, and of what follows the line end."""

    type: bytes
    value: bytes
    offset: int
    end: int

    @property
    def start(self) -> int:
        """Offset of the type."""
        return self.offset - 2


@dataclass(frozen=True, slots=True)
class Connection:
    """c=, or the address part of o=: IP4 or IP6, the address without /ttl, and where it stands in the body."""

    family: bytes
    address: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class Origin(Connection):
    """o= whole; `version` counts up with each change of the description."""

    username: bytes
    session_id: bytes
    version: bytes


@dataclass(frozen=True, slots=True)
class Codec:
    """A format of an m= line with what rtpmap and fmtp say of it; of RFC 3551's static ones the name is known."""

    format: bytes
    name: bytes  # as written, b"PCMU"; empty when nothing says it
    rate: int  # Hz, 0: unknown
    channels: int
    fmtp: bytes


@dataclass(slots=True)
class Section:
    """The lines of a session or of one m=: what both have."""

    lines: list[SdpLine] = field(default_factory=list)

    def attributes(self, name: bytes) -> Iterator[bytes]:
        """Values of the a= lines of a name; b"" for one without value."""
        for line in self.lines:
            if line.type == b"a":
                key, _, value = line.value.partition(b":")
                if key == name:
                    yield value

    def attribute(self, name: bytes) -> bytes | None:
        """The first of them; None when there is none."""
        return next(self.attributes(name), None)

    @property
    def own_connection(self) -> Connection | None:
        """The address of the first c= line here."""
        for line in self.lines:
            parts = line.value.split()  # leniency: more blanks than one, or at the end
            if line.type == b"c" and len(parts) == 3 and parts[0] == b"IN":
                address = parts[2].partition(b"/")[0]
                return Connection(parts[1], address, line.offset + line.value.rindex(parts[2]))
        return None

    @property
    def own_direction(self) -> bytes | None:
        """The direction that stands here."""
        return next((line.value for line in self.lines if line.type == b"a" and line.value in DIRECTIONS), None)

    @property
    def bandwidth(self) -> dict[bytes, int]:
        """b= lines: b"AS" in kbit/s, b"TIAS", b"RS", b"RR" in bit/s (RFC 3890, 3556)."""
        pairs = (line.value.partition(b":") for line in self.lines if line.type == b"b")
        return {kind: int(value) for kind, _, value in pairs if value.isdigit()}

    @property
    def has_ice(self) -> bool:
        """Candidates or ICE credentials stand here (RFC 8839)."""
        return any(self.attribute(name) is not None for name in (b"candidate", b"ice-ufrag"))


@dataclass(slots=True)
class Media(Section):
    """One m= section. `lines` are those after the m= line itself, which is `line`."""

    line: SdpLine = field(kw_only=True)
    session: "Session" = field(kw_only=True, repr=False)
    kind: bytes = field(kw_only=True)  # audio, video...
    port: int = field(kw_only=True)  # 0: refused or switched off
    ports: int = field(kw_only=True)  # how many pairs: m=audio 49170/2
    port_offset: int = field(kw_only=True)
    transport: bytes = field(kw_only=True)  # RTP/AVP, UDP/TLS/RTP/SAVPF...
    formats: tuple[bytes, ...] = field(kw_only=True)

    @property
    def start(self) -> int:
        """Offset of the m= line in the body."""
        return self.line.start

    @property
    def end(self) -> int:
        """Offset of what follows the section."""
        return (self.lines[-1] if self.lines else self.line).end

    @property
    def is_rtp(self) -> bool:
        """Any profile of RTP, secure or not: its formats are payload types."""
        return b"RTP/" in self.transport.upper()

    @property
    def connection(self) -> Connection | None:
        """Its own c=, else the session's."""
        return self.own_connection or self.session.connection

    @property
    def direction(self) -> bytes:
        """sendrecv, sendonly, recvonly or inactive: its own, else the session's, else sendrecv."""
        return self.own_direction or self.session.own_direction or DIRECTIONS[0]

    @property
    def hold(self) -> int:
        """How the peer is asked to send nothing: RFC3264_HOLD (8.4), else RFC2543_HOLD, else 0."""
        if self.direction in (b"sendonly", b"inactive"):
            return RFC3264_HOLD
        connection = self.connection
        return RFC2543_HOLD if connection is not None and connection.address in NULL_ADDRESSES else 0

    @property
    def rtcp(self) -> tuple[int, bytes | None] | None:
        """a=rtcp (RFC 3605): the port, and the address when it has one of its own."""
        parts = (self.attribute(b"rtcp") or b"").split()
        if not parts or not parts[0].isdigit():
            return None
        return int(parts[0]), parts[3] if len(parts) == 4 else None

    @property
    def ptime(self) -> int | None:
        """Milliseconds of sound a packet; None when nothing says it."""
        value = self.attribute(b"ptime") or b""
        return int(value) if value.isdigit() else None

    @property
    def codecs(self) -> list[Codec]:
        """In the order of the m= line, the preferred first; of RTP only."""
        if not self.is_rtp:
            return []
        names = dict(value.partition(b" ")[::2] for value in self.attributes(b"rtpmap"))
        fmtp = dict(value.partition(b" ")[::2] for value in self.attributes(b"fmtp"))
        return [_codec(f, names.get(f, STATIC_CODECS.get(f, b"")), fmtp.get(f, b"")) for f in self.formats]


@dataclass(slots=True)
class Session(Section):
    """A whole description. `lines` are those before the first m=."""

    media: list[Media] = field(default_factory=list)
    offset: int = 0  # where it stands in the message's body: 0, or that of its part in a multipart

    @property
    def connection(self) -> Connection | None:
        """The session's c=."""
        return self.own_connection

    @property
    def origin(self) -> Origin | None:
        """o=; None when it is missing or has not six parts."""
        line = next((line for line in self.lines if line.type == b"o"), None)
        parts = line.value.split() if line else []
        if line is None or len(parts) != 6:
            return None
        return Origin(parts[4], parts[5], line.offset + line.value.rindex(parts[5]), parts[0], parts[1], parts[2])

    @property
    def name(self) -> bytes:
        """s=."""
        return next((line.value for line in self.lines if line.type == b"s"), b"")

    @property
    def on_hold(self) -> bool:
        """All media that are in use are on hold."""
        used = [media for media in self.media if media.port]
        return bool(used) and all(media.hold for media in used)


STATIC_CODECS = {
    b"0": b"PCMU/8000", b"3": b"GSM/8000", b"4": b"G723/8000", b"5": b"DVI4/8000", b"6": b"DVI4/16000",
    b"7": b"LPC/8000", b"8": b"PCMA/8000", b"9": b"G722/8000", b"10": b"L16/44100/2", b"11": b"L16/44100",
    b"12": b"QCELP/8000", b"13": b"CN/8000", b"14": b"MPA/90000", b"15": b"G728/8000", b"16": b"DVI4/11025",
    b"17": b"DVI4/22050", b"18": b"G729/8000", b"25": b"CelB/90000", b"26": b"JPEG/90000", b"28": b"nv/90000",
    b"31": b"H261/90000", b"32": b"MPV/90000", b"33": b"MP2T/90000", b"34": b"H263/90000",
}  # fmt: skip


def _codec(number: bytes, rtpmap: bytes, fmtp: bytes) -> Codec:
    name, rate, channels = (rtpmap.strip().split(b"/") + [b"", b""])[:3]
    return Codec(
        number, name, int(rate) if rate.isdigit() else 0, int(channels) if channels.isdigit() else 1, fmtp.strip()
    )


def _lines(body: bytes) -> Iterator[SdpLine]:
    """Leniency: LF alone ends a line; empty lines at the end are passed over."""
    at = 0
    for raw in body.split(b"\n"):
        text = raw.rstrip(b"\r")
        end = min(at + len(raw) + 1, len(body))
        if text:
            if len(text) < 2 or text[1] != 0x3D:
                raise BadSdp(f"bad line {text[:40]!r}")
            yield SdpLine(text[:1], text[2:], at + 2, end)
        at = end


def _media(line: SdpLine, session: Session) -> Media:
    parts = line.value.split()
    port, _, ports = parts[1].partition(b"/") if len(parts) >= 4 else (b"", b"", b"")
    if not port.isdigit() or len(port) > 5 or int(port) > 65535 or (ports and not ports.isdigit()):
        raise BadSdp(f"bad media line {line.value[:40]!r}")
    return Media(
        line=line, session=session, kind=parts[0], port=int(port), ports=int(ports[:5] or b"1"),
        port_offset=line.offset + line.value.index(port, len(parts[0])), transport=parts[2], formats=tuple(parts[3:]),
    )  # fmt: skip


def parse_sessions(body: bytes) -> list[Session]:
    """All descriptions in a body: each v= begins another. Raises BadSdp: no v=0 first, a line that is no `x=...`, a bad
    m= line, or more than the limits allow."""
    if len(body) > MAX_SDP:
        raise BadSdp(f"longer than {MAX_SDP} bytes")
    sessions: list[Session] = []
    target: Section | None = None
    n_media = 0
    for line in _lines(body):
        if line.type == b"v" and line.value == b"0":
            target = Session([line])
            sessions.append(target)
        elif target is None:
            break
        elif line.type == b"m":
            n_media += 1
            if n_media > MAX_MEDIA:
                raise BadSdp(f"more than {MAX_MEDIA} media")
            target = _media(line, sessions[-1])
            sessions[-1].media.append(target)
        else:
            target.lines.append(line)
    if not sessions:
        raise BadSdp("no v=0")
    return sessions


def parse_sdp(body: bytes) -> Session:
    """The first description in a body; raises BadSdp."""
    return parse_sessions(body)[0]
