"""`{sock.*}`: the parts of `proto:host:port`, and a SIP URI from it."""

import re

from ...core.pv import TransformationExport, Value
from ...parser.receive_info import PROTO_NAMES

_SOCKET = re.compile(rb"(?:([a-z]+):)?(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?\Z")


def split(value: bytes) -> tuple[bytes, bytes, bytes]:
    """(proto or empty, host, port or empty); ValueError."""
    match = _SOCKET.match(value)
    if match is None or (match[1] is not None and match[1] not in PROTO_NAMES[1:]):
        raise ValueError("not of the form proto:host:port")
    return match[1] or b"", match[2], match[3] or b""


def port(value: bytes) -> Value:
    """As a number; empty without one."""
    digits = split(value)[2]
    return int(digits) if digits else b""


def to_uri(value: bytes) -> Value:
    """sip:host:port;transport=proto"""
    proto, host, digits = split(value)
    uri = b"sip:" + host + (b":" + digits if digits else b"")
    return uri + b";transport=" + proto if proto else uri


SOCK = (
    TransformationExport("sock.proto", lambda value: split(value)[0]),
    TransformationExport("sock.host", lambda value: split(value)[1]),
    TransformationExport("sock.port", port),
    TransformationExport("sock.touri", to_uri),
)
