"""Header types and flags by the devel guide's numbering (5.6), and header lines as objects (5.5).

`HdrType.VIA` is the guide's HDR_VIA_T, `flag(HdrType.VIA)` its HDR_VIA_F; EOH_FLAG means "all headers".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from ..src.native import lib
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


def flag(kind: HdrType) -> int:
    """The bit of a type in a 64-bit mask; all ones for EOH, none for ERROR."""
    if kind is HdrType.EOH:
        return EOH_FLAG
    return 0 if kind is HdrType.ERROR else 1 << kind


@dataclass(frozen=True, slots=True)
class HdrField:
    """One header line: name as written, body without blanks around, `len` from the name to and with the line end."""

    type: HdrType
    name: bytes
    body: bytes
    len: int
    offset: int  # of the name in the message


def hdr_type(name: bytes) -> HdrType:
    """Type of a header name, long or compact, any case."""
    return HdrType(lib.kh_hdr_classify(name, len(name)))


def hdr_fields(msg: SipMsg, kind: HdrType | None = None) -> Iterator[HdrField]:
    """All header lines in order, or those of one type."""
    buf, hdr = msg.buf, msg.c.hdr
    for number in range(msg.c.n_hdr):
        h = hdr[number]
        if kind is None or h.type == kind:
            name = buf[h.off : h.off + h.name_len]
            yield HdrField(HdrType(h.type), name, buf[h.body_off : h.body_off + h.body_len], h.len, h.off)


def get_header_body(msg: SipMsg, name: bytes, index: int = 0) -> bytes | None:
    """Body of the index-th header of a name; None when there is none."""
    return msg.header(name, index)


def parse_headers(msg: SipMsg, flags: int = EOH_FLAG) -> int:
    """The guide's parse_headers. All headers are indexed when a message arrives, so nothing is left to parse: returns
    those of `flags` that the message has. For a repeated header walk `hdr_fields(msg, kind)`."""
    return parsed_flag(msg) & flags


def parsed_flag(msg: SipMsg) -> int:
    """The mask of all header types that the message has."""
    first = msg.c.first
    return sum(1 << kind for kind in range(1, HdrType.EOH) if first[kind] != lib.KH_NO_HDR)
