"""Content-Type and Accept (RFC 3261 20.15, 20.1): media types with Kamailio's numbers, which scripts see.

m-type SLASH m-subtype *( SEMI m-parameter )
"""

from dataclasses import dataclass

from ..errors import BadHeader
from ..lists import Valued, is_token, parse_valued, split_list

TYPES = {b"text": 1, b"message": 2, b"application": 3, b"multipart": 4, b"*": 0xFE}
SUBTYPES = {
    b"plain": 1, b"cpim": 2, b"sdp": 3, b"cpl+xml": 4, b"pidf+xml": 5, b"rlmi+xml": 6, b"related": 7, b"lpidf+xml": 8,
    b"xpidf+xml": 9, b"watcherinfo+xml": 10, b"external-body": 11, b"x-msrtc-pidf+xml": 12,
    b"vnd.3gpp.sms": 13, b"mixed": 14, b"*": 0xFE,
}  # fmt: skip
UNKNOWN = 0xFF


@dataclass(frozen=True, slots=True)
class MediaType:
    """type and subtype in lower case; parameters without quotes."""

    type: bytes
    subtype: bytes
    params: dict[bytes, bytes | None]

    @property
    def number(self) -> int:
        """Kamailio's int: type << 16 | subtype."""
        return TYPES.get(self.type, UNKNOWN) << 16 | SUBTYPES.get(self.subtype, UNKNOWN)

    @property
    def boundary(self) -> bytes | None:
        """Of a multipart body."""
        return self.params.get(b"boundary")

    def __bytes__(self) -> bytes:
        return self.type + b"/" + self.subtype


def _media_type(valued: Valued) -> MediaType:
    kind, slash, subtype = (part.strip().lower() for part in valued.value.partition(b"/"))
    if not (slash and is_token(kind) and is_token(subtype)):
        raise BadHeader(f"bad media type {valued.value[:80]!r}")
    return MediaType(kind, subtype, valued.params)


def parse_content_type(body: bytes) -> MediaType:
    """Raises BadHeader."""
    return _media_type(parse_valued(body))


def parse_accept(body: bytes) -> tuple[MediaType, ...]:
    """The list of acceptable types, with their q in `params`; raises BadHeader."""
    return tuple(parse_content_type(item) for item in split_list(body))
