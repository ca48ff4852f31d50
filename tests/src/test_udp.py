"""Datagrams received and parsed."""

import os
import select
import signal
import socket
import time

from kahea.core.net.addr import make_addr
from kahea.src.native import ffi, lib
from kahea.tests.core.msg.messages import REQUEST
from kahea.tests.src.datagrams import to_peer
from kahea.tests.support.segment import run_isolated

SIGNALS = 3000  # sent one by one


def address(index: int) -> tuple[str, int]:
    return "127.0.0.1", lib.kh_sock_get(index).addr.port


def receive(index: int) -> tuple[int, object]:
    """(facts or code, kh_msg) of one datagram."""
    m = ffi.new("kh_msg *")
    return lib.kh_udp_recv(index, m, ffi.new("kh_edits *")), m


def test_messages_come_one_at_a_time_in_order(index: int, peer: socket.socket) -> None:
    for number in range(11):
        peer.sendto(REQUEST.replace(b"CSeq: 7", b"CSeq: %d" % number), address(index))
    assert [receive(index)[1].cseq_num for _ in range(11)] == [*range(11)]  # type: ignore[attr-defined]


def test_http_is_dropped_and_counted(index: int, peer: socket.socket) -> None:
    def check() -> None:
        assert lib.kh_proc_attach(lib.kh_proc_alloc(1, b"test")) >= 0
        for line in (b"GET / HTTP/1.1", b"HTTP/1.1 200 OK"):
            peer.sendto(line + b"\r\nHost: a\r\n\r\n", address(index))
            assert receive(index)[0] == lib.KH_EMALFORMED
        assert lib.kh_counter_sum(lib.KH_CNT_HTTP_OVER_UDP) == 2
        assert lib.kh_counter_sum(lib.KH_CNT_RCV_REQUESTS) == lib.kh_counter_sum(lib.KH_CNT_RCV_REPLIES) == 0

    run_isolated(check)


def test_received_message_knows_where_it_came_from(index: int, peer: socket.socket) -> None:
    peer.sendto(REQUEST, address(index))
    facts, m = receive(index)
    assert facts & lib.KH_F_REQUEST
    assert m.rcv.src.port == peer.getsockname()[1]  # type: ignore[attr-defined]
    assert (m.rcv.dst.port, m.rcv.sock) == (address(index)[1], index)  # type: ignore[attr-defined]
    assert ffi.unpack(m.buf, m.len) == REQUEST  # type: ignore[attr-defined]


def test_what_is_no_message_is_counted(index: int, peer: socket.socket) -> None:
    before = lib.kh_udp_stats().received
    peer.sendto(b"nonsense", address(index))
    assert receive(index)[0] == lib.KH_EMALFORMED
    assert lib.kh_udp_stats().received == before + 1


def test_receiving_sends_what_is_queued_first(index: int, peer: socket.socket) -> None:
    lib.kh_send(to_peer(index, peer), b"queued", 6)
    peer.sendto(REQUEST, address(index))
    receive(index)
    assert peer.recv(100) == b"queued"


def test_signal_gets_a_waiting_worker_out(index: int) -> None:
    pid = os.fork()
    if pid == 0:
        lib.kh_signals_init(0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2])
        os._exit(0 if receive(index)[0] == lib.KH_EINTR else 1)
    time.sleep(0.2)
    os.kill(pid, signal.SIGUSR2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_signals_one_after_another_all_arrive(index: int) -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        lib.kh_signals_init(0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2])
        while True:  # each signal is sent just when this begins to wait again
            os.write(write, b".")
            while not lib.kh_signals_take():
                receive(index)
    for _ in range(SIGNALS):
        assert select.select([read], [], [], 5)[0], "a signal was lost"
        os.read(read, 1)
        os.kill(pid, signal.SIGUSR2)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_wildcard_socket_tells_the_address_it_was_reached_by(peer: socket.socket) -> None:
    lib.kh_sock_clear()
    fd = lib.kh_udp_open(make_addr(b"0.0.0.0", 0), 0, -1, 0)
    with socket.socket(fileno=fd) as sock:
        index = lib.kh_sock_add(fd, make_addr(b"0.0.0.0", sock.getsockname()[1]), lib.KH_SOCK_WILDCARD, b"", 0, b"")
        peer.sendto(REQUEST, ("127.0.0.1", sock.getsockname()[1]))
        _, m = receive(index)
        assert list(m.rcv.dst.ip)[:4] == [127, 0, 0, 1]  # type: ignore[attr-defined]
    lib.kh_sock_clear()
