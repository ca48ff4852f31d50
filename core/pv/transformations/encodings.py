"""`{s.encode.*}` and `{s.decode.*}`: hexadecimal, the base64 family, base58, GSM 7 bit."""

import base64
import binascii
from collections.abc import Callable

from ..exports import TransformationExport, Value

_BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_BASE58 = 1024  # bytes: the conversion is quadratic

Codec = Callable[[bytes], Value]


def decode_hexa(value: bytes) -> Value:
    """Pairs of digits; an odd one at the end is dropped."""
    try:
        return binascii.unhexlify(value[: len(value) // 2 * 2])
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def decode_base64(value: bytes) -> Value:
    """With padding."""
    return base64.b64decode(value, validate=True)


def decode_base64_url(value: bytes) -> Value:
    """The alphabet for URLs, with padding."""
    return base64.b64decode(value, b"-_", validate=True)


def _unpadded(decode: Codec) -> Codec:
    return lambda value: decode(value + b"=" * (-len(value) % 4))


def _without_padding(encode: Callable[[bytes], bytes]) -> Codec:
    return lambda value: encode(value).rstrip(b"=")


def encode_base58(value: bytes) -> Value:
    """The alphabet of Bitcoin; a leading zero byte is a 1."""
    if len(value) > MAX_BASE58:
        raise ValueError("too long for base58")
    number, digits = int.from_bytes(value, "big"), bytearray()
    while number:
        number, rest = divmod(number, 58)
        digits.append(_BASE58[rest])
    zeros = len(value) - len(value.lstrip(b"\0"))
    return b"1" * zeros + bytes(reversed(digits))


def decode_base58(value: bytes) -> Value:
    """Back; fails for a byte outside the alphabet."""
    if len(value) > MAX_BASE58:
        raise ValueError("too long for base58")
    number = 0
    for c in value:
        digit = _BASE58.find(c)
        if digit < 0:
            raise ValueError("not base58")
        number = number * 58 + digit
    zeros = len(value) - len(value.lstrip(b"1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_7bit(value: bytes) -> Value:
    """Seven bits a character, packed from the low end (3GPP TS 23.038), as upper-case hexadecimal."""
    packed, bits, out = 0, 0, bytearray()
    for c in value:
        packed |= (c & 0x7F) << bits
        bits += 7
        while bits >= 8:
            out.append(packed & 0xFF)
            packed >>= 8
            bits -= 8
    if bits:
        out.append(packed & 0xFF)
    return binascii.hexlify(bytes(out)).upper()


def decode_7bit(value: bytes) -> Value:
    """Back to characters."""
    data = decode_hexa(value)
    assert isinstance(data, bytes)
    packed, bits, out = 0, 0, bytearray()
    for c in data:
        packed |= c << bits
        bits += 8
        while bits >= 7:
            out.append(packed & 0x7F)
            packed >>= 7
            bits -= 7
    return bytes(out)


_ENCODE: dict[str, Codec] = {
    "hexa": binascii.hexlify,
    "base64": base64.b64encode,
    "base64t": _without_padding(base64.b64encode),
    "base64url": base64.urlsafe_b64encode,
    "base64urlt": _without_padding(base64.urlsafe_b64encode),
    "base58": encode_base58,
    "7bit": encode_7bit,
}
_DECODE: dict[str, Codec] = {
    "hexa": decode_hexa,
    "base64": decode_base64,
    "base64t": _unpadded(decode_base64),
    "base64url": decode_base64_url,
    "base64urlt": _unpadded(decode_base64_url),
    "base58": decode_base58,
    "7bit": decode_7bit,
}

ENCODINGS = (
    *(TransformationExport(f"s.encode.{name}", codec) for name, codec in _ENCODE.items()),
    *(TransformationExport(f"s.decode.{name}", codec) for name, codec in _DECODE.items()),
)
