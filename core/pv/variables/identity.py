"""Identities in headers: Refer-To, Remote-Party-ID, Diversion, P-Asserted-Identity, P-Preferred-Identity."""

from collections.abc import Callable
from typing import Any

from ....parser.headers.nameaddr import NameAddr, iter_nameaddr
from ....parser.uri import try_parse_uri
from ..exports import PvExport, Value

MAX_IDENTITIES = 64


def addresses_in(msg: Any, header: bytes) -> list[NameAddr]:
    """All name-addrs of the headers of a name; what is malformed is left out."""
    found: list[NameAddr] = []
    for body in msg.headers(header):
        try:
            found += iter_nameaddr(body)
        except ValueError:
            continue
    return found[:MAX_IDENTITIES]


def _first(header: bytes, part: Callable[[NameAddr], Value]) -> Callable[[Any], Value]:
    def get(msg: Any) -> Value:
        found = addresses_in(msg, header)
        return part(found[0]) if found else None

    return get


def _uris(header: bytes) -> Callable[[Any], list[Value]]:
    return lambda msg: [address.uri for address in addresses_in(msg, header)]


def _parameter(name: bytes) -> Callable[[NameAddr], Value]:
    return lambda address: address.param(name)


def _uri_part(name: str) -> Callable[[NameAddr], Value]:
    def part(address: NameAddr) -> Value:
        uri = try_parse_uri(address.uri)
        return (getattr(uri, name) or None) if uri is not None else None

    return part


def _uri(address: NameAddr) -> Value:
    return address.uri


IDENTITY = (
    PvExport("rt", _first(b"Refer-To", _uri)),
    PvExport("re", _first(b"Remote-Party-ID", _uri)),
    PvExport("di", _first(b"Diversion", _uri)),
    PvExport("dip", _first(b"Diversion", _parameter(b"privacy"))),
    PvExport("dir", _first(b"Diversion", _parameter(b"reason"))),
    PvExport("dic", _first(b"Diversion", _parameter(b"counter"))),
    PvExport("ai", values=_uris(b"P-Asserted-Identity")),
    PvExport("pu", values=_uris(b"P-Preferred-Identity")),
    PvExport("pU", _first(b"P-Preferred-Identity", _uri_part("user"))),
    PvExport("pd", _first(b"P-Preferred-Identity", _uri_part("host"))),
    PvExport("pn", _first(b"P-Preferred-Identity", lambda address: address.display or None)),
)
