"""Route, Record-Route, Path, Service-Route: lists of bracketed addresses (RFC 3261 20.30, 20.34; 3327; 3608)."""

from collections.abc import Iterable

from ..errors import BadHeader
from .nameaddr import NameAddr, iter_nameaddr


def parse_rr(body: bytes) -> list[NameAddr]:
    """All values of one header, first is the next hop (Route); raises BadHeader, also for a value without < >."""
    values = list(iter_nameaddr(body))
    for value in values:
        if b"<" not in value.body:
            raise BadHeader(f"address without brackets {value.body[:80]!r}")
    return values


def route_set(bodies: Iterable[bytes]) -> list[NameAddr]:
    """The values of several headers in one list."""
    return [value for body in bodies for value in parse_rr(body)]
