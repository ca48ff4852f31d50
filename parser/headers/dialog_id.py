"""Headers that name a dialog or a response: Replaces (RFC 3891), Join (RFC 3911), Target-Dialog (RFC 4538), RAck, RSeq
(RFC 3262)."""

from dataclasses import dataclass

from ..errors import BadHeader
from ..lists import parse_valued
from ..methods import method_id
from .cseq import MAX_CSEQ


@dataclass(frozen=True, slots=True)
class DialogId:
    """Tags as the receiver sees them: `to_tag` is its local tag. `early_only` stands in Replaces alone."""

    callid: bytes
    to_tag: bytes
    from_tag: bytes
    early_only: bool


def parse_replaces(body: bytes) -> DialogId:
    """Replaces and Join: both tags must be there; raises BadHeader."""
    valued = parse_valued(body)
    to_tag, from_tag = valued.params.get(b"to-tag"), valued.params.get(b"from-tag")
    if to_tag is None or from_tag is None:
        raise BadHeader(f"to-tag or from-tag missing: {body[:80]!r}")
    return DialogId(valued.value, to_tag, from_tag, b"early-only" in valued.params)


parse_join = parse_replaces


def parse_target_dialog(body: bytes) -> DialogId:
    """local-tag is the receiver's remote one (RFC 4538 7); raises BadHeader."""
    valued = parse_valued(body)
    local, remote = valued.params.get(b"local-tag"), valued.params.get(b"remote-tag")
    if local is None or remote is None:
        raise BadHeader(f"local-tag or remote-tag missing: {body[:80]!r}")
    return DialogId(valued.value, remote, local, False)


@dataclass(frozen=True, slots=True)
class RAck:
    """Which provisional response a PRACK acknowledges."""

    rseq: int
    cseq: int
    method: bytes
    method_id: int


def _number(text: bytes, largest: int) -> int:
    if not text.isdigit() or len(text) > 20 or int(text) > largest:
        raise BadHeader(f"bad number {text[:20]!r}")
    return int(text)


def parse_rack(body: bytes) -> RAck:
    """RAck: response-num LWS CSeq-num LWS Method; raises BadHeader."""
    parts = body.split()
    if len(parts) != 3:
        raise BadHeader(f"bad RAck {body[:80]!r}")
    return RAck(_number(parts[0], 2**32 - 1), _number(parts[1], MAX_CSEQ), parts[2], method_id(parts[2]))


def parse_rseq(body: bytes) -> int:
    """RSeq: 1 to 2^32-1; raises BadHeader."""
    return _number(body.strip(), 2**32 - 1)
