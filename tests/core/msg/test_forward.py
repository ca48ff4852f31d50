"""Stateless forwarding and the way of a message through the script, on the wire."""

from collections.abc import Callable

import pytest

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, SipSocket

Start = Callable[..., Server]
Sockets = Callable[..., SipSocket]
CFG = """
request_route {
  if (method == "INFO") { force_rport(); }
  if (method == "MESSAGE") { forward("sip:nosuch.invalid"); exit; }
  rewritehostport("127.0.0.1:5080");
  if (method == "SUBSCRIBE") { rewritehostport("localhost:5080"); }
  forward();
}
"""


class Ends:
    """A client and a server side, with the proxy between."""

    def __init__(self, make: Sockets) -> None:
        self.uac, self.uas = make(5099), make(5080)

    def ask(self, method: str = "OPTIONS", via: str = "127.0.0.1:5099", headers: str = "") -> SipMessage:
        """Send a request; what arrives at the other side."""
        self.uac.send(
            f"{method} sip:b@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bK{method}\r\n"
            f"From: <sip:a@127.0.0.1>;tag=f\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: c1\r\nCSeq: 1 {method}\r\n"
            f"Max-Forwards: 70\r\n{headers}Content-Length: 0\r\n\r\n".encode(),
            ("127.0.0.1", 5060),
        )
        return self.uas.receive()

    def answer(self, request: SipMessage, status: int) -> SipMessage:
        """Send a reply; what arrives at the client."""
        self.uas.send(request.reply(status), ("127.0.0.1", 5060))
        return self.uac.receive()


@pytest.fixture
def ends(sip_socket: Sockets) -> Ends:
    return Ends(sip_socket)


def test_request_and_reply_go_through_with_our_via_between(start_server: Start, ends: Ends) -> None:
    start_server(CFG)
    request = ends.ask()
    assert request.uri == "sip:b@127.0.0.1:5080"
    assert request.all("Via")[1] == "SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKOPTIONS"
    assert request.all("Via")[0].startswith("SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK")
    reply = ends.answer(request, 200)
    assert (reply.status, reply.all("Via")) == (200, request.all("Via")[1:])


def test_retransmission_gets_the_same_branch(start_server: Start, ends: Ends) -> None:
    start_server(CFG)
    assert ends.ask().branch == ends.ask().branch != ends.ask("REGISTER").branch


def test_reply_finds_the_client_whose_via_lies(start_server: Start, ends: Ends) -> None:
    start_server(CFG)
    request = ends.ask(via="192.0.2.99:5099;rport")
    assert "received=127.0.0.1" in request.all("Via")[1]
    assert "rport=5099" in request.all("Via")[1]
    assert ends.answer(request, 200).status == 200


def test_force_rport_brings_the_reply_to_the_port_it_came_from(start_server: Start, ends: Ends) -> None:
    start_server(CFG)
    assert ends.answer(ends.ask("INFO", via="192.0.2.99:1"), 200).status == 200


def test_name_of_the_next_hop_is_resolved(start_server: Start, ends: Ends) -> None:
    start_server(CFG)
    assert ends.ask("SUBSCRIBE").uri == "sip:b@localhost:5080"


def test_destination_that_means_nothing_costs_nothing_but_a_counter(start_server: Start, ends: Ends) -> None:
    server = start_server(CFG + 'loadmodule "jsonrpcs.so"\n')
    with pytest.raises(TimeoutError):
        ends.ask("MESSAGE")
    assert ends.ask().method == "OPTIONS"
    numbers = server.rpc("stats.get_statistics", "core:")
    text = str(numbers)
    assert "err_requests = 1" in text and "fwd_requests = 1" in text and "rcv_requests = 2" in text, text


@pytest.mark.parametrize(
    ("route", "arrives"),
    [
        ("drop;", False),
        ("exit;", True),
        ("return 0;", False),
        ("return -1;", False),
        ('append_hf("X: 1\\r\\n");', True),
    ],
)
def test_reply_route_decides_about_the_reply(start_server: Start, ends: Ends, route: str, arrives: int) -> None:
    start_server('loadmodule "textops.so"\n' + CFG + f"reply_route {{ {route} }}\n")
    ends.uas.send(ends.ask().reply(200), ("127.0.0.1", 5060))
    if arrives:
        assert ends.uac.receive().header("X") == ("1" if "append_hf" in route else None)
    else:
        assert ends.uac.silent()


def test_onsend_route_may_stop_a_request(start_server: Start, ends: Ends) -> None:
    start_server(CFG + 'onsend_route { if (method == "INFO") { drop; } }\n')
    assert ends.ask().method == "OPTIONS"
    with pytest.raises(TimeoutError):
        ends.ask("INFO")


def test_reply_with_a_foreign_via_is_dropped_when_checked(start_server: Start, ends: Ends) -> None:
    start_server(CFG + "check_via=yes\n")
    reply = ends.ask().reply(200)
    ends.uas.send(reply.replace(b"UDP 127.0.0.1;", b"UDP 127.0.0.9;"), ("127.0.0.1", 5060))
    assert ends.uac.silent()
    ends.uas.send(reply, ("127.0.0.1", 5060))
    assert ends.uac.receive().status == 200


def test_wildcard_socket_shows_an_address_that_others_reach(start_server: Start, ends: Ends) -> None:
    start_server("listen=udp:0.0.0.0:5060\nauto_aliases=no\n" + CFG)
    request = ends.ask()
    assert "0.0.0.0" not in request.all("Via")[0]
    assert ends.answer(request, 200).status == 200


def test_reply_without_a_second_via_goes_nowhere(start_server: Start, ends: Ends) -> None:
    start_server(CFG)
    request = ends.ask()
    lonely = b"\r\n".join(line for line in request.reply(200).split(b"\r\n") if b":5099" not in line)
    ends.uas.send(lonely, ("127.0.0.1", 5060))
    assert ends.uac.silent()
    assert ends.ask().method == "OPTIONS"


def test_edited_body_arrives_with_its_length(start_server: Start, ends: Ends) -> None:
    start_server('loadmodule "textops.so"\n' + CFG.replace("{", '{ append_hf("X-A: 1\\r\\n");', 1))
    assert ends.ask(headers="X-B: 2\r\n").get("X-A") == "1"
