"""Getters of the parts of a URI, for any getter of a URI: `$rU $rd $rp $rP`, the same of `$ou`, `$du`, `$nh(...)`."""

from collections.abc import Callable
from typing import Any

from ...parser.uri import SipUri, UriType, try_parse_uri
from .exports import Getter, Value

GetUri = Callable[[Any], bytes | None]
ParseUri = Callable[[Any], SipUri | None]
UriPart = Callable[[SipUri], Value]

_SIPS = int(UriType.SIPS)  # a plain int compares faster
SCHEMES = {
    UriType.SIP: b"sip", UriType.SIPS: b"sips", UriType.TEL: b"tel", UriType.TELS: b"tels", UriType.URN: b"urn",
}  # fmt: skip


def port(uri: SipUri) -> bytes:
    """The port, or the default of the scheme and transport."""
    return b"%d" % uri.send_port


def transport(uri: SipUri) -> bytes:
    """The transport parameter as written; UDP without one, TLS for sips."""
    return uri.transport_val or (b"TLS" if uri.type == _SIPS else b"UDP")


PARTS: dict[str, UriPart] = {
    "u": lambda uri: uri.raw,
    "U": lambda uri: uri.user or None,
    "Ul": lambda uri: len(uri.user),
    "d": lambda uri: uri.host or None,
    "p": port,
    "P": transport,
    "z": lambda uri: SCHEMES.get(UriType(uri.type), b"none"),
}


def kept(key: str, get_uri: GetUri) -> ParseUri:
    """A parser of a URI that does not change while the message lasts: it is parsed once."""

    slot = (key,)

    def parse(msg: Any) -> SipUri | None:
        cache = msg.cache
        if slot in cache:
            return cache[slot]
        uri = cache[slot] = try_parse_uri(get_uri(msg))
        return uri

    return parse


def fresh(get_uri: GetUri) -> ParseUri:
    """A parser of a URI that the script may change."""
    return lambda msg: try_parse_uri(get_uri(msg))


def part_getter(parse: ParseUri, part: UriPart) -> Getter:
    """`part` of what `parse` returns; undefined when that is no URI."""

    def get(msg: Any) -> Value:
        uri = parse(msg)
        return None if uri is None else part(uri)

    return get
