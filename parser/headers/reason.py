"""Why something happened: Reason (RFC 3326) and Warning (RFC 3261 20.43)."""

import re
from dataclasses import dataclass

from ..errors import BadHeader
from ..lists import parse_valued, split_list
from ..params import unquote

_WARNING = re.compile(rb'(\d{3})\s+(\S+)\s+("(?:[^"\\]|\\.)*")', re.S)


@dataclass(frozen=True, slots=True)
class Reason:
    """protocol is SIP, Q.850... as written; `cause` None when there is none; `text` without quotes."""

    protocol: bytes
    cause: int | None
    text: bytes


def parse_reason(body: bytes) -> tuple[Reason, ...]:
    """reason-value = protocol *( SEMI reason-params ); raises BadHeader for a cause that is no number."""
    found = []
    for item in split_list(body):
        valued = parse_valued(item)
        cause = valued.param(b"cause")
        if cause is not None and not (cause.isdigit() and len(cause) < 10):
            raise BadHeader(f"bad cause {cause[:20]!r}")
        found.append(Reason(valued.value, int(cause) if cause else None, valued.param(b"text") or b""))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Warning:
    """A three-digit code, who warns, and the text without quotes."""

    code: int
    agent: bytes
    text: bytes


def parse_warning(body: bytes) -> tuple[Warning, ...]:
    """warning-value = warn-code SP warn-agent SP warn-text; raises BadHeader."""
    found = []
    for item in split_list(body):
        parts = _WARNING.fullmatch(item)
        if parts is None:
            raise BadHeader(f"bad Warning {item[:80]!r}")
        found.append(Warning(int(parts[1]), parts[2], unquote(parts[3])))
    return tuple(found)
