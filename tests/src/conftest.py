"""A socket of the server's table, and a peer to talk to."""

import socket
from collections.abc import Iterator

import pytest

from kahea.core.net.addr import make_addr
from kahea.src.native import lib


@pytest.fixture
def index() -> Iterator[int]:
    """A socket of 127.0.0.1 in the table."""
    lib.kh_sock_clear()
    lib.kh_send_forget()  # what tests before in this process have left
    fd = lib.kh_udp_open(make_addr(b"127.0.0.1", 0), 0, 0x10, 0)
    assert fd >= 0
    with socket.socket(fileno=fd) as sock:
        yield lib.kh_sock_add(fd, make_addr(b"127.0.0.1", sock.getsockname()[1]), 0, b"", 0, b"")
    lib.kh_sock_clear()


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(1)
        yield sock
