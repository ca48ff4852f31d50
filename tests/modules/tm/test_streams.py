"""Transactions over TCP: nothing is repeated, what cannot be sent fails at once, each message finds its connection."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import ScriptTest
from kahea.core.scripttest.message import Message

Load = Callable[..., ScriptTest]
CALLER, CALLEE, OTHER = ("192.0.2.100", 40000), ("198.51.100.7", 5060), ("198.51.100.8", 5060)
SCRIPT = """
listen=udp:192.0.2.1:5060
listen=tcp:192.0.2.1:5060
auto_aliases=no
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "rr.so"
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "textops.so"
loadmodule "siputils.so"
modparam("tm", "fr_timer", 30000)
request_route {
    if (is_method("CANCEL")) { t_relay_cancel(); exit; }
    if (has_totag()) { loose_route(); t_relay(); exit; }
    if (is_method("ACK")) { t_relay(); exit; }
    if (is_method("INVITE")) { record_route(); }
    t_on_failure("FAILED");
    switch ($rU) {
    case "udp": $du = "sip:198.51.100.7"; break;
    case "tcp": $du = "sip:198.51.100.7;transport=tcp"; break;
    case "other": $du = "sip:198.51.100.8;transport=tcp"; break;
    case "fork": append_branch("sip:bob@198.51.100.7;transport=tcp"); $du = "sip:198.51.100.8;transport=tcp"; break;
    case "by": append_branch("sip:bob@198.51.100.8"); $du = "sip:198.51.100.7"; t_relay_to_tcp(); exit;
    case "to": t_relay_to_tcp("198.51.100.7", "5060"); exit;
    case "tls": $du = "sip:198.51.100.7;transport=tls"; break;
    case "close": set_reply_close(); $du = "sip:198.51.100.7"; break;
    }
    $avp(rc) = t_relay();
    if ($avp(rc) < 0) { append_to_reply("X-Code: $avp(rc)\\r\\n"); }
}
failure_route[FAILED] {
    if (t_is_canceled()) exit;
    if ($rU == "by") { $du = "sip:198.51.100.9"; t_relay(); exit; }
    xlog("L_ERR", "all failed: $T_reply_code\\n");
}
"""


@pytest.fixture
def script(kahea_script: Load) -> ScriptTest:
    return kahea_script(SCRIPT)


def invite(script: ScriptTest, user: str, over: str = "udp") -> list[Message]:
    return script.send("INVITE", f"sip:{user}@example.com", source=CALLER, over=over).sent


def how(messages: list[Message]) -> list[str]:
    return [f"{m.method if m.is_request else m.status} {m.over} {m.to}" for m in messages]


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a_request_is_repeated_as_a_datagram_only(script: ScriptTest, over: str, method: str) -> None:
    first = script.send(method, f"sip:{over}@example.com", source=CALLER).relayed.only()
    assert first.over == over
    later = script.advance(29).requests(method)
    assert len(later) == (0 if over == "tcp" else 9)  # after 0.5, 1, 2 and each 4 s
    out = script.advance(3)  # timers B and F run all the same
    assert out.replied[0] == 408 and "all failed: 408" in script.log


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a_failure_is_repeated_to_a_caller_by_datagrams_only(script: ScriptTest, over: str) -> None:
    request = invite(script, "tcp", over)[-1]
    out = script.answer(request, 486)
    assert how(out.sent) == ["ACK tcp 198.51.100.7:5060", f"486 {over} 192.0.2.100:40000"]
    repeats = script.advance(20).replied
    assert repeats == ([] if over == "tcp" else [486] * len(repeats)) and (over == "tcp" or len(repeats) > 4)


def test_cancel_goes_by_the_connection_of_its_invite_and_once(script: ScriptTest) -> None:
    request = invite(script, "tcp", "tcp")[-1]
    script.answer(request, 180)
    out = script.cancel()
    assert how(out.sent) == ["200 tcp 192.0.2.100:40000", "CANCEL tcp 198.51.100.7:5060"]
    assert out.relayed[0].connection == request.connection != 0
    assert script.advance(20).silent
    out = script.answer(request, 487)
    assert how(out.sent) == ["ACK tcp 198.51.100.7:5060", "487 tcp 192.0.2.100:40000"]


def test_a_cell_between_streams_does_not_wait_for_repeats(script: ScriptTest) -> None:
    def left(user: str, over: str) -> list[int]:
        request = invite(script, user, over)[-1]
        reply = script.answer(request, 404).replies.only()
        branch = {"Via": reply.header("Via") or "", "Route": ""}
        script.send("ACK", f"sip:{user}@example.com", source=CALLER, over=over, within=reply, headers=branch)
        counts = []
        for seconds in (0.5, 6):
            script.advance(seconds)
            counts.append(script.rpc("tm.stats")["current"])
        return counts

    assert left("tcp", "tcp") == [0, 0]
    assert left("tcp", "udp") == [1, 0]
    assert left("udp", "tcp") == [1, 0]


# what cannot be sent


def test_a_refused_connection_is_an_error_of_relaying_and_no_failure(script: ScriptTest) -> None:
    script.refuse(CALLEE)
    trying, error = invite(script, "tcp")
    assert (trying.status, error.status) == (100, 477)
    assert error.reason == "Unfortunately error on sending to next hop occurred (477/TM)"
    assert error.header("X-Code") == "-1" and "all failed" not in script.log
    assert script.advance(29).requests("INVITE") == []


def test_no_socket_of_that_transport(script: ScriptTest) -> None:
    error = invite(script, "tls")[-1]
    assert (error.status, error.header("X-Code")) == (500, "-7")


def test_the_other_branch_goes_on_when_one_is_refused(script: ScriptTest) -> None:
    script.refuse(OTHER)
    sent = invite(script, "fork")
    assert how(sent) == ["100 udp 192.0.2.100:40000", "INVITE tcp 198.51.100.7:5060"]
    out = script.answer(sent[-1], 486)
    assert out.replied == [486]  # not the 408 of the branch that never was
    assert "all failed: 486" in script.log


def test_all_branches_refused(script: ScriptTest) -> None:
    script.refuse(OTHER)
    script.refuse(CALLEE)
    assert [m.status for m in invite(script, "fork")] == [100, 477]


# protocols that the script asks for


def test_one_protocol_for_all_branches_of_one_relay(script: ScriptTest) -> None:
    sent = invite(script, "by")[1:]
    assert how(sent) == ["INVITE tcp 198.51.100.7:5060", "INVITE tcp 198.51.100.8:5060"]
    assert [m.uri for m in sent] == ["sip:by@example.com", "sip:bob@198.51.100.8"]
    script.answer(sent[0], 404)
    out = script.answer(sent[1], 404)
    assert how(out.requests("INVITE")) == ["INVITE udp 198.51.100.9:5060"]  # not for what failure_route does


def test_a_protocol_with_an_address(script: ScriptTest) -> None:
    assert how(invite(script, "to")[1:]) == ["INVITE tcp 198.51.100.7:5060"]


def test_only_the_final_reply_closes_the_connection(script: ScriptTest) -> None:
    trying, request = invite(script, "close", "tcp")
    ringing = script.answer(request, 180).replies.only()
    ok = script.answer(request, 200).replies.only()
    assert [m.closes for m in (trying, ringing, ok)] == [False, False, True]


# a whole call between transports


@pytest.mark.parametrize(("caller", "callee"), [("udp", "tcp"), ("tcp", "udp"), ("tcp", "tcp"), ("udp", "udp")])
def test_a_call_from_one_transport_to_the_other(script: ScriptTest, caller: str, callee: str) -> None:
    request = invite(script, callee, caller)[-1]
    shown = {"udp": "<sip:192.0.2.1", "tcp": "<sip:192.0.2.1;transport=tcp"}
    rr = [f"{shown[each]};r2=on;lr;ftag=from1>" for each in (callee, caller)]
    assert request.headers("Record-Route") == (rr if caller != callee else [f"{shown[caller]};lr;ftag=from1>"])
    assert (request.headers("Via")[0]).startswith(f"SIP/2.0/{callee.upper()} 192.0.2.1;")
    ok = script.answer(request, 200).replies.only()
    assert how([ok]) == [f"200 {caller} 192.0.2.100:40000"]
    ack = script.send("ACK", within=ok, source=CALLER).relayed.only()
    assert (ack.over, ack.to, ack.headers("Route")) == (callee, "198.51.100.7:5060", [])
    assert (ack.headers("Via")[0]).startswith(f"SIP/2.0/{callee.upper()} 192.0.2.1;")
    # the called party hangs up: over its own connection, and on over the caller's
    bye = script.send("BYE", within=request).relayed.only()
    assert (bye.over, bye.to) == (caller, "192.0.2.100:40000")
    assert script.answer(bye, 200).replies.only().over == callee
    if caller == "tcp":
        assert bye.connection == ok.connection
    if callee == "tcp":
        assert ack.connection == request.connection
