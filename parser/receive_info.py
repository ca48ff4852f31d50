"""Where a message came from: the devel guide's `receive_info`, read from the kernel's kh_rcv."""

import functools
import socket
import struct
from dataclasses import dataclass
from typing import Any

from ..src.native import ffi

PROTO_NAMES = (b"", b"udp", b"tcp", b"tls", b"sctp", b"ws", b"wss", b"")
_ADDR = "=BBH16s"  # kh_addr
_RCV = struct.Struct(_ADDR + _ADDR[1:] + "H2xI")  # kh_rcv: src, dst, sock, conn
assert _RCV.size == ffi.sizeof("kh_rcv")


@dataclass(frozen=True, slots=True)
class ReceiveInfo:
    """Addresses as text without brackets, ports as int; `proto` is enum kh_proto; `socket` indexes the socket table."""

    src_ip: bytes = b"127.0.0.1"
    src_port: int = 5060
    dst_ip: bytes = b"127.0.0.1"
    dst_port: int = 5060
    proto: int = 1
    socket: int = 0
    conn: int = 0

    @property
    def proto_name(self) -> bytes:
        """udp, tcp, ..."""
        return PROTO_NAMES[self.proto]

    @property
    def af(self) -> int:
        """The number of socket.AF_INET or AF_INET6."""
        return int(socket.AF_INET6 if b":" in self.src_ip else socket.AF_INET)

    def pack(self) -> bytes:
        """The bytes of the kh_rcv that says the same."""
        sides = [_pack_addr(self.src_ip, self.src_port, self.proto), _pack_addr(self.dst_ip, self.dst_port, self.proto)]
        return _RCV.pack(*sides[0], *sides[1], self.socket, self.conn)


def _pack_addr(ip: bytes, port: int, proto: int) -> tuple[int, int, int, bytes]:
    family = socket.AF_INET6 if b":" in ip else socket.AF_INET
    return family, proto, port, socket.inet_pton(family, ip.decode())


def _text(family: int, ip: bytes) -> bytes:
    if family == socket.AF_INET6:
        return socket.inet_ntop(family, ip).encode()
    return socket.inet_ntop(socket.AF_INET, ip[:4]).encode()


@functools.lru_cache(maxsize=4096)  # a trunk sends all from one address; a flood from many must not grow us
def unpack_receive_info(raw: bytes) -> ReceiveInfo:
    """From the bytes of a kh_rcv."""
    sf, proto, sport, sip, df, _, dport, dip, sock, conn = _RCV.unpack(raw)
    return ReceiveInfo(_text(sf, sip), sport, _text(df, dip), dport, proto, sock, conn)


def write_receive_info(rcv: Any, info: ReceiveInfo) -> None:
    """Fills a kh_rcv (cdata pointer)."""
    ffi.memmove(rcv, info.pack(), _RCV.size)
