"""The send queue: what is queued, in which order it leaves, what is refused."""

import socket

import pytest

from kahea.src.native import ffi, lib
from kahea.tests.src.datagrams import dest, to_peer


def test_queue_is_sent_by_flush_in_order(index: int, peer: socket.socket) -> None:
    for number in range(3):
        assert lib.kh_send(to_peer(index, peer), b"message %d" % number, 9) == 9
    peer.settimeout(0.05)
    with pytest.raises(TimeoutError):
        peer.recv(100)
    assert lib.kh_send_flush() == 3
    assert [peer.recv(100) for _ in range(3)] == [b"message 0", b"message 1", b"message 2"]
    assert lib.kh_send_flush() == 0


def test_full_queue_flushes_itself(index: int, peer: socket.socket) -> None:
    for _ in range(lib.KH_SEND_QUEUE + 1):
        lib.kh_send(to_peer(index, peer), b"x", 1)
    assert len([peer.recv(10) for _ in range(lib.KH_SEND_QUEUE)]) == lib.KH_SEND_QUEUE
    assert lib.kh_send_flush() == 1


def test_largest_messages_fit_beside_one_another(index: int, peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    big = bytes(range(256)) * 200
    for _ in range(12):
        assert lib.kh_send(to_peer(index, peer), big, len(big)) == len(big)
        assert peer.recv(70000) == big if lib.kh_send_flush() else True
    assert lib.kh_send(to_peer(index, peer), b"x" * 65536, 65536) == lib.KH_ETOOBIG


def test_message_that_the_kernel_refuses_is_counted_and_the_next_goes_out(index: int, peer: socket.socket) -> None:
    before = lib.kh_send_stats().send_errors
    lib.kh_send(dest(index, b"255.255.255.255", 9), b"x", 1)
    lib.kh_send(to_peer(index, peer), b"good", 4)
    assert lib.kh_send_flush() == 1
    assert peer.recv(10) == b"good"
    assert lib.kh_send_stats().send_errors == before + 1


def test_sent_at_once(index: int, peer: socket.socket) -> None:
    assert lib.kh_send_now(to_peer(index, peer), b"now", 3) == 3
    assert peer.recv(10) == b"now"
    assert lib.kh_send_now(to_peer(99, peer), b"now", 3) == lib.KH_EINVAL


def test_what_is_held_tells_where_it_would_go(index: int, peer: socket.socket) -> None:
    lib.kh_send_hold(1)
    try:
        to, held = to_peer(index, peer), ffi.new("kh_dest *")
        to.conn = 7
        assert lib.kh_send(to, b"kept", 4) == lib.kh_send_now(to, b"back", 4) == 4
        assert lib.kh_send_held() == 2
        assert ffi.unpack(lib.kh_send_held_bytes(1, held), lib.kh_send_held_len(1)) == b"back"
        assert (held.to.port, held.sock, held.conn) == (peer.getsockname()[1], index, 7)
    finally:
        lib.kh_send_hold(0)
