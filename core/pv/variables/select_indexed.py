"""Selects with an index or a key: `via[2].host`, `msg.header["X-Name"][1]`, `proxy_authorization["realm"].username`."""

import re
from collections.abc import Callable
from typing import Any

from ....parser.credentials import Digest, parse_credentials
from ....parser.via import ViaBody
from ..exports import Getter, Value
from .via import vias

_VIA = re.compile(r"(?:via|v)(?:\[(-?[1-9][0-9]*)\])?(?:\.(\w+)(?:(?:\.|\[\")([\w-]+)(?:\"\])?)?)?\Z")
_HEADER = re.compile(r"(?:msg|message)\.(?:header|h)(?:\.|\[\")([\w-]+)(?:\"\])?(?:\[(-?[1-9][0-9]*)\])?\Z")
_AUTH = re.compile(r"(proxy_authorization|authorization)\[\"([^\"]*)\"\](?:\.(\w+)(?:\.(user|domain))?)?\Z")
_VIA_PARTS: dict[str, Callable[[ViaBody], Value]] = {
    "name": lambda via: b"SIP", "version": lambda via: b"2.0", "transport": lambda via: via.transport,
    "host": lambda via: via.host, "port": lambda via: b"%d" % via.port if via.port else b"",
    "branch": lambda via: via.branch, "received": lambda via: via.received, "i": lambda via: via.i,
    "rport": lambda via: b"%d" % via.rport if via.rport else b"", "alias": lambda via: b"1" if via.alias else b"",
}  # fmt: skip
_DIGEST_PARTS = frozenset(
    ["username", "realm", "nonce", "uri", "cnonce", "nc", "response", "opaque", "algorithm", "qop"]
)


def parse_indexed(path: str) -> Getter | None:
    """A getter for one of these forms; None when it is none; ValueError for a part that does not exist."""
    if m := _VIA.match(path):
        return _via(int(m[1] or 1), m[2], m[3])
    if m := _HEADER.match(path):
        return _header(m[1].replace("_", "-").encode(), int(m[2] or 1))
    if m := _AUTH.match(path):
        return _credentials(m[1].replace("_", "-").encode(), m[2].encode(), m[3], m[4])
    return None


def _at(number: int) -> int:
    """Selects count from 1, and from the end below 0."""
    return number - 1 if number > 0 else number


def _via(number: int, part: str | None, key: str | None) -> Getter:
    index = _at(number)
    if part == "params" and key:
        name = key.lower().encode()
        read: Callable[[ViaBody], Value] = lambda via: via.param_dict.get(name)  # noqa: E731
    elif part is None:
        read = _whole
    elif part in _VIA_PARTS and not key:
        read = _VIA_PARTS[part]
    else:
        raise ValueError(f"a Via has no part {part}")

    def get(msg: Any) -> Value:
        found = vias(msg)
        return read(found[index]) if -len(found) <= index < len(found) else None

    return get


def _whole(via: ViaBody) -> Value:
    return via.body


def _header(name: bytes, number: int) -> Getter:
    index = _at(number)
    return lambda msg: msg.header(name, index)


def _credentials(header: bytes, realm: bytes, part: str | None, half: str | None) -> Getter:
    if part is not None and part not in _DIGEST_PARTS:
        raise ValueError(f"credentials have no part {part}")

    def get(msg: Any) -> Value:
        for body in msg.headers(header):
            try:
                digest = parse_credentials(body)
            except ValueError:
                continue
            if not realm or digest.realm == realm:
                return body if part is None else _digest_part(digest, part, half)
        return None

    return get


def _digest_part(digest: Digest, part: str, half: str | None) -> Value:
    value = getattr(digest, half or part) if part == "username" else getattr(digest, part)
    return value or None
