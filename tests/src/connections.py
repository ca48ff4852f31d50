"""A table of connections in a fresh segment, and connections in it that end at a socket of the test."""

import os
import socket
from typing import Any

from kahea.core.net.addr import TCP, make_addr
from kahea.src.native import ffi, lib

RECEIVERS = 2
KEEPER = RECEIVERS


def options(**more: Any) -> Any:
    """Kamailio's defaults, but few connections."""
    made = ffi.new("kh_conn_options *")
    made.max = made.max_tls = 8
    made.lifetime_ms, made.connect_ms, made.send_ms, made.proxy_ms = 120_000, 10_000, 10_000, 5_000
    made.conn_queue, made.all_queues, made.buffer = 32768, 10 << 20, 16384
    made.crlf_ping, made.socket.tos = 1, -1
    for name, value in more.items():
        setattr(made, name, value)
    return made


def table(**more: Any) -> None:
    """The table and the channels; this process gets an identity. In run_isolated."""
    lib.kh_proc_attach(lib.kh_proc_alloc(1, b"test"))
    assert lib.kh_conn_setup(options(**more), RECEIVERS) == lib.KH_OK
    assert lib.kh_chan_open(RECEIVERS + 1) == lib.KH_OK


def new(port: int = 40000, flags: int = lib.KH_CONN_ACCEPTED, proto: int = TCP, ip: bytes = b"192.0.2.1") -> int:
    """A connection without a descriptor."""
    return int(lib.kh_conn_new(make_addr(ip, port, proto), make_addr(b"192.0.2.9", 5060, proto), 0, flags))


def find(port: int, proto: int = TCP, ip: bytes = b"192.0.2.1") -> int:
    return int(lib.kh_conn_find(make_addr(ip, port, proto)))


class Wire:
    """A connection of the table, adopted by its owner (this process), and the peer's end of it."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.peer = socket.create_connection(server.getsockname())
            ours, address = server.accept()
        self.fd = os.dup(ours.fileno())
        ours.close()
        os.set_blocking(self.fd, False)
        self.peer.settimeout(2)
        self.number = new(address[1], ip=b"127.0.0.1")
        self.place = lib.kh_conn_get(self.number).owner
        assert lib.kh_conn_adopt(self.number, self.fd, self.place) == lib.KH_OK
        assert lib.kh_conn_established(self.number, self.fd) == lib.KH_OK
        self.c = lib.kh_conn_get(self.number)
        self.m, self.e = ffi.new("kh_msg *"), ffi.new("kh_edits *")

    def read(self) -> int:
        return int(lib.kh_conn_read(self.number, self.fd))

    def next(self) -> int:
        """Facts of the next message, done with at once, or the code."""
        facts = int(lib.kh_conn_next(self.number, self.m, self.e))
        if facts > 0:
            self.data = ffi.unpack(self.m.buf, self.m.len)
            lib.kh_conn_next_done(self.number)
        return facts

    def put(self, data: bytes, last: int = 0) -> int:
        return int(lib.kh_conn_put(self.number, data, len(data), last))

    def write(self) -> int:
        return int(lib.kh_conn_write(self.number, self.fd))

    def received(self, size: int) -> bytes:
        """What the peer gets."""
        data = b""
        while len(data) < size:
            data += self.peer.recv(size - len(data))
        return data

    def close(self) -> None:
        self.peer.close()
        os.close(self.fd)
