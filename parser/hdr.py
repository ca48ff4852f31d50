"""Header types and flags by the devel guide's numbering (5.6), and header lines as objects (5.5).

`HdrType.VIA` is the guide's HDR_VIA_T, `flag(HdrType.VIA)` its HDR_VIA_F; EOH_FLAG means "all headers".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from ..src.native import lib
from .headers.table import parsed_field
from .msg import SipMsg


class HdrType(IntEnum):
    """Type of a header; OTHER for every name that the index does not know."""

    ERROR = -1
    OTHER = 0
    VIA = 1
    VIA2 = 2
    TO = 3
    FROM = 4
    CSEQ = 5
    CALLID = 6
    CONTACT = 7
    MAXFORWARDS = 8
    ROUTE = 9
    RECORDROUTE = 10
    CONTENTTYPE = 11
    CONTENTLENGTH = 12
    AUTHORIZATION = 13
    EXPIRES = 14
    MIN_EXPIRES = 15
    PROXYAUTH = 16
    SUPPORTED = 17
    REQUIRE = 18
    PROXYREQUIRE = 19
    UNSUPPORTED = 20
    ALLOW = 21
    EVENT = 22
    ACCEPT = 23
    ACCEPTLANGUAGE = 24
    ORGANIZATION = 25
    PRIORITY = 26
    SUBJECT = 27
    USERAGENT = 28
    SERVER = 29
    CONTENTDISPOSITION = 30
    DIVERSION = 31
    RPID = 32
    REFER_TO = 33
    SIPIFMATCH = 34
    SESSIONEXPIRES = 35
    MIN_SE = 36
    SUBSCRIPTION_STATE = 37
    ACCEPTCONTACT = 38
    ALLOWEVENTS = 39
    CONTENTENCODING = 40
    REFERREDBY = 41
    REJECTCONTACT = 42
    REQUESTDISPOSITION = 43
    WWW_AUTHENTICATE = 44
    PROXY_AUTHENTICATE = 45
    DATE = 46
    IDENTITY = 47
    IDENTITY_INFO = 48
    RETRY_AFTER = 49
    PPI = 50
    PAI = 51
    PATH = 52
    PRIVACY = 53
    REASON = 54
    CALLINFO = 55
    EOH = 56


EOH_FLAG = (1 << 64) - 1
_WALK = "parse_headers"  # key in the message's cache: the number of the header that a walk has reached


def flag(kind: HdrType) -> int:
    """The bit of a type in a 64-bit mask; all ones for EOH, none for ERROR."""
    if kind is HdrType.EOH:
        return EOH_FLAG
    return 0 if kind is HdrType.ERROR else 1 << kind


def hdr_type(name: bytes) -> HdrType:
    """Type of a header name, long or compact, any case."""
    return HdrType(lib.kh_hdr_classify(name, len(name)))


@dataclass(frozen=True, slots=True)
class HdrField:
    """One header line, the devel guide's hdr_field: name as written, body without blanks around, `len` from the name to
    and with the line end. Good as long as its message is."""

    type: HdrType
    name: bytes
    body: bytes
    len: int
    offset: int  # of the name in the message
    number: int  # of the line, from 0
    msg: SipMsg = field(repr=False, compare=False)

    @property
    def parsed(self) -> Any:
        """What the parser of this header makes of the body, parsed once a message; raises BadHeader, and KeyError when
        nobody reads such headers."""
        return parsed_field(self.msg, self.number)

    @property
    def next(self) -> "HdrField | None":
        """The next header line."""
        return hdr_field(self.msg, self.number + 1)

    @property
    def sibling(self) -> "HdrField | None":
        """The next line of the same type (of the same name for OTHER): the guide's next_sibling_hdr."""
        number = lib.kh_msg_hdr_find(self.msg.seen, self.name, len(self.name), self.number)
        return hdr_field(self.msg, number)


def hdr_field(msg: SipMsg, number: int) -> HdrField | None:
    """Header line `number`, from 0; None beyond the last."""
    if not 0 <= number < msg.seen.n_hdr:
        return None
    h, buf = msg.seen.hdr[number], msg.buf
    name, body = buf[h.off : h.off + h.name_len], buf[h.body_off : h.body_off + h.body_len]
    return HdrField(HdrType(h.type), name, body, h.len, h.off, number, msg)


def hdr_fields(msg: SipMsg, kind: HdrType | None = None) -> Iterator[HdrField]:
    """All header lines in order, or those of one type."""
    for number in range(msg.seen.n_hdr):
        if (kind is None or msg.seen.hdr[number].type == kind) and (found := hdr_field(msg, number)):
            yield found


def first_hdr(msg: SipMsg, name: HdrType | bytes, index: int = 0) -> HdrField | None:
    """The index-th header of a type or name (negative: from the last); None when there is none."""
    if isinstance(name, bytes):
        return hdr_field(msg, lib.kh_msg_hdr_number(msg.seen, name, len(name), index))
    if index == 0:
        number = msg.seen.first[name]
        return None if number == lib.KH_NO_HDR else hdr_field(msg, number)
    found = list(hdr_fields(msg, name))
    return found[index] if -len(found) <= index < len(found) else None


def get_header_body(msg: SipMsg, name: bytes | int, index: int = 0) -> bytes | None:
    """Body of the index-th header of a name or type; None when there is none."""
    return msg.header(name, index)


def parse_headers(msg: SipMsg, flags: int = EOH_FLAG, next: bool = False) -> int:
    """The guide's parse_headers. All headers are indexed when a message arrives, so nothing is left to parse: returns
    those of `flags` that the message has.

    With `next`, the walk of the guide: moves on to the next header of these types after the one it found before, and
    returns the flag of that one, 0 when there are no more; `last_header` is the header itself. A call without `next`
    begins anew.
    """
    if not next:
        msg.cache.pop(_WALK, None)
        return parsed_flag(msg) & flags
    hdr, number = msg.seen.hdr, msg.cache.get(_WALK, -1) + 1
    while number < msg.seen.n_hdr and not flags >> hdr[number].type & 1:
        number += 1
    msg.cache[_WALK] = number
    return 1 << hdr[number].type if number < msg.seen.n_hdr else 0


def last_header(msg: SipMsg) -> HdrField | None:
    """Where a walk by parse_headers(next=True) stands (None past its end); without a walk the last header."""
    return hdr_field(msg, msg.cache.get(_WALK, msg.seen.n_hdr - 1))


def parsed_flag(msg: SipMsg) -> int:
    """The mask of all header types that the message has."""
    first = msg.seen.first
    return sum(1 << kind for kind in range(HdrType.EOH) if first[kind] != lib.KH_NO_HDR)
