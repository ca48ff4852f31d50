"""SIP, SIPS, TEL and URN URIs: `parse_uri` gives a `SipUri`, the devel guide's `sip_uri` (RFC 3261 19.1)."""

import functools
import socket
from enum import IntEnum

from ..src.native import lib
from .errors import BadUri
from .params import parse_uri_params, unescape
from .spans import SpanStruct

_SPANS = (
    "user", "passwd", "host", "port", "params", "headers", "transport_val", "ttl_val", "user_param_val", "maddr_val",
    "method_val", "lr_val", "r2_val", "gr_val", "ob_val",
)  # fmt: skip
_uri = SpanStruct("kh_uri", f"=BBBxHH{2 * len(_SPANS)}H")
_parse, _c, _values = lib.kh_uri_parse, _uri.c, _uri.values


class UriType(IntEnum):
    """The guide's uri_type."""

    ERROR = 0
    SIP = 1
    SIPS = 2
    TEL = 3
    TELS = 4
    URN = 5
    OTHER = 6  # any other scheme: only `raw` and `scheme` mean something


class Proto(IntEnum):
    """Transports, numbered as the guide's PROTO_*."""

    NONE = 0
    UDP = 1
    TCP = 2
    TLS = 3
    SCTP = 4
    WS = 5
    WSS = 6
    OTHER = 7


_DEFAULT_PORT = {Proto.TLS: 5061, Proto.WS: 80, Proto.WSS: 443}


def _span(name: str) -> property:
    at = 5 + 2 * _SPANS.index(name)

    def get(self: "SipUri") -> bytes:
        v = self._v
        off = v[at]
        return self.raw[off : off + v[at + 1]]

    return property(get, doc=f"{name}, as written; empty when absent")


def _param(name: bytes) -> property:
    def get(self: "SipUri") -> bytes:
        for item in self.params.split(b";"):
            if item.partition(b"=")[0].lower() == name:
                return item
        return b""

    return property(get, doc=f"The {name.decode()} parameter whole, name=value as written; empty when absent")


class SipUri:
    """An immutable URI. Parts are slices of `raw` as written (escapes and IPv6 brackets kept), empty when absent; of
    tel: `user` is the number, of urn: `user` is the namespace and `host` the name in it.

    Equal when written the same; `cmp_uri` compares as RFC 3261 19.1.4 says.
    """

    __slots__ = ("_v", "raw")

    def __init__(self, raw: bytes, values: tuple[int, ...]) -> None:
        self.raw = raw
        self._v = values

    user = _span("user")
    passwd = _span("passwd")
    host = _span("host")
    port = _span("port")
    params = _span("params")
    headers = _span("headers")
    transport_val = _span("transport_val")
    ttl_val = _span("ttl_val")
    user_param_val = _span("user_param_val")
    maddr_val = _span("maddr_val")
    method_val = _span("method_val")
    lr_val = _span("lr_val")
    r2_val = _span("r2_val")
    gr_val = _span("gr_val")
    ob_val = _span("ob_val")
    transport = _param(b"transport")
    ttl = _param(b"ttl")
    user_param = _param(b"user")
    maddr = _param(b"maddr")
    method = _param(b"method")
    lr = _param(b"lr")  # with or without value it makes a loose router (RFC 3261 19.1.1)
    r2 = _param(b"r2")
    gr = _param(b"gr")
    ob = _param(b"ob")

    @property
    def type(self) -> int:
        """UriType."""
        return self._v[0]

    @property
    def proto(self) -> int:
        """Proto of the transport parameter; NONE without one. What to send by: see `send_proto`."""
        return self._v[1]

    @property
    def flags(self) -> int:
        """enum kh_uri_flags."""
        return self._v[2]

    @property
    def port_no(self) -> int:
        """0 when none is given."""
        return self._v[3]

    @property
    def is_ipv6(self) -> bool:
        return self._v[2] & lib.KH_URI_IPV6 != 0

    @property
    def is_ip(self) -> bool:
        """The host is an address and no name."""
        return self._v[2] & (lib.KH_URI_IPV6 | lib.KH_URI_IPV4) != 0

    @property
    def host_ip(self) -> bytes:
        """The host without the brackets of an IPv6 reference."""
        return self.host.strip(b"[]")

    @property
    def scheme(self) -> bytes:
        """In lower case, without the colon."""
        return self.raw.partition(b":")[0].lower()

    @property
    def send_proto(self) -> int:
        """The transport to send by when no DNS record says otherwise: TLS for sips, else as `proto`, else UDP."""
        if self.type == UriType.SIPS and self.proto in (Proto.NONE, Proto.TCP):
            return Proto.TLS
        return self.proto or Proto.UDP

    @property
    def send_port(self) -> int:
        """The given port or the transport's default."""
        return self.port_no or _DEFAULT_PORT.get(Proto(self.send_proto), 5060)

    @property
    def param_dict(self) -> dict[bytes, bytes | None]:
        """Parameters by name in lower case; None for one without value."""
        return parse_uri_params(self.params)

    @property
    def header_list(self) -> tuple[tuple[bytes, bytes], ...]:
        """What stands behind the ?: (name, value) of each header, unescaped, in order."""
        pairs = (item.partition(b"=") for item in self.headers.split(b"&") if item)
        return tuple((unescape(name), unescape(value)) for name, _, value in pairs)

    @property
    def aor(self) -> bytes:
        """scheme:user@host (urn:nid:nss), without port, password, parameters; host in lower case."""
        between = b":" if self.type == UriType.URN else b"@"
        at = self.user + between if self.user and self.host else self.user
        return self.scheme + b":" + at + self.host.lower()

    def __bytes__(self) -> bytes:
        return self.raw

    def __str__(self) -> str:
        return self.raw.decode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return f"SipUri({self.raw!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SipUri) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)


@functools.lru_cache(maxsize=2048)  # a script reads several parts of the same URI; a memory bound, not a store
def parse_uri(buf: bytes) -> SipUri:
    """Parses exactly these bytes (no < >, no blanks around); raises BadUri."""
    if _parse(_c, buf, len(buf)) < 0:
        raise BadUri(f"bad URI {buf[:80]!r}")
    return SipUri(buf, _values())


def try_parse_uri(buf: bytes | None) -> SipUri | None:
    """As parse_uri, None for what is no URI or absent."""
    if not buf:
        return None
    try:
        return parse_uri(buf)
    except BadUri:
        return None


_RESERVED = b";/?:@&=+$,"  # escaped they are not what they are bare (RFC 3261 19.1.4, RFC 2396 2.2)
_MUST_AGREE = (b"user", b"ttl", b"method", b"maddr", b"transport")  # in one only: the URIs differ


def _params_equal(a: dict[bytes, bytes | None], b: dict[bytes, bytes | None]) -> bool:
    if any((name in a) != (name in b) for name in _MUST_AGREE):
        return False
    return all((a[name] or b"").lower() == (b[name] or b"").lower() for name in a.keys() & b.keys())


def _lower_values(params: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
    return {name: (value or b"").lower() for name, value in params.items()}


def _header_set(uri: SipUri) -> list[tuple[bytes, bytes]]:
    return sorted((name.lower(), value) for name, value in uri.header_list)


def _host_key(uri: SipUri) -> bytes:
    """Names in lower case; an IPv6 address by its bits, however it is written (RFC 5954 4.2)."""
    if uri.is_ipv6:
        try:
            return socket.inet_pton(socket.AF_INET6, uri.host_ip.decode())
        except OSError:
            pass
    return uri.host.lower()


def cmp_uri(a: SipUri, b: SipUri) -> bool:
    """True when two URIs are equivalent (RFC 3261 19.1.4; for tel: RFC 3966 5, visual separators ignored)."""
    if a.raw == b.raw:
        return True
    if a.type != b.type or a.type == UriType.OTHER:
        return False
    if a.type in (UriType.TEL, UriType.TELS):
        separators = b"-.()"
        same = a.user.translate(None, separators).lower() == b.user.translate(None, separators).lower()
        return same and _lower_values(a.param_dict) == _lower_values(b.param_dict)
    if a.type == UriType.URN:
        return a.aor.lower() == b.aor.lower()
    return (
        unescape(a.user, keep=_RESERVED) == unescape(b.user, keep=_RESERVED)
        and unescape(a.passwd, keep=_RESERVED) == unescape(b.passwd, keep=_RESERVED)
        and _host_key(a) == _host_key(b)
        and (a.port_no, bool(a.port)) == (b.port_no, bool(b.port))
        and _params_equal(a.param_dict, b.param_dict)
        and _header_set(a) == _header_set(b)
    )
