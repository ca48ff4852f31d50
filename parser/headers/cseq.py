"""CSeq = 1*DIGIT LWS Method (RFC 3261 20.16)."""

from dataclasses import dataclass

from ..errors import BadHeader
from ..methods import method_id

MAX_CSEQ = 2**31 - 1  # RFC 3261 8.1.1.5


@dataclass(frozen=True, slots=True)
class CSeqBody:
    """The devel guide's cseq_body."""

    number: int
    method: bytes
    method_id: int


def parse_cseq(body: bytes) -> CSeqBody:
    """Raises BadHeader."""
    parts = body.split()
    if len(parts) != 2 or not parts[0].isdigit() or len(parts[0]) > 32 or int(parts[0]) > MAX_CSEQ:
        raise BadHeader(f"bad CSeq {body[:80]!r}")
    return CSeqBody(int(parts[0]), parts[1], method_id(parts[1]))
