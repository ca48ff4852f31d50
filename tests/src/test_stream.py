"""Bytes of a connection to messages and back, and the connections that a sender makes."""

import os
import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest

from kahea.core.net.addr import TCP, make_addr
from kahea.src.native import ffi, lib
from kahea.tests.src.connections import KEEPER, Wire, find, new, table
from kahea.tests.support.segment import run_isolated

MESSAGE = (
    b"OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.1:5062;branch=z9hG4bKabc\r\nMax-Forwards: 70\r\n"
    b"From: <sip:alice@example.com>;tag=from\r\nTo: <sip:bob@example.com>\r\nCall-ID: id@10.0.0.1\r\n"
    b"CSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def isolated(check: Callable[[Wire], None], **more: Any) -> None:
    def run() -> None:
        table(**more)
        wire = Wire()
        check(wire)
        lib.kh_conn_free(wire.number)
        assert lib.kh_conn_check() == 0 and lib.kh_shm_check(ffi.NULL) == 0

    run_isolated(run)


def count(name: str) -> int:
    return int(lib.kh_counter_sum(getattr(lib, "KH_CNT_TCP_" + name)))


# in


def test_messages_come_out_in_order_and_know_their_connection() -> None:
    def check(wire: Wire) -> None:
        wire.peer.sendall(MESSAGE + MESSAGE.replace(b"CSeq: 7", b"CSeq: 8") + MESSAGE[:50])
        assert wire.read() > 0
        assert wire.next() & lib.KH_F_REQUEST and wire.data == MESSAGE
        rcv = wire.m.rcv
        assert (rcv.conn, rcv.src.port, rcv.src.proto) == (wire.number, wire.peer.getsockname()[1], TCP)
        assert wire.next() > 0 and wire.m.cseq_num == 8
        assert wire.next() == lib.KH_EINCOMPLETE
        wire.peer.sendall(MESSAGE[50:])
        assert wire.read() > 0 and wire.next() > 0 and wire.data == MESSAGE
        assert wire.c.rbuf == ffi.NULL  # an idle connection holds no buffer
        assert wire.read() == lib.KH_EINCOMPLETE

    isolated(check)


def test_long_message_grows_its_buffer_up_to_the_limit() -> None:
    def check(wire: Wire) -> None:
        body = b"x" * 12000
        long = MESSAGE.replace(b"Content-Length: 0", b"Content-Length: %d" % len(body)) + body
        wire.peer.sendall(long + MESSAGE)
        seen: list[bytes] = []
        while len(seen) < 2:
            assert wire.read() > 0
            while wire.next() > 0:
                seen.append(wire.data)
        assert seen == [long, MESSAGE]
        wire.peer.sendall(MESSAGE.replace(b"Content-Length: 0", b"Content-Length: 16384"))
        assert wire.read() > 0 and wire.next() == lib.KH_ETOOBIG
        assert count("BAD_FRAMES") == 1

    isolated(check)


def test_byte_after_byte_is_a_message_too() -> None:
    def check(wire: Wire) -> None:
        for at in range(len(MESSAGE)):
            assert wire.next() == lib.KH_EINCOMPLETE
            wire.peer.sendall(MESSAGE[at : at + 1])
            assert wire.read() == 1
        assert wire.next() > 0 and wire.data == MESSAGE

    isolated(check)


@pytest.mark.parametrize("ping", [0, 1])
def test_ping_is_answered(ping: int) -> None:
    """RFC 5626 4.4.1; tcp_crlf_ping"""

    def check(wire: Wire) -> None:
        wire.peer.sendall(b"\r\n\r\n" + MESSAGE + b"\r\n")
        wire.read()
        assert wire.next() > 0 and wire.next() == lib.KH_EINCOMPLETE
        assert wire.write() == lib.KH_WRITTEN_ALL
        assert count("PINGS") == 1
        wire.peer.settimeout(0.2)
        if ping:
            assert wire.received(2) == b"\r\n"
        else:
            with pytest.raises(TimeoutError):
                wire.peer.recv(1)

    isolated(check, crlf_ping=ping)


@pytest.mark.parametrize("junk", [b"\x16\x03\x01", b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"])
def test_what_is_no_sip_is_refused_and_counted(junk: bytes) -> None:
    def check(wire: Wire) -> None:
        wire.peer.sendall(junk)
        wire.read()
        assert wire.next() == lib.KH_EMALFORMED
        assert count("BAD_FRAMES") == 1

    isolated(check)


def test_end_and_reset_of_the_peer() -> None:
    def check(wire: Wire) -> None:
        wire.peer.shutdown(socket.SHUT_WR)
        assert wire.read() == 0
        wire.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.peer.close()
        assert wire.put(b"x") == lib.KH_OK
        assert wire.write() == lib.KH_ECLOSED

    isolated(check)


def test_via_alias_is_honoured_where_it_is_accepted() -> None:
    """tcp_accept_aliases"""

    def check(wire: Wire) -> None:
        wire.peer.sendall(MESSAGE.replace(b";branch", b";alias;branch"))
        wire.read()
        wire.next()
        assert wire.m.via1.flags & lib.KH_VIA_ALIAS
        assert find(5062, ip=b"127.0.0.1") == wire.number

    isolated(check, accept_aliases=1)


def test_proxy_header_comes_first_and_names_the_peer() -> None:
    def check(wire: Wire) -> None:
        for piece in (b"PROXY TCP4 192.0.2.7 19", b"8.51.100.1 40000 5060\r\n" + MESSAGE):
            assert lib.kh_conn_read_proxy(wire.number, wire.fd) == lib.KH_EINCOMPLETE
            wire.peer.sendall(piece)
            code = lib.kh_conn_read_proxy(wire.number, wire.fd)
        assert code == lib.KH_OK
        assert wire.next() == lib.KH_EINCOMPLETE  # nothing behind the header was read
        wire.read()
        assert wire.next() > 0 and wire.m.rcv.src.port == 40000
        assert find(40000, ip=b"192.0.2.7") == wire.number and find(wire.peer.getsockname()[1], ip=b"127.0.0.1") == 0

    isolated(check)


# out


def test_messages_leave_in_order() -> None:
    def check(wire: Wire) -> None:
        for n in range(40):
            assert wire.put(b"%02d" % n) == lib.KH_OK
        assert wire.write() == lib.KH_WRITTEN_ALL
        assert wire.received(80) == b"".join(b"%02d" % n for n in range(40))
        assert lib.kh_conn_queued() == 0

    isolated(check)


def test_queue_of_a_peer_that_does_not_read_is_limited() -> None:
    """tcp_conn_wq_max; one message of any length fits into an empty queue."""

    def check(wire: Wire) -> None:
        wire.peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        sent = 0
        while wire.write() == lib.KH_WRITTEN_ALL:
            assert wire.put(b"y" * 60000) == lib.KH_OK
            sent += 60000
        assert wire.put(b"z" * 32768) == lib.KH_ESEND
        assert count("SENDQ_FULL") == 1
        got = b""
        while len(got) < sent:
            got += wire.peer.recv(65536)
            wire.write()
        assert got == b"y" * sent and wire.put(b"z") == lib.KH_OK

    isolated(check)


def test_all_queues_together_are_limited() -> None:
    """tcp_wq_max"""

    def check(wire: Wire) -> None:
        other = new(1)
        assert lib.kh_conn_put(other, b"x" * 900, 900, 0) == lib.KH_OK
        assert wire.put(b"y" * 200) == lib.KH_ESEND
        assert wire.put(b"y" * 100) == lib.KH_OK
        assert lib.kh_conn_queued() == 1000
        lib.kh_conn_free(other)
        assert lib.kh_conn_queued() == 100

    isolated(check, all_queues=1000)


def test_last_message_ends_the_connection() -> None:
    def check(wire: Wire) -> None:
        assert wire.put(b"bye", last=1) == lib.KH_OK
        assert wire.put(b"more") == lib.KH_ENOTFOUND
        assert wire.write() == lib.KH_WRITTEN_LAST

    isolated(check)


def test_front_and_wrote_are_for_those_who_write_themselves() -> None:
    def check(wire: Wire) -> None:
        place = ffi.new("char **")

        def front() -> bytes:
            size = lib.kh_conn_front(wire.number, place)
            return ffi.unpack(place[0], size) if size else b""

        wire.put(b"hello")
        wire.put(b"you")
        assert front() == b"hello"
        assert lib.kh_conn_wrote(wire.number, 3) == lib.KH_WRITTEN_SOME
        assert front() == b"lo"
        assert lib.kh_conn_wrote(wire.number, 2) == lib.KH_WRITTEN_SOME
        assert front() == b"you"
        assert lib.kh_conn_wrote(wire.number, 3) == lib.KH_WRITTEN_ALL
        assert front() == b""

    isolated(check)


# senders


def destination(port: int, conn: int = 0, flags: int = 0) -> Any:
    made = ffi.new("kh_dest *")
    made.to, made.sock, made.conn, made.flags = make_addr(b"127.0.0.1", port, TCP)[0], 0, conn, flags
    return made


def send(port: int, data: bytes, conn: int = 0, flags: int = 0) -> int:
    return int(lib.kh_stream_send(destination(port, conn, flags), data, len(data)))


def listening() -> None:
    lib.kh_sock_clear()
    assert lib.kh_sock_add(-1, make_addr(b"127.0.0.1", 5060, TCP), 0, b"", 0, b"") == 0


def test_sender_takes_the_named_connection_or_one_to_the_address() -> None:
    def check(wire: Wire) -> None:
        listening()
        port = wire.peer.getsockname()[1]
        assert [send(port, b"a", wire.number), send(port, b"b"), send(port, b"c", 12345)] == [1, 1, 1]
        assert send(9, b"d", wire.number) == 1  # the connection decides, not the address
        wire.write()
        assert wire.received(4) == b"abcd"

    isolated(check)


def test_sender_makes_a_connection_and_hands_it_over() -> None:
    def check(wire: Wire) -> None:
        listening()
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            assert send(port, b"hello") == 5
            assert send(port, b" you") == 4  # the same connection
            number = find(port, ip=b"127.0.0.1")
            conn = lib.kh_conn_get(number)
            assert conn.state == lib.KH_CONN_CONNECTING
            heard, fd = ffi.new("uint32_t *"), ffi.new("int *")
            for place in (KEEPER, conn.owner):
                assert (lib.kh_chan_recv(place, heard, fd), heard[0]) == (lib.KH_CHAN_CONN, number)
            assert lib.kh_conn_adopt(number, fd[0], conn.owner) == lib.KH_OK
            assert lib.kh_tcp_error(fd[0]) == 0
            lib.kh_conn_established(number, fd[0])
            assert lib.kh_conn_write(number, fd[0]) == lib.KH_WRITTEN_ALL
            with server.accept()[0] as peer:
                assert peer.recv(99) == b"hello you"
                assert peer.getpeername()[0] == "127.0.0.1"
            lib.kh_conn_free(number)

    isolated(check)


def opened(server: socket.socket) -> Any:
    """kh_conn of a connection that is made to this port."""
    port = server.getsockname()[1]
    assert send(port, b"x") == 1
    return lib.kh_conn_get(find(port, ip=b"127.0.0.1"))


@pytest.mark.parametrize(("once", "expected"), [(1, [b"id\0name", b"", b""]), (0, [b"id\0name", b"id\0name", b""])])
def test_new_connections_carry_what_their_sender_says(once: int, expected: list[bytes]) -> None:
    def check(wire: Wire) -> None:
        listening()
        assert lib.kh_stream_label(b"x" * (lib.KH_CONN_LABEL + 1), lib.KH_CONN_LABEL + 1, 0) == lib.KH_ETOOBIG
        assert lib.kh_stream_label(b"id\0name", 7, once) == lib.KH_OK
        servers = [socket.create_server(("127.0.0.1", 0)) for _ in expected]
        labels = []
        for server in servers:
            if server is servers[-1]:
                assert lib.kh_stream_label(b"", 0, 0) == lib.KH_OK
            conn = opened(server)
            labels.append(ffi.unpack(conn.label, conn.label_len))
            lib.kh_conn_free(conn.id)
            server.close()
        assert labels == expected

    isolated(check)


def test_refused_connection_is_an_error_at_once() -> None:
    def check(wire: Wire) -> None:
        listening()
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        assert send(port, b"x") == lib.KH_ESEND
        assert count("CONNECT_FAILED") == 1 and lib.kh_conn_count(0) == 1

    isolated(check)


@pytest.mark.parametrize(("flags", "option"), [(lib.KH_DEST_NO_CONNECT, 0), (0, 1)])
def test_no_connection_is_made_where_that_is_forbidden(flags: int, option: int) -> None:
    """set_forward_no_connect() and the like; tcp_no_connect"""

    def check(wire: Wire) -> None:
        listening()
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert send(server.getsockname()[1], b"x", 0, flags) == lib.KH_ESEND
        assert send(wire.peer.getsockname()[1], b"x", 0, flags) == 1
        assert count("LOCAL_REJECT") == 1

    isolated(check, no_connect=option)


def test_full_table_makes_no_connection() -> None:
    def check(wire: Wire) -> None:
        listening()
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert send(server.getsockname()[1], b"x") == lib.KH_ESEND
            assert count("LOCAL_REJECT") == 1

    isolated(check, max=1)


def test_without_a_table_nothing_can_be_sent() -> None:
    def check() -> None:
        listening()
        assert send(5060, b"x") == lib.KH_ESEND

    run_isolated(check)


@pytest.mark.parametrize("reuse", [0, 1])
def test_source_of_a_connection(reuse: int) -> None:
    """tcp_source_ipv4, tcp_reuse_port"""

    def check(wire: Wire) -> None:
        lib.kh_sock_clear()
        lib.kh_sock_add(-1, make_addr(b"127.0.0.1", 5067, TCP), 0, b"", 0, b"")
        options = lib.kh_conn_opts()
        options.source4, options.socket.reuse_port = make_addr(b"127.0.0.3")[0], reuse
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert send(server.getsockname()[1], b"x") == 1
            with server.accept()[0] as peer:
                ip, port = peer.getpeername()
        assert ip == "127.0.0.3" and (port == 5067) == bool(reuse)

    def run() -> None:
        table()
        check(Wire())

    run_isolated(run)


# a successor goes on


def test_bytes_that_a_dead_receiver_read_and_wrote_without_noting_are_known() -> None:
    """The system's account of the connection tells (TCP_INFO)."""

    def check(wire: Wire) -> None:
        wire.peer.sendall(MESSAGE[:100])
        assert wire.read() == 100
        wire.put(b"0123456789")
        wire.peer.sendall(MESSAGE[100:])
        place = ffi.new("char **")
        room = lib.kh_conn_room(wire.number, place)
        data = os.read(wire.fd, room)  # read into the buffer,
        ffi.memmove(place[0], data, len(data))
        os.write(wire.fd, b"01234")  # written,
        wire.c.holder = 0x7F0001  # and dead before either was noted
        assert lib.kh_conn_adopt(wire.number, wire.fd, wire.place) == lib.KH_OK
        assert wire.next() > 0 and wire.data == MESSAGE
        assert wire.write() == lib.KH_WRITTEN_ALL
        assert wire.received(10) == b"0123456789"

    isolated(check)


@pytest.mark.parametrize("tries", [0, 1, 2])
def test_message_that_killed_its_receiver_twice_is_dropped(tries: int) -> None:
    def check(wire: Wire) -> None:
        wire.peer.sendall(MESSAGE + MESSAGE.replace(b"CSeq: 7", b"CSeq: 8"))
        wire.read()
        for _ in range(tries):
            assert lib.kh_conn_next(wire.number, wire.m, wire.e) > 0
            wire.c.holder = 0x7F0001  # dies while it routes it
            assert lib.kh_conn_adopt(wire.number, wire.fd, wire.place) == lib.KH_OK
        assert wire.next() > 0
        assert wire.m.cseq_num == (8 if tries == 2 else 7)
        assert (count("REPEATED"), count("DROPPED")) == (min(tries, 1), tries // 2)

    isolated(check)


def test_connection_whose_state_is_not_known_is_closed() -> None:
    def check(wire: Wire) -> None:
        wire.peer.sendall(MESSAGE)
        os.read(wire.fd, 20)  # gone with whoever read it
        wire.c.holder = 0x7F0001
        assert lib.kh_conn_adopt(wire.number, wire.fd, wire.place) == lib.KH_ECLOSED
        assert lib.kh_conn_adopt(wire.number + (1 << 8), wire.fd, wire.place) == lib.KH_ENOTFOUND
        assert lib.kh_conn_adopt(wire.number, wire.fd, 1 - wire.place) == lib.KH_ENOTFOUND

    isolated(check)
