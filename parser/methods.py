"""Methods as bits, numbered as Kamailio 5.6 does: users see them in $rmid and in usrloc's `methods` column."""

from enum import IntFlag

from ..src.native import lib


class Method(IntFlag):
    """A set of methods; one bit each."""

    UNDEF = 0
    INVITE = 1
    CANCEL = 2
    ACK = 4
    BYE = 8
    INFO = 16
    REGISTER = 32
    SUBSCRIBE = 64
    NOTIFY = 128
    MESSAGE = 256
    OPTIONS = 512
    PRACK = 1024
    UPDATE = 2048
    REFER = 4096
    PUBLISH = 8192
    KDMQ = 16384
    GET = 32768
    POST = 65536
    PUT = 131072
    DELETE = 262144
    OTHER = 524288


ALL_METHODS = 0xFFFFFFFF  # what a contact that lists no methods accepts
_NAMES = {m.value: (m.name or "").encode() for m in Method}


def method_id(name: bytes) -> int:
    """The bit of a method name; OTHER for an unknown one. Names are case-sensitive (RFC 3261 7.1)."""
    return lib.kh_method_id(name, len(name))


def method_name(bit: int) -> bytes:
    """The name of a bit; b"OTHER" for what has none."""
    return _NAMES.get(bit, b"OTHER")


def parse_methods(body: bytes) -> int:
    """The set that a comma list names (Allow, the methods parameter of Contact)."""
    found = 0
    for name in body.split(b","):
        if name := name.strip():
            found |= method_id(name)
    return found
