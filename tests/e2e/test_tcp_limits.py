"""Limits and times of connections, bad peers, load balancers, management: seen on the wire."""

import contextlib
import socket
import time
from typing import Any

import pytest

from kahea.tests.support.server import Server, ServerError, wait_until
from kahea.tests.support.sip import SERVER, SipSocket
from kahea.tests.support.sip_tcp import SipStream

from .test_tcp import ROUTES, Start, options, start

__all__ = ["start"]  # the fixture
HEAD = b"OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\n"


def statistic(server: Server, name: str) -> int:
    return int(server.rpc("stats.fetch", f"tcp:{name}")[f"tcp.{name}"])


def opened(server: Server) -> int:
    return int(server.rpc("core.tcp_info")["opened_connections"])


def test_idle_connection_is_closed(start: Start) -> None:
    """tcp_connection_lifetime"""
    server = start("tcp_connection_lifetime=1\n")
    with SipStream() as line:
        line.call(options(line))
        begin = time.monotonic()
        assert line.closed(5) and 0.9 < time.monotonic() - begin < 4
    assert statistic(server, "con_timeout") == 1 and opened(server) == 0


def test_connections_are_limited(start: Start) -> None:
    """tcp_max_connections"""
    server = start("tcp_max_connections=2\n")
    with SipStream() as one, SipStream() as two:
        assert one.call(options(one)) and two.call(options(two))
        with SipStream() as three:
            assert three.closed()
        assert one.call(options(one))
    assert statistic(server, "local_reject") == 1
    wait_until(lambda: opened(server) == 0)
    with SipStream() as again:
        assert again.call(options(again))


def test_connect_that_is_not_answered_is_given_up(start: Start) -> None:
    """tcp_connect_timeout"""
    server = start("tcp_connect_timeout=1\n", "request_route { forward(); }")
    with socket.create_server(("127.0.0.1", 5080), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):  # nobody accepts, so a further one gets no answer
            filler = waiting.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        phone = SipSocket()
        phone.send(phone.request("OPTIONS", "sip:x@127.0.0.1:5080;transport=tcp"))
        wait_until(lambda: any(row["state"] == "CONN_CONNECT" for row in server.rpc("core.tcp_list")))
        wait_until(lambda: opened(server) == 0)
        phone.close()
    assert statistic(server, "connect_failed") == 1


def test_peer_that_does_not_read_is_closed(start: Start) -> None:
    """tcp_send_timeout, tcp_conn_wq_max"""
    server = start("tcp_send_timeout=1\ntcp_conn_wq_max=20000\n")
    with SipStream() as line:
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        with pytest.raises(ConnectionError):
            while True:  # its requests are read all the time
                line.send(options(line) * 50)
        wait_until(lambda: opened(server) == 0)
    assert statistic(server, "send_timeout") == 1 and statistic(server, "sendq_full") > 0


def test_too_long_a_message_closes_the_connection(start: Start) -> None:
    """tcp_rd_buf_size"""
    server = start("tcp_rd_buf_size=1000\n")
    with SipStream() as line:
        assert line.call(line.request("OPTIONS", "sip:127.0.0.1", body="x" * 500))
        line.send(line.request("OPTIONS", "sip:127.0.0.1", body="x" * 1000))
        assert line.closed()
    assert statistic(server, "bad_frames") == 1


def test_message_without_content_length(start: Start) -> None:
    """tcp_accept_no_cl"""
    start("tcp_accept_no_cl=yes\n")
    with SipStream() as line:
        assert line.call(options(line).replace(b"Content-Length: 0\r\n", b""))


@pytest.mark.parametrize(("more", "answer"), [("", b"\r\n"), ("tcp_crlf_ping=no\n", b"")])
def test_keepalive_is_answered(start: Start, more: str, answer: bytes) -> None:
    start(more)
    with SipStream() as line:
        line.send(b"\r\n\r\n")
        line.send(options(line))
        reply = line.receive()
        assert reply.data.startswith(answer + b"SIP/2.0 200")


JUNK = {
    "no SIP": b"hello world\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a web page": b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    "headers without end": HEAD + b"X-Header: y\r\n" * 2000,
    "a line without end": HEAD + b"X" * 70000,
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "huge length": HEAD + b"Content-Length: 4294967297\r\n\r\n",
    "no length": HEAD + b"\r\n",
    "two lengths": HEAD + b"Content-Length: 0\r\nl: 5\r\n\r\nhello",
    "no Via": b"OPTIONS sip:127.0.0.1 SIP/2.0\r\nContent-Length: 0\r\n\r\n",
}


def test_peers_that_send_junk_are_closed_and_harm_nobody(start: Start) -> None:
    server = start("")
    with SipStream() as good:
        for name, junk in JUNK.items():
            with SipStream() as bad:
                with contextlib.suppress(ConnectionError):
                    bad.send(junk)
                assert bad.closed(), name
            assert good.call(options(good)), name
    wait_until(lambda: opened(server) == 0)
    assert statistic(server, "bad_frames") == len(JUNK) - 1  # the last was a message, but a bad one
    assert "ERROR" not in server.log and "WARNING" not in server.log


def test_messages_before_junk_are_answered(start: Start) -> None:
    start("")
    with SipStream() as line:
        line.send(options(line) + options(line) + b"junk\r\n\r\n")
        assert line.expect(200) and line.expect(200)
        assert line.closed()


def test_slow_peers_hold_nothing_for_ever(start: Start) -> None:
    """Bytes that never become a message do not keep a connection alive."""
    server = start("tcp_connection_lifetime=1\n")
    with SipStream() as slow:
        end = time.monotonic() + 5
        with pytest.raises(OSError):
            while time.monotonic() < end:
                slow.send(b"O")
                time.sleep(0.1)
    assert opened(server) == 0


def test_half_a_message_and_the_end(start: Start) -> None:
    server = start("")
    for size in (1, 50, 200):
        with SipStream() as line:
            line.send(options(line)[:size])
    wait_until(lambda: statistic(server, "established") == 3 and opened(server) == 0)


def test_load_balancer_names_the_phone(start: Start) -> None:
    """tcp_accept_haproxy"""
    start("tcp_accept_haproxy=yes\n", 'request_route { sl_send_reply("200", "$si:$sp $Ri:$Rp"); }')
    with SipStream() as line:
        line.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 5070\r\n" + options(line))
        assert line.expect(200).start.endswith("192.0.2.7:40000 198.51.100.1:5070")
    with SipStream() as line:
        line.send(options(line))
        assert line.closed()


def test_load_balancer_that_says_nothing_is_closed(start: Start) -> None:
    """tcp_wait_data"""
    start("tcp_accept_haproxy=yes\ntcp_wait_data=500\n")
    with SipStream() as line:
        assert line.closed(4)


def test_alias_brings_requests_over_the_connection(start: Start) -> None:
    """tcp_accept_aliases (RFC 5923)"""
    start("tcp_accept_aliases=yes\n", 'request_route { if ($rU == "x") forward(); else sl_send_reply("200", "OK"); }')
    with SipStream() as line, SipSocket() as phone:
        line.send(options(line).replace(f":{line.port};branch".encode(), b":5999;alias;branch"))
        line.expect(200)
        phone.send(phone.request("OPTIONS", "sip:x@127.0.0.1:5999;transport=tcp"))
        assert line.expect("OPTIONS").uri == "sip:x@127.0.0.1:5999;transport=tcp"


def test_commands_have_kamailios_shapes(start: Start) -> None:
    server = start("tcp_max_connections=100\n")
    with SipStream() as line:
        number = int(line.call(options(line)).start.split()[-1])
        wait_until(lambda: not server.rpc("core.tcp_info")["write_queued_bytes"])  # the receiver has noted it
        assert server.rpc("core.tcp_info") == {
            "readers": 2, "max_connections": 100, "max_tls_connections": 2048, "opened_connections": 1,
            "opened_tls_connections": 0, "write_queued_bytes": 0,
        }  # fmt: skip
        (row,) = server.rpc("core.tcp_list")
        assert 100 < row.pop("timeout") <= 120
        assert row == {
            "id": number, "type": "TCP", "state": "CONN_OK", "lifetime": 120, "ref_count": 2,
            "src_ip": "127.0.0.1", "src_port": line.port, "dst_ip": "127.0.0.1", "dst_port": 5060,
        }  # fmt: skip
        listed = server.rpc("core.tcp_options")
        assert list(listed)[:5] == ["connect_timeout", "send_timeout", "connection_lifetime", "max_connections(soft)",
                                    "max_tls_connections(soft)"]  # fmt: skip
        assert (listed["conn_wq_max"], listed["keepalive"]) == (32768, 1)
        server.rpc("core.tcp_close_connection", number)
        assert line.closed()
    with pytest.raises(ServerError, match="404"):
        server.rpc("core.tcp_close_connection", number)


def test_limits_change_while_the_server_runs(start: Start) -> None:
    server = start("", 'loadmodule "cfg_rpc.so"\n' + ROUTES)
    server.rpc("cfg.seti", "tcp", "connection_lifetime", 1)
    assert server.rpc("core.tcp_options")["connection_lifetime"] == 1
    with SipStream() as line:
        assert line.closed(5)


@pytest.mark.parametrize("more", [{"args": ("-T",)}, {"more": "disable_tcp=yes\n"}])
def test_without_tcp_there_are_no_processes_for_it(start: Start, more: dict[str, Any]) -> None:
    server = start(**more)
    assert not [row for row in server.processes() if "tcp" in row["description"]]
    with pytest.raises(ServerError, match="500 tcp support disabled"):
        server.rpc("core.tcp_info")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(SERVER)
    with SipSocket() as phone:
        assert phone.call(options(phone))
