"""forward(): stateless, to the next hop or to a fixed destination."""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import Raw, RouteType
from ...parser.receive_info import PROTO_NAMES
from ...parser.uri import try_parse_uri
from ...src.native import lib
from ..msg.forward import forward_request
from ..sr_module import CmdExport

WHERE = RouteType.REQUEST | RouteType.FAILURE | RouteType.LOCAL
_DST_URI = lib.KH_EDP_DST_URI


def forward(msg: Any, host: bytes = b"", port: bytes = b"", proto: bytes = b"") -> int:
    """Send the request on. 1, or a negative code (-478: the destination cannot be resolved)."""
    if not host and not proto:
        return forward_request(msg)
    if host in (b"", b"uri:host"):
        uri = msg.next_hop or b""
        if port not in (b"", b"uri:port"):
            uri = _with_port(uri, port)
        if proto:
            uri = _with_transport(uri, proto)
        return forward_request(msg, uri)
    if port == b"uri:port":
        port = b""
    return forward_request(msg, _uri(host, port, proto or PROTO_NAMES[msg.rcv.proto]))


def _uri(host: bytes, port: bytes, proto: bytes) -> bytes:
    if host[:1] != b"[" and host.count(b":") == 1 and not port:
        host, _, port = host.partition(b":")
    if b":" in host and host[:1] != b"[":
        host = b"[" + host + b"]"
    uri = b"sip:" + host + (b":" + port if port else b"")
    return uri if proto == b"udp" else uri + b";transport=" + proto


def _with_port(uri: bytes, port: bytes) -> bytes:
    parsed = try_parse_uri(uri)
    if parsed is None or not parsed.host:
        return uri
    params = b";" + parsed.params if parsed.params else b""
    return parsed.scheme + b":" + parsed.host + b":" + port + params


def _with_transport(uri: bytes, proto: bytes) -> bytes:
    parts = [part for part in uri.split(b";") if not part.lower().startswith(b"transport=")]
    return b";".join(parts) + b";transport=" + proto


def _by(proto: bytes) -> Callable[..., int]:
    return lambda msg, host=b"", port=b"": forward(msg, host, port, proto)


FORWARDING = (
    CmdExport("forward", forward, (Raw, Raw), min_params=0, routes=WHERE),
    *(
        CmdExport(f"forward_{proto}", _by(proto.encode()), (Raw, Raw), min_params=0, routes=WHERE)
        for proto in ("udp", "tcp", "tls", "sctp")
    ),
)
