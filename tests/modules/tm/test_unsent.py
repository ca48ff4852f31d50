"""Connections that fail after t_relay() was content: the branch ends at once, not by its timer (RFC 3261 16.9)."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket

CFG = """#!KAMAILIO
debug=2
children=2
tcp_children=1
tcp_connect_timeout=%d
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
auto_aliases=no
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "jsonrpcs.so"
modparam("tm", "fr_timer", 20000)
modparam("tm", "fr_inv_timer", 20000)
request_route {
    if ($rm == "ACK") { t_relay(); exit; }
    t_on_failure("NEXT");
    $du = "sip:127.0.0.1:5080;transport=tcp";
    $var(r) = t_relay();
    xlog("relayed: $var(r)\\n");
    exit;
}
failure_route[NEXT] {
    if (t_branch_timeout()) xlog("failed: $T_reply_code\\n");
    if ($rU == "next") { $du = "sip:127.0.0.1:5090"; t_relay(); }
}
"""


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """A port that answers no SYN: its backlog is full."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 5080))
    listener.listen(0)
    fill = [socket.socket() for _ in range(3)]
    for sock in fill:
        sock.setblocking(False)
        sock.connect_ex(listener.getsockname())
    time.sleep(0.05)
    yield listener
    for sock in (*fill, listener):
        sock.close()


def started(start_server: Callable[..., Server], limit: int) -> Server:
    return start_server(CFG % limit, workers=None)


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_a_silent_peer_is_a_timeout_as_soon_as_the_connection_is(
    isolated: None, start_server: Callable[..., Server], deaf: socket.socket, method: str
) -> None:
    server = started(start_server, 1)
    with SipSocket() as caller:
        caller.send(caller.request(method, "sip:bob@127.0.0.1"))
        assert caller.expect(408, 6)
    assert "relayed: 1" in server.log and "failed: 408" in server.log


def test_a_refusal_that_comes_late_is_an_unavailable_service(
    isolated: None, start_server: Callable[..., Server], deaf: socket.socket
) -> None:
    server = started(start_server, 10)
    with SipSocket() as caller, SipSocket(5090) as other:
        caller.send(caller.request("INVITE", "sip:next@127.0.0.1"))
        server.wait_log("relayed: 1")
        deaf.close()  # the next SYN is answered by a reset
        request = other.expect("INVITE", 6)
        assert "failed: 503" in server.log
        other.send(request.reply(200, "OK"), other.peer)
        assert caller.expect(200)
