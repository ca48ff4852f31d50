"""Stateless replies, on the wire: content, ACKs, errors, statistics, event routes."""

from collections.abc import Callable

import pytest

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, SipSocket

Start = Callable[..., Server]
Sockets = Callable[..., SipSocket]
SERVER = ("127.0.0.1", 5060)
CFG = """
loadmodule "sl.so"
loadmodule "jsonrpcs.so"
request_route {
  if ($rU == "moved") { append_branch("sip:b@192.0.2.2"); $ru = "sip:a@192.0.2.1"; sl_send_reply("302", "Off"); exit; }
  if ($rU == "error") { sl_reply_error(); exit; }
  if ($rU == "nowhere") { forward("sip:nosuch.invalid"); sl_reply_error(); exit; }
  #!ifdef MOD_textops
  if ($rU == "headers") { append_to_reply("X-A: 1\\r\\n"); send_reply("200", "Fine"); exit; }
  #!endif
  if ($rU == "variable") { $var(code) = 486; sl_send_reply("$var(code)", "Busy $rU"); exit; }
  if ($rU == "bad") { $var(code) = 42; sl_send_reply("$var(code)", "no"); sl_send_reply("503", "refused"); exit; }
  sl_send_reply("404", "Not here");
}
event_route[sl:local-response] { log(1, "replied locally\n"); }
event_route[sl:filtered-ack] { log(1, "absorbed an ACK\n"); }
"""


def message(method: str, user: str, to_tag: str = "", call_id: str = "c1", port: int = 5099) -> bytes:
    to = "<sip:b@127.0.0.1>" + (f";tag={to_tag}" if to_tag else "")
    return (
        f"{method} sip:{user}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{user}\r\n"
        f"From: <sip:a@127.0.0.1>;tag=f\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


@pytest.fixture
def client(sip_socket: Sockets) -> SipSocket:
    return sip_socket(5099)


def ask(client: SipSocket, data: bytes) -> SipMessage:
    client.send(data, SERVER)
    return client.receive()


def tag_of(reply: SipMessage) -> str:
    return reply.get("To").partition(";tag=")[2]


def test_reply_has_a_tag_that_a_retransmission_gets_too(start_server: Start, client: SipSocket) -> None:
    start_server(CFG)
    first, again = ask(client, message("INVITE", "x")), ask(client, message("INVITE", "x"))
    assert (first.status, first.start) == (404, "SIP/2.0 404 Not here")
    assert tag_of(first) and tag_of(first) == tag_of(again)
    assert tag_of(ask(client, message("INVITE", "x", call_id="c2"))) != tag_of(first)


def test_ack_to_a_stateless_reply_is_absorbed_and_a_foreign_one_is_not_answered(
    start_server: Start, client: SipSocket
) -> None:
    server = start_server(CFG)
    reply = ask(client, message("INVITE", "x"))
    client.send(message("ACK", "x", tag_of(reply)), SERVER)
    client.send(message("ACK", "x", "0123456789abcdef.0123456789abcdef"), SERVER)
    assert ask(client, message("OPTIONS", "y")).status == 404  # the next thing that comes back
    stats = server.rpc("sl.stats")
    assert (stats["received_ACKs"], stats["404"], stats["sent"]) == (1, 2, 2)
    server.wait_log("replied locally")
    server.wait_log("absorbed an ACK")


def test_redirection_names_the_destination_set(start_server: Start, client: SipSocket) -> None:
    start_server(CFG)
    reply = ask(client, message("INVITE", "moved"))
    assert (reply.status, reply.get("Contact")) == (302, "<sip:a@192.0.2.1>, <sip:b@192.0.2.2>")


def test_reply_error_says_what_went_wrong(start_server: Start, client: SipSocket) -> None:
    start_server(CFG)
    assert ask(client, message("OPTIONS", "error")).start == "SIP/2.0 500 Internal Server Error"
    assert ask(client, message("OPTIONS", "nowhere")).status == 478


def test_header_for_replies_is_in_it(start_server: Start, client: SipSocket) -> None:
    start_server('loadmodule "textops.so"\n' + CFG)
    reply = ask(client, message("OPTIONS", "headers"))
    assert (reply.start, reply.get("X-A")) == ("SIP/2.0 200 Fine", "1")


def test_code_and_reason_may_be_variables(start_server: Start, client: SipSocket) -> None:
    start_server(CFG)
    assert ask(client, message("OPTIONS", "variable")).start == "SIP/2.0 486 Busy variable"
    assert ask(client, message("OPTIONS", "bad")).start == "SIP/2.0 503 refused"


def test_malformed_request_is_answered_before_the_script(start_server: Start, client: SipSocket) -> None:
    start_server(CFG)
    assert ask(client, message("OPTIONS", "x").replace(b"CSeq: 1", b"CSeq: one")).status == 400
    assert ask(client, message("OPTIONS", "x").replace(b"x@127.0.0.1 SIP/2.0", b"x@127.0.0.1 SIP/3.0")).status == 505
    client.send(b"nonsense that is no message at all, and rather long\r\n\r\n", SERVER)
    assert ask(client, message("OPTIONS", "x")).status == 404
