"""Via: `$via0(a)` the topmost, `$via1(a)` the second, `$viaZ(a)` the last value."""

from collections.abc import Callable
from typing import Any

from ....parser.headers.via import ViaBody, iter_via
from ....src.native import lib
from ..exports import PvExport, Value

DEFAULT_PORT = 5060  # of every transport here, as scripts know it
_CACHE = ("vias",)
_READ: dict[str, Callable[[ViaBody], Value]] = {
    "host": lambda via: via.host,
    "port": lambda via: via.port or DEFAULT_PORT,
    "proto": lambda via: via.transport,
    "protoid": lambda via: via.proto,
    "branch": lambda via: via.branch or None,
    "rport": lambda via: b"%d" % via.rport if via.rport else None,
    "received": lambda via: via.received or None,
    "i": lambda via: via.i or None,
}


def vias(msg: Any) -> list[ViaBody]:
    """All Via values, the topmost first; up to the first malformed one."""
    cache = msg.cache
    if _CACHE not in cache:
        found: list[ViaBody] = []
        try:
            for body in msg.headers(lib.KH_HDR_VIA):
                found += iter_via(body)
        except ValueError:
            pass
        cache[_CACHE] = found
    return cache[_CACHE]


def _choices(index: int) -> dict[str, Callable[[Any], Value]]:
    def choice(read: Callable[[ViaBody], Value]) -> Callable[[Any], Value]:
        def get(msg: Any) -> Value:
            found = vias(msg)
            return read(found[index]) if -len(found) <= index < len(found) else None

        return get

    return {name: choice(read) for name, read in _READ.items()}


VIA = (
    PvExport("via0", choices=_choices(0)),
    PvExport("via1", choices=_choices(1)),
    PvExport("viaZ", choices=_choices(-1)),
)
