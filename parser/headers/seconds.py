"""Headers that are a number of seconds: Expires, Min-Expires, Min-SE, Session-Expires, Retry-After."""

from dataclasses import dataclass

from ..errors import BadHeader
from ..lists import parse_valued

MAX_SECONDS = 2**32 - 1  # delta-seconds saturate (RFC 3261 20.19)
_DIGITS = 20  # more digits are not even looked at


def parse_seconds(text: bytes) -> int:
    """delta-seconds, at most MAX_SECONDS; raises BadHeader."""
    text = text.strip()
    if not text.isdigit():
        raise BadHeader(f"bad seconds {text[:20]!r}")
    return MAX_SECONDS if len(text) > _DIGITS else min(int(text), MAX_SECONDS)


parse_expires = parse_min_expires = parse_seconds


@dataclass(frozen=True, slots=True)
class SessionExpires:
    """Session-Expires (RFC 4028 4): refresher is uac, uas or None."""

    interval: int
    refresher: bytes | None


def parse_session_expires(body: bytes) -> SessionExpires:
    """Raises BadHeader."""
    valued = parse_valued(body)
    refresher = valued.params.get(b"refresher")
    if refresher is not None and refresher.lower() not in (b"uac", b"uas"):
        raise BadHeader(f"bad refresher {refresher[:20]!r}")
    return SessionExpires(parse_seconds(valued.value), refresher.lower() if refresher else None)


def parse_min_se(body: bytes) -> int:
    """Min-SE (RFC 4028 5): seconds, parameters ignored; raises BadHeader."""
    return parse_seconds(parse_valued(body).value)


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Retry-After (RFC 3261 20.33): seconds, the comment without its parentheses, how long the callee stays."""

    seconds: int
    comment: bytes
    duration: int | None


def parse_retry_after(body: bytes) -> RetryAfter:
    """Raises BadHeader."""
    head, paren, tail = body.partition(b"(")
    comment, close, rest = tail.rpartition(b")")
    if paren and not close:
        raise BadHeader(f"open comment {body[:80]!r}")
    valued = parse_valued((head + rest) if paren else body)
    duration = valued.params.get(b"duration")
    return RetryAfter(parse_seconds(valued.value), comment, parse_seconds(duration) if duration else None)
