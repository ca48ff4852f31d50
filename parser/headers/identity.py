"""Who calls, and who may know: P-Asserted-Identity, P-Preferred-Identity (RFC 3325), Remote-Party-ID (a draft, still
in the field), Diversion (RFC 5806), Privacy (RFC 3323), History-Info (RFC 7044), Identity (RFC 8224), Refer-To (RFC
3515)."""

from dataclasses import dataclass
from enum import IntFlag

from ..errors import BadHeader
from ..lists import parse_valued
from ..uri import parse_uri
from .nameaddr import NameAddr, iter_nameaddr, parse_nameaddr

MAX_IDENTITIES = 16  # RFC 3325 9.1 allows two; what more a peer sends is not worth its time


class Privacy(IntFlag):
    """Privacy values; the numbers are this parser's own."""

    NONE = 1
    USER = 2
    HEADER = 4
    SESSION = 8
    CRITICAL = 16
    ID = 32
    HISTORY = 64


def parse_privacy(body: bytes) -> Privacy:
    """The values between ";" (leniently also ","), unknown ones left out; raises BadHeader when none is known, or
    "none" stands with another one (RFC 3323 4.2)."""
    found = Privacy(0)
    for name in body.replace(b",", b";").split(b";"):
        found |= Privacy.__members__.get(name.strip().decode("latin-1").upper(), Privacy(0))
    if not found or (found & Privacy.NONE and found & ~(Privacy.NONE | Privacy.CRITICAL)):
        raise BadHeader(f"bad Privacy {body[:80]!r}")
    return found


def parse_identities(body: bytes) -> tuple[NameAddr, ...]:
    """P-Asserted-Identity, P-Preferred-Identity, Diversion, Remote-Party-ID: one address or more; raises BadHeader."""
    found = tuple(iter_nameaddr(body))
    if not 0 < len(found) <= MAX_IDENTITIES:
        raise BadHeader(f"{len(found)} identities")
    return found


parse_pai = parse_ppi = parse_diversion = parse_rpid = parse_identities
parse_refer_to = parse_referred_by = parse_nameaddr


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One hi-entry: the address, its index, and how it came about ("rc", "mp", "np" with the index it points to)."""

    addr: NameAddr
    index: bytes
    cause: bytes
    kind: bytes


def parse_history_info(body: bytes) -> tuple[HistoryEntry, ...]:
    """Entries in the order of the header; `cause` is of the Reason that the URI carries; raises BadHeader."""
    found = []
    for addr in iter_nameaddr(body):
        params = addr.param_dict
        index = params.get(b"index")
        if not index:
            raise BadHeader(f"no index: {addr.body[:80]!r}")
        kind = next((name for name in (b"rc", b"mp", b"np") if name in params), b"")
        found.append(HistoryEntry(addr, index, _cause(addr.uri), kind))
    return tuple(found)


def _cause(uri: bytes) -> bytes:
    for name, value in parse_uri(uri).header_list:
        if name.lower() == b"reason":
            return parse_valued(value).params.get(b"cause") or b""
    return b""


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed identity: the PASSporT (or signature) and where its certificate is."""

    passport: bytes
    info: bytes
    alg: bytes
    ppt: bytes


def parse_identity(body: bytes) -> Identity:
    """RFC 8224 4; the RFC 4474 form (a quoted signature) has only `passport`. Raises BadHeader."""
    valued = parse_valued(body)
    info, alg, ppt = (valued.params.get(name) or b"" for name in (b"info", b"alg", b"ppt"))
    return Identity(valued.value.strip(b'"'), info.strip(b"<>"), alg, ppt)
