"""Calls between UDP and TCP through transactions, judged by what arrives: RFC 3261 16, 17 and 18.

Runs against Debian's Kamailio as well (KAHEA_TEST_SERVER=kamailio); what is Kahea's own is marked.
"""

import select
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, SipSocket, unique
from kahea.tests.support.sip_tcp import SipListener, SipStream

from .conftest import ORACLE

Start = Callable[..., Server]
own_way = pytest.mark.skipif(ORACLE, reason="Kamailio does otherwise")
CONFIG = """#!KAMAILIO
log_stderror=yes
children=2
tcp_children=2
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
auto_aliases=no
%s
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "kex.so"
loadmodule "corex.so"
modparam("tm", "fr_timer", 3000)
modparam("tm", "fr_inv_timer", 5000)
request_route {
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (has_totag()) {
        if (loose_route()) { t_relay(); exit; }
        if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
        sl_send_reply("404", "Not here"); exit;
    }
    t_check_trans();
    if (is_method("INVITE")) record_route();
    switch ($rU) {
    case "tcp": $du = "sip:127.0.0.1:5080;transport=tcp"; break;
    case "udp": $du = "sip:127.0.0.1:5090"; break;
    case "refused": $du = "sip:127.0.0.1:5099;transport=tcp"; break;
    case "stateless": $du = "sip:127.0.0.1:5090"; forward(); exit;
    case "gone": $du = "sip:127.0.0.1:5099;transport=tcp"; $var(r) = forward(); sl_send_reply("500", "$var(r)"); exit;
    case "existing": set_forward_no_connect(); $du = "sip:127.0.0.1:5080;transport=tcp"; break;
    case "replyclose": set_reply_close(); sl_send_reply("200", "OK"); exit;
    case "fork":
        append_branch("sip:second@127.0.0.1:5080;transport=tcp");
        $du = "sip:127.0.0.1:5099;transport=tcp";
        break;
    case "alias": force_tcp_alias(); sl_send_reply("200", "OK"); exit;
    case "by": $du = "sip:127.0.0.1:5080"; t_relay_to_tcp(); exit;
    default: sl_send_reply("200", "$proto"); exit;
    }
    t_relay();
    exit;
}
"""


class Listener(SipListener):
    """One that closes what it has accepted, too."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.accepted: list[SipStream] = []

    def accept(self, timeout: float = 2.0) -> SipStream:
        self.accepted.append(super().accept(timeout))
        return self.accepted[-1]

    def close(self) -> None:
        for line in self.accepted:
            line.close()
        super().close()


@pytest.fixture
def callee() -> Iterator[SipListener]:
    """Where the server connects to; it does so with the first request."""
    with Listener(5080) as listener:
        yield listener


@pytest.fixture
def datagrams() -> Iterator[SipSocket]:
    line = SipSocket(5090)
    yield line
    line.close()


@pytest.fixture(params=["udp", "tcp"])
def caller(request: pytest.FixtureRequest, start: Start) -> Iterator[SipSocket]:
    start()
    line = SipStream() if request.param == "tcp" else SipSocket()
    yield line
    line.close()


@pytest.fixture
def start(start_proxy: Start) -> Start:
    return lambda params="": start_proxy(script=CONFIG % params)


def contact(line: SipSocket) -> str:
    over = "" if line.transport == "UDP" else f";transport={line.transport.lower()}"
    return f"Contact: <sip:x@127.0.0.1:{line.port}{over}>"


def uri(message: SipMessage) -> str:
    return message.get("Contact").strip("<>")


def invite(line: SipSocket, user: str, **more: Any) -> bytes:
    return line.request("INVITE", f"sip:{user}@example.com", contact(line), call_id=unique("call"), **more)


def via_over(message: SipMessage) -> str:
    return message.all("Via")[0].split()[0]


@pytest.mark.parametrize("to", ["tcp", "udp"])
def test_a_call(caller: SipSocket, callee: SipListener, datagrams: SipSocket, to: str) -> None:
    """INVITE 180 200 ACK, BYE by the callee: each message once, by the transport of its side."""
    caller.send(invite(caller, to))
    line = callee.accept() if to == "tcp" else datagrams
    asked = line.expect("INVITE")
    mixed = caller.transport.lower() != to
    assert via_over(asked) == f"SIP/2.0/{to.upper()}"
    assert len(asked.all("Record-Route")) == (2 if mixed else 1)
    assert all("r2=on" in value for value in asked.all("Record-Route")) == mixed
    if to == "tcp":
        assert line.silent(1.2)  # T1 has passed twice: over a stream nothing is repeated
    line.send(asked.reply(180), line.peer)
    caller.expect(180)
    line.send(asked.reply(200, "OK", contact(line)), line.peer)
    ok = caller.expect(200)
    routes = [f"Route: {route}" for route in reversed(ok.all("Record-Route"))]
    caller.send(caller.request("ACK", uri(ok), *routes, to=ok.get("To"), call_id=ok.get("Call-ID")))
    ack = line.expect("ACK")
    assert via_over(ack) == f"SIP/2.0/{to.upper()}" and not ack.all("Route")
    routes = [f"Route: {route}" for route in asked.all("Record-Route")]
    line.send(
        line.request("BYE", uri(asked), *routes, to=asked.get("From"), from_=ok.get("To"), call_id=ok.get("Call-ID")),
        line.peer,
    )
    bye = caller.expect("BYE")
    assert via_over(bye) == f"SIP/2.0/{caller.transport}"
    caller.send(bye.reply(200, "OK"))
    assert line.expect(200).method == "BYE"


def test_cancel_and_the_ack_of_a_failure_by_the_connection_of_the_invite(
    caller: SipSocket, callee: SipListener
) -> None:
    branch = unique("z9hG4bK")
    data = invite(caller, "tcp", branch=branch)
    caller.send(data)
    line = callee.accept()
    asked = line.expect("INVITE")
    line.send(asked.reply(180))
    caller.expect(180)
    sent = SipMessage(data)
    caller.send(caller.request("CANCEL", sent.uri, branch=branch, call_id=sent.get("Call-ID")))
    cancel = line.expect("CANCEL")
    assert cancel.branch == asked.branch
    line.send(cancel.reply(200, "OK"))
    line.send(asked.reply(487, "Terminated"))
    assert line.expect("ACK").branch == asked.branch
    terminated = caller.expect(487)
    caller.send(caller.request("ACK", sent.uri, branch=branch, to=terminated.get("To"), call_id=sent.get("Call-ID")))
    assert line.silent(1.2)
    if caller.transport == "TCP":
        assert caller.silent(1.2)


@pytest.mark.parametrize("to", ["tcp", "udp"])
def test_a_failure_is_repeated_over_udp_only(
    caller: SipSocket, callee: SipListener, datagrams: SipSocket, to: str
) -> None:
    caller.send(invite(caller, to))
    line = callee.accept() if to == "tcp" else datagrams
    asked = line.expect("INVITE")
    line.send(asked.reply(486, "Busy"), line.peer)
    line.expect("ACK")
    caller.expect(486)
    if caller.transport == "TCP":
        assert caller.silent(1.2)
    else:
        assert caller.expect(486)


def test_a_refused_connection(caller: SipSocket) -> None:
    caller.send(invite(caller, "refused"))
    assert caller.expect(477)
    caller.send(caller.request("OPTIONS", "sip:gone@example.com"))
    assert caller.expect(500).start.endswith("500 -477")


def test_one_branch_refused_the_other_answers(caller: SipSocket, callee: SipListener) -> None:
    caller.send(invite(caller, "fork"))
    line = callee.accept()
    asked = line.expect("INVITE")
    assert asked.uri.startswith("sip:second@")
    line.send(asked.reply(404))
    assert caller.expect(404)


def test_only_over_a_connection_that_exists(caller: SipSocket, callee: SipListener) -> None:
    caller.send(caller.request("OPTIONS", "sip:existing@example.com"))
    assert caller.expect(477)
    caller.send(caller.request("OPTIONS", "sip:tcp@example.com"))
    line = callee.accept()
    line.send(line.expect("OPTIONS").reply(200))
    assert caller.expect(200)
    caller.send(caller.request("OPTIONS", "sip:existing@example.com"))
    line.send(line.expect("OPTIONS").reply(200))
    assert caller.expect(200)


def test_the_protocol_that_the_script_asks_for(caller: SipSocket, callee: SipListener) -> None:
    caller.send(caller.request("OPTIONS", "sip:by@example.com"))
    assert callee.accept().expect("OPTIONS")


def test_a_reply_that_closes(start: Start) -> None:
    start()
    with SipStream() as line:
        line.send(line.request("OPTIONS", "sip:replyclose@example.com"))
        assert line.expect(200)
        assert line.closed()


@pytest.mark.parametrize("way", ["udp", "stateless"])
@pytest.mark.parametrize("rport", ["", pytest.param(";rport", marks=own_way)])
def test_a_reply_whose_connection_is_lost(start: Start, datagrams: SipSocket, way: str, rport: str) -> None:
    """It goes by a new one to where the client listens (RFC 3261 18.2.2)."""
    start()
    with Listener(5070) as listens:
        with SipStream() as line:
            data = line.request("OPTIONS", f"sip:{way}@example.com")
            line.send(data.replace(b"127.0.0.1:%d;" % line.port, b"127.0.0.1:5070%s;" % rport.encode()))
            asked = datagrams.expect("OPTIONS")
        datagrams.silent(0.3)
        datagrams.send(asked.reply(200), datagrams.peer)
        assert listens.accept().expect(200)


def test_an_alias_is_found_by_the_port_of_the_via(start: Start, callee: SipListener) -> None:
    """Who says that it listens on 5080 gets what goes there, over the connection that it made."""
    start()
    with SipStream() as line, SipSocket() as other:
        line.send(line.request("OPTIONS", "sip:alias@example.com").replace(b":%d;" % line.port, b":5080;"))
        assert line.expect(200)
        other.send(other.request("OPTIONS", "sip:tcp@example.com"))
        line.send(line.expect("OPTIONS").reply(200))
        assert other.expect(200)


@pytest.mark.parametrize("way", ["udp", "stateless"])
def test_what_is_too_long_for_a_datagram(start: Start, datagrams: SipSocket, way: str) -> None:
    start("udp_mtu=1000\nudp_mtu_try_proto=TCP")
    with Listener(5090) as listens, SipSocket() as line:
        for size in (10, 1000):
            line.send(line.request("OPTIONS", f"sip:{way}@example.com", body="x" * size))
            over = listens.accept() if size == 1000 else datagrams
            asked = over.expect("OPTIONS")
            assert via_over(asked) == f"SIP/2.0/{over.transport}"
            over.send(asked.reply(200), over.peer)
            assert line.expect(200)


@own_way
def test_what_is_too_long_for_a_datagram_where_nobody_takes_connections(start: Start, datagrams: SipSocket) -> None:
    start("udp_mtu=1000\nudp_mtu_try_proto=TCP")
    with SipSocket() as line:
        for way in ("udp", "stateless"):
            line.send(line.request("OPTIONS", f"sip:{way}@example.com", body="x" * 1000))
            asked = datagrams.expect("OPTIONS")
            assert via_over(asked) == "SIP/2.0/UDP"
            datagrams.send(asked.reply(200), datagrams.peer)
            assert line.expect(200)


def test_both_ways_at_once(start: Start, callee: SipListener) -> None:
    """Fifty requests from each of four clients through few connections to the callee, each answered to its client."""
    start()
    clients: list[SipSocket] = [SipStream(), SipStream(), SipSocket(), SipSocket()]
    wanted = {}
    for client in clients:
        for _ in range(50):
            data = client.request("OPTIONS", "sip:tcp@example.com")
            wanted[SipMessage(data).get("Call-ID")] = client
            client.send(data)
    lines = [callee.accept()]
    answered = 0
    while answered < len(wanted):
        ready, _, _ = select.select([callee.socket, *(line.socket for line in lines)], [], [], 3)
        assert ready or any(line.complete() for line in lines), f"{answered} of {len(wanted)}"
        if callee.socket in ready:
            lines.append(callee.accept())  # two workers may have connected at the same moment
        for line in lines:
            if line.socket in ready:
                line.more(1)
            while line.complete():
                line.send(line.receive().reply(200))
                answered += 1
    for client in clients:
        own = {call_id for call_id, whose in wanted.items() if whose is client}
        while own:
            own.discard(client.expect(200, 3).get("Call-ID"))
        client.close()
