"""`{urialias.encode}` and `{urialias.decode}`: host~port~proto, as nathelper's `alias` parameter holds it."""

from ....parser.receive_info import PROTO_NAMES
from ....parser.uri import parse_uri
from ..exports import TransformationExport, Value


def encode(value: bytes) -> Value:
    """Of a SIP URI."""
    uri = parse_uri(value)
    if not uri.host:
        raise ValueError("the URI has no host")
    return b"%s~%d~%d" % (uri.host, uri.send_port, uri.send_proto)


def decode(value: bytes) -> Value:
    """Back to a SIP URI; udp is left out."""
    host, port, proto = (value.split(b"~") + [b"", b"", b""])[:3]
    if not host or not port.isdigit() or not proto.isdigit() or not 1 <= int(proto) < len(PROTO_NAMES) - 1:
        raise ValueError("not of the form host~port~proto")
    uri = b"sip:" + host + b":" + port
    return uri if int(proto) == 1 else uri + b";transport=" + PROTO_NAMES[int(proto)]


URIALIAS = (
    TransformationExport("urialias.encode", encode),
    TransformationExport("urialias.decode", decode),
)
