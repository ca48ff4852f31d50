"""The packets of binrpc: a header, then records. What kamcmd speaks; nothing here knows a socket or a command.

header   0xA1 | type, size of the length, size of the cookie | length of the body | cookie
record   one byte `S zzz tttt`, then, with S, zzz bytes that say how long the value is; else zzz is its length
body     of a request: method, parameters; of a reply: values; of a fault: code, text

records  in Python
int      int; 0 to 7 bytes, big endian, 4 bytes are signed
string   str (UTF-8, else surrogates) with a NUL at its end on the wire; no bytes at all is None
double   float, as an int of thousandths
struct   Struct: (name, value) pairs, since a name may come twice; a dict when encoding
array    list; bytes: bytes
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAGIC = 0xA1  # the letter A, version 1
REQUEST, REPLY, FAULT = 0, 1, 3
INT, STRING, DOUBLE, STRUCT, ARRAY, NAME, BYTES = range(7)
END_STRUCT, END_ARRAY = 0x80 | STRUCT, 0x80 | ARRAY
TYPE_NAMES = ("integer", "string", "double", "structure", "array", "structure member name", "bytes array")
BODY_MAX = 65535  # bytes of a request
DEPTH_MAX = 32  # structs and arrays within one another
INT_MIN, INT_MAX = -(1 << 31), (1 << 31) - 1  # what kamcmd can read


class BadPacket(ValueError):
    """The bytes are not binrpc; the text is what the peer is told. `cookie` as far as it is known."""

    def __init__(self, text: str, cookie: bytes = b"\0") -> None:
        super().__init__(text)
        self.cookie = cookie


class Struct(tuple[tuple[str, Any], ...]):
    """Members in order."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, its records not yet read."""

    kind: int
    cookie: bytes
    body: bytes


# reading


def cut(buffer: bytes | bytearray) -> tuple[Packet | None, int]:
    """(the first packet, its size in the buffer); (None, 0) while it is incomplete. BadPacket."""
    if not buffer:
        return None, 0
    if buffer[0] != MAGIC:
        raise BadPacket("bad request: corrupted packet")
    if len(buffer) < 2:
        return None, 0
    kind = buffer[1] >> 4
    if kind not in (REQUEST, REPLY, FAULT):
        raise BadPacket("bad request: corrupted packet")
    cookie_at = 3 + (buffer[1] >> 2 & 3)
    body_at = cookie_at + 1 + (buffer[1] & 3)
    if len(buffer) < body_at:
        return None, 0
    length, cookie = int.from_bytes(buffer[2:cookie_at], "big"), bytes(buffer[cookie_at:body_at])
    if length > BODY_MAX:
        raise BadPacket("bad request: the packet is too big", cookie)
    if len(buffer) < body_at + length:
        return None, 0
    return Packet(kind, cookie, bytes(buffer[body_at : body_at + length])), body_at + length


class Reader:
    """Goes through the records of a body."""

    __slots__ = ("at", "body")

    def __init__(self, body: bytes) -> None:
        self.body, self.at = body, 0

    def more(self) -> bool:
        """Is there another record?"""
        return self.at < len(self.body)

    def record(self) -> tuple[int, bytes]:
        """(the tag without its size, value) of the next record; a tag above 0x80 ends a struct or array. BadPacket."""
        if not self.more():
            raise BadPacket("end of packet encountered")
        tag = self.body[self.at]
        kind, size, at = tag & 15, tag >> 4 & 7, self.at + 1
        if kind in (STRUCT, ARRAY):
            if size:
                raise BadPacket("bad record")
            self.at = at
            return tag & 0x8F, b""
        if kind > BYTES:
            raise BadPacket("bad record")
        if tag & 0x80:
            at, size = at + size, int.from_bytes(self.body[at : at + size], "big")
        if at + size > len(self.body):
            raise BadPacket("end of packet encountered")
        self.at = at + size
        return kind, self.body[at : at + size]

    def value(self, depth: int = 0) -> Any:
        """The next value, whole. BadPacket."""
        kind, data = self.record()
        if kind in (STRUCT, ARRAY):
            if depth >= DEPTH_MAX:
                raise BadPacket("too many structures within one another")
            return Struct(self.members(depth + 1)) if kind == STRUCT else self.items(depth + 1)
        if kind in (END_STRUCT, END_ARRAY, NAME):
            raise BadPacket("bad record")
        return scalar(kind, data)

    def members(self, depth: int) -> list[tuple[str, Any]]:
        """Up to the end of the struct."""
        found = []
        while (record := self.record())[0] != END_STRUCT:
            if record[0] != NAME:
                raise BadPacket("record doesn't match type")
            found.append((text(record[1]) or "", self.value(depth)))
        return found

    def items(self, depth: int) -> list[Any]:
        """Up to the end of the array."""
        found = []
        while self.body[self.at : self.at + 1] != bytes([END_ARRAY]):
            found.append(self.value(depth))
        self.at += 1
        return found


def scalar(kind: int, data: bytes) -> Any:
    """A value from its bytes."""
    if kind == STRING:
        return text(data)
    if kind == BYTES:
        return data
    if len(data) > 8:
        raise BadPacket("bad record")
    number = int.from_bytes(data, "big", signed=len(data) in (4, 8))
    return number / 1000 if kind == DOUBLE else number


def text(data: bytes) -> str | None:
    """A string or name without its NUL; None when there is nothing."""
    if not data:
        return None
    return data.removesuffix(b"\0").decode("utf-8", "surrogateescape")


def decode(body: bytes) -> list[Any]:
    """All values of a body. BadPacket."""
    reader = Reader(body)
    found = []
    while reader.more():
        found.append(reader.value())
    return found


def decode_call(body: bytes) -> tuple[str, list[str | int | float]]:
    """(method, parameters) of a request. No command takes structs, arrays or bytes. BadPacket, with the place."""
    reader = Reader(body)
    try:
        kind, data = reader.record()
    except BadPacket as error:
        raise BadPacket(f"bad request method: {error}") from None
    if kind != STRING:
        raise BadPacket("bad request method: record doesn't match type")
    method = text(data) or ""
    params: list[str | int | float] = []
    while reader.more():
        place = f"error at parameter {len(params)}"
        try:
            kind, data = reader.record()
            value = scalar(kind, data) if kind in (INT, STRING, DOUBLE) else None
        except BadPacket as error:
            raise BadPacket(f"{place}: {error}") from None
        if kind not in (INT, STRING, DOUBLE):
            raise BadPacket(f"{place}: a parameter is no {TYPE_NAMES[kind & 15]}")
        params.append("" if value is None else value)
    return method, params


# writing


def encode(kind: int, cookie: bytes, body: bytes) -> bytes:
    """A packet; the cookie has 1 to 4 bytes."""
    length = shortest(len(body)) or b"\0"
    return bytes([MAGIC, kind << 4 | len(length) - 1 << 2 | len(cookie) - 1]) + length + cookie + body


def encode_fault(cookie: bytes, code: int, reason: str) -> bytes:
    """A fault."""
    return encode(FAULT, cookie, encode_value(code) + encode_value(reason))


def encode_call(cookie: bytes, method: str, *params: Any) -> bytes:
    """A request."""
    return encode(REQUEST, cookie, b"".join(map(encode_value, (method, *params))))


def encode_value(value: Any, depth: int = 0) -> bytes:
    """The records of a value. What kamcmd cannot read as a number (more than 32 bits) becomes a text, so that it is
    shown as it is. ValueError: too deep; TypeError: not a value."""
    if value is None:
        return bytes([STRING])
    if isinstance(value, str):
        return sized(STRING, value.encode("utf-8", "surrogateescape") + b"\0")
    if isinstance(value, int):
        return number(INT, int(value), str(int(value)))
    if isinstance(value, float):
        return number(DOUBLE, int(value * 1000) if math.isfinite(value) else INT_MAX + 1, str(value))
    if isinstance(value, bytes):
        return sized(BYTES, value)
    if depth >= DEPTH_MAX:
        raise ValueError("too many structures within one another")
    if isinstance(value, (dict, Struct)):
        members = value.items() if isinstance(value, dict) else value
        return struct_of([(name, encode_value(item, depth + 1)) for name, item in members])
    if isinstance(value, Sequence):
        return bytes([ARRAY]) + b"".join(encode_value(item, depth + 1) for item in value) + bytes([END_ARRAY])
    raise TypeError(f"{type(value).__name__} is no value of binrpc")


def struct_of(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A struct of encoded members."""
    names = (sized(NAME, name.encode("utf-8", "surrogateescape") + b"\0") + value for name, value in members)
    return bytes([STRUCT]) + b"".join(names) + bytes([END_STRUCT])


def number(kind: int, value: int, as_text: str) -> bytes:
    """An int or double; negatives have 4 bytes."""
    if not INT_MIN <= value <= INT_MAX:
        return encode_value(as_text)
    data = shortest(value) if value >= 0 else value.to_bytes(4, "big", signed=True)
    return sized(kind, data)


def sized(kind: int, data: bytes) -> bytes:
    """A record with its size."""
    if len(data) < 8:
        return bytes([len(data) << 4 | kind]) + data
    size = shortest(len(data))
    return bytes([0x80 | len(size) << 4 | kind]) + size + data


def shortest(value: int) -> bytes:
    """Big endian without leading zero bytes; 0 has none."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
