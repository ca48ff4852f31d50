"""`{uri.*}`: parts of a SIP, TEL or URN URI. What is absent is empty; what is no URI fails."""

from collections.abc import Callable

from ....parser.uri import SipUri, UriType, parse_uri
from ..exports import Text, TransformationExport, Value
from ..uri_parts import SCHEMES


def _uri(value: bytes) -> SipUri:
    if not value:
        raise ValueError("empty URI")
    uri = parse_uri(value)
    if uri.type == UriType.OTHER:
        raise ValueError("no SIP URI")
    return uri


def params(value: bytes) -> Value:
    """All parameters of a SIP URI; those of a tel: URI belong to the number."""
    uri = _uri(value)
    return b"" if uri.type in (UriType.TEL, UriType.TELS) else uri.params


def param(value: bytes, name: bytes) -> Value:
    """The value of a parameter, any case; empty when it has none."""
    name = name.strip().lower()
    for item in _uri(value).params.split(b";"):
        key, _, found = item.partition(b"=")
        if key.lower() == name:
            return found
    return b""


def port(value: bytes) -> Value:
    """A number. Without one undefined: prints nothing, and equals 0 and the empty string."""
    uri = _uri(value)
    return uri.port_no if uri.port else None


def scheme(value: bytes) -> Value:
    """sip, sips, tel, tels or urn."""
    return SCHEMES[UriType(_uri(value).type)]


def to_socket(value: bytes) -> Value:
    """proto:host:port; empty without a transport parameter."""
    uri = _uri(value)
    if not uri.transport_val:
        return b""
    return b"%s:%s:%d" % (uri.transport_val.lower(), uri.host, uri.send_port)


def destination(value: bytes) -> Value:
    """scheme:host:port;transport, what is not given left out."""
    uri = _uri(value)
    return b"".join((scheme(value), b":", uri.host, _port(uri), _transport(uri)))  # type: ignore[arg-type]


def short_aor(value: bytes) -> Value:
    """scheme:user@host"""
    uri = _uri(value)
    return b"".join((scheme(value), b":", _user(uri), uri.host))  # type: ignore[arg-type]


def socket_uri(value: bytes) -> Value:
    """scheme:user@host:port;transport"""
    uri = _uri(value)
    return b"".join((scheme(value), b":", _user(uri), uri.host, _port(uri), _transport(uri)))  # type: ignore[arg-type]


def _user(uri: SipUri) -> bytes:
    return uri.user + b"@" if uri.user and uri.host else uri.user


def _port(uri: SipUri) -> bytes:
    return b":" + uri.port if uri.port else b""


def _transport(uri: SipUri) -> bytes:
    return b";transport=" + uri.transport_val if uri.transport_val else b""


def _part(attribute: str) -> Callable[[bytes], Value]:
    return lambda value: getattr(_uri(value), attribute)


_PARTS = {
    "user": "user", "passwd": "passwd", "headers": "headers",
    "transport": "transport_val", "ttl": "ttl_val", "uparam": "user_param_val", "maddr": "maddr_val",
    "method": "method_val", "lr": "lr_val", "r2": "r2_val",
}  # fmt: skip

URI = (
    TransformationExport("uri.host", _part("host"), aliases=("uri.domain",)),
    TransformationExport("uri.params", params),
    *(TransformationExport(f"uri.{name}", _part(attribute)) for name, attribute in _PARTS.items()),
    TransformationExport("uri.param", param, (Text,)),
    TransformationExport("uri.port", port),
    TransformationExport("uri.scheme", scheme),
    TransformationExport("uri.tosocket", to_socket),
    TransformationExport("uri.duri", destination),
    TransformationExport("uri.saor", short_aor),
    TransformationExport("uri.suri", socket_uri),
)
