"""Scripts that serve TCP, under test: which transport, socket and connection a message comes by and leaves by."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import ScriptTest

Load = Callable[..., ScriptTest]
PHONE = ("192.0.2.100", 40000)
BOTH = """
listen=udp:192.0.2.1:5060
listen=tcp:192.0.2.1:5060
listen=tls:192.0.2.1
loadmodule "sl.so"
loadmodule "pv.so"
"""
PROXY = (
    BOTH
    + """
request_route {
    if ($rU == "tcp") { $du = "sip:198.51.100.7;transport=tcp"; forward(); exit; }
    if ($rU == "udp") { $du = "sip:198.51.100.7"; forward(); exit; }
    if ($rU == "close") { set_reply_close(); }
    if ($rU == "again") { set_forward_no_connect(); $du = "sip:198.51.100.9;transport=tcp"; forward(); exit; }
    sl_send_reply("200", "$pr $Rp");
}
"""
)


@pytest.mark.parametrize(("over", "port"), [("udp", 5060), ("tcp", 5060), ("tls", 5061)])
def test_a_message_arrives_over_a_transport_and_is_answered_over_it(kahea_script: Load, over: str, port: int) -> None:
    script = kahea_script(PROXY)
    reply = script.send("OPTIONS", "sip:192.0.2.1", source=PHONE, over=over).replies.only()
    assert (reply.reason, reply.over, reply.socket) == (f"{over} {port}", over, f"{over}:192.0.2.1:{port}")
    assert reply.to == "192.0.2.100:40000"
    assert reply.connection == (0 if over == "udp" else script.get("$conid"))


def test_messages_of_one_source_come_over_one_connection(kahea_script: Load) -> None:
    script = kahea_script(PROXY)
    first, again = (script.send("OPTIONS", "sip:192.0.2.1", over="tcp").replies[0] for _ in range(2))
    other = script.send("OPTIONS", "sip:192.0.2.1", over="tcp", source=("192.0.2.101", 5060)).replies[0]
    assert 0 != first.connection == again.connection != other.connection


def test_a_request_and_its_reply_between_transports(kahea_script: Load) -> None:
    script = kahea_script(PROXY)
    sent = script.send("OPTIONS", "sip:tcp@192.0.2.1", source=PHONE).relayed.only()
    assert (sent.over, sent.to, sent.where) == ("tcp", "198.51.100.7:5060", "tcp:198.51.100.7:5060")
    assert (sent.header("Via") or "").startswith("SIP/2.0/TCP 192.0.2.1;") and sent.connection
    reply = script.answer(sent, 200).replies.only()
    assert (reply.over, reply.to) == ("udp", "192.0.2.100:40000")
    assert script.get("$conid") == sent.connection
    sent = script.send("OPTIONS", "sip:udp@192.0.2.1", source=PHONE, over="tcp").relayed.only()
    assert (sent.over, sent.connection) == ("udp", 0)
    reply = script.answer(sent, 200).replies.only()
    assert (reply.over, reply.to, reply.connection) == ("tcp", "192.0.2.100:40000", 2)


def test_what_a_socket_is_not_there_for_is_an_error(kahea_script: Load) -> None:
    script = kahea_script(PROXY)
    with pytest.raises(AssertionError, match="does not listen on ws"):
        script.send("OPTIONS", "sip:192.0.2.1", over="ws")
    with pytest.raises(AssertionError, match=r"does not listen on tcp:192\.0\.2\.9:5060"):
        script.send("OPTIONS", "sip:192.0.2.1", over="tcp", at="tcp:192.0.2.9:5060")
    with pytest.raises(AssertionError, match=r"no connection over tcp with 192\.0\.2\.100:5060"):
        script.lose()


def test_lost_and_refused_connections(kahea_script: Load) -> None:
    script = kahea_script(PROXY)
    assert script.send("OPTIONS", "sip:again@192.0.2.1").silent
    script.send("OPTIONS", "sip:192.0.2.1", source=("198.51.100.9", 5060), over="tcp")
    assert script.send("OPTIONS", "sip:again@192.0.2.1").relayed.only().connection == 1
    script.lose(("198.51.100.9", 5060))
    assert script.send("OPTIONS", "sip:again@192.0.2.1").silent
    assert script.send("OPTIONS", "sip:tcp@192.0.2.1").relayed_to == ["198.51.100.7:5060"]
    script.refuse(("198.51.100.7", 5060))
    assert script.send("OPTIONS", "sip:tcp@192.0.2.1").silent


def test_a_connection_that_a_message_closes(kahea_script: Load) -> None:
    script = kahea_script(PROXY)
    first, second = (script.send("OPTIONS", "sip:close@192.0.2.1", over="tcp").replies.only() for _ in range(2))
    assert first.closes and second.closes and first.connection != second.connection
    assert "tcp:192.0.2.100:5060" in script.transcript.text("")
