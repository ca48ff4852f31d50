"""Commands over binrpc: one request packet in, one reply or fault packet out."""

from typing import Any

from ...core.log import logger
from ...core.rpc.registry import RpcError, call, find_rpc
from . import packet
from .settings import settings
from .sockets import Closing, count

log = logger(__name__)


def take(buffer: bytearray) -> tuple[bytes, int]:
    """A Talk: what is no request is answered with a fault and ends the connection."""
    try:
        request, used = packet.cut(buffer)
        if request is None:
            return b"", 0
        if request.kind != packet.REQUEST:
            raise packet.BadPacket("bad request: corrupted packet", request.cookie)
    except packet.BadPacket as error:
        count("bad_requests")
        raise Closing(packet.encode_fault(error.cookie, 400, str(error))) from None
    return run(request), used


def run(request: packet.Packet) -> bytes:
    """Run one request; the answer's bytes."""
    count("requests")
    try:
        method, params = packet.decode_call(request.body)
        if find_rpc(method) is None:
            raise RpcError(500, f"command {method} not found")
        return packet.encode(packet.REPLY, request.cookie, encode_result(call(method, params)))
    except packet.BadPacket as error:
        fault = packet.encode_fault(request.cookie, 400, str(error))
        if str(error).startswith("bad request"):
            count("bad_requests")
            raise Closing(fault) from None
    except RpcError as error:
        fault = packet.encode_fault(request.cookie, error.code, error.text)
    count("faults")
    return fault


def encode_result(value: Any) -> bytes:
    """The body of a reply: nothing, one value, or each of a list. RpcError when it is too big."""
    if value is None:
        return b""
    values = value if isinstance(value, (list, tuple)) else [value]
    encoded = [packet.encode_value(shaped(item)) for item in values]
    largest = max((len(data) for data in encoded if data[0] == packet.STRUCT), default=0)
    if largest > settings.binrpc_struct_max_body_size << 10:
        raise too_big(f"a structure of {largest} bytes", "binrpc_struct_max_body_size")
    body = b"".join(encoded)
    if len(body) > settings.binrpc_max_body_size << 10:
        raise too_big(f"a reply of {len(body)} bytes", "binrpc_max_body_size")
    return body


def too_big(what: str, parameter: str) -> RpcError:
    """The fault, and its counter."""
    count("too_big")
    return RpcError(500, f"{what} is more than {parameter} of module ctl allows: {getattr(settings, parameter)} KB")


def shaped(value: Any) -> Any:
    """A result as Kamailio's tools print it: bytes as text, and a list of structs within a struct as one struct with
    all their members."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, dict):
        return packet.Struct((str(shaped(name)), shaped(item)) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        if all(isinstance(item, dict) for item in value):
            return packet.Struct(member for item in value for member in shaped(item))
        return [shaped(item) for item in value]
    return value
