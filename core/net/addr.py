"""IP addresses between text and the kernel's kh_addr (src/addr.h)."""

import socket
from typing import Any

from ...src.native import ffi, lib

PROTO_NAMES = ("", "udp", "tcp", "tls", "sctp", "ws", "wss")
UDP, TCP, TLS, SCTP, WS, WSS = (
    lib.KH_PROTO_UDP, lib.KH_PROTO_TCP, lib.KH_PROTO_TLS, lib.KH_PROTO_SCTP, lib.KH_PROTO_WS, lib.KH_PROTO_WSS,
)  # fmt: skip
_family = lib.kh_addr_parse


def proto_number(name: str) -> int:
    """enum kh_proto of `udp` (any case); 0 for none, `*` and `any`; ValueError for an unknown name."""
    if name in ("", "*", "any"):
        return 0
    number = lib.kh_proto_of(name.encode(), len(name))
    if number == lib.KH_PROTO_OTHER:
        raise ValueError(f"{name!r} is no transport protocol")
    return number


def is_address(text: bytes) -> bool:
    """Is it an IPv4 or IPv6 address, with or without brackets?"""
    return _family(ffi.new("kh_addr *"), text, len(text)) == lib.KH_OK


def make_addr(ip: bytes, port: int = 0, proto: int = UDP) -> Any:
    """A new kh_addr; ValueError when `ip` is no address."""
    addr = ffi.new("kh_addr *")
    if _family(addr, ip, len(ip)) != lib.KH_OK:
        raise ValueError(f"{ip.decode('latin-1')!r} is no IP address")
    addr.port, addr.proto = port, proto
    return addr


def addr_text(addr: Any, brackets: bool = False) -> bytes:
    """The IP of a kh_addr as text."""
    out = ffi.new("char[]", lib.KH_ADDR_TEXT)
    return ffi.unpack(out, lib.kh_addr_text(addr, out, brackets))


def interface_addresses(name: str = "", family: int = 0) -> list[bytes]:
    """Addresses of one interface, or of all; [] for an unknown one."""
    found = ffi.new("kh_addr[]", lib.KH_MAX_IFADDRS)
    count = lib.kh_ifaddrs(name.encode(), family, found, lib.KH_MAX_IFADDRS)
    return [addr_text(ffi.addressof(found, i)) for i in range(max(count, 0))]


def is_wildcard(ip: bytes) -> bool:
    """0.0.0.0 or ::"""
    return ip == b"0.0.0.0" or ip == b"::"


def family_of(ip: bytes) -> int:
    """The number of socket.AF_INET6 when there is a colon in it, else of AF_INET."""
    return int(socket.AF_INET6 if b":" in ip else socket.AF_INET)
