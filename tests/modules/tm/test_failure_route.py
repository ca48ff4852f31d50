"""failure_route, branch_route and onreply_route of a script, message by message, on a clock of their own."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import Outcome, ScriptTest

Load = Callable[..., ScriptTest]
HEAD = """
listen=udp:192.0.2.1:5060
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
modparam("tm", "fr_timer", 3000)
request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  t_check_trans();
  t_on_failure("F"); t_on_branch("B"); t_on_reply("R");
  $ru = "sip:bob@198.51.100.7:5080";
  t_relay();
}
branch_route[B] { append_hf("X-Branch: $T_branch_idx\\r\\n"); }
onreply_route[R] { if (status == "183") drop; }
failure_route[F] { if (t_is_canceled()) exit; %s }
"""
FIRST, SECOND = "198.51.100.7:5080", "198.51.100.8:5080"


def invited(load: Load, failure: str) -> tuple[ScriptTest, Outcome]:
    """A script with this failure_route, and an INVITE that it relayed."""
    script = load(HEAD % failure)
    out = script.send("INVITE", "sip:bob@example.com")
    assert out.relayed_to == [FIRST] and out.replied == [100]
    return script, out


def invites(out: Outcome) -> list[str]:
    """Where INVITEs went."""
    return [m.to for m in out.relayed if m.method == "INVITE"]


@pytest.mark.parametrize(
    ("failure", "next_hops", "replied"),
    [
        (f'$ru = "sip:bob@{SECOND}"; t_relay();', [SECOND], []),
        (f'append_branch("sip:bob@{SECOND}"); t_relay();', [SECOND], []),
        ("t_relay();", [], [486]),
        ("exit;", [], [486]),
        ('t_reply("404", "Nobody");', [], [404]),
    ],
)
def test_what_a_failure_route_does_after_a_486(
    kahea_script: Load, failure: str, next_hops: list[str], replied: list[int]
) -> None:
    script, out = invited(kahea_script, failure)
    out = script.answer(out.relayed[0], 486)
    assert out.relayed[0].method == "ACK"
    assert invites(out) == next_hops
    assert out.replied == replied


def test_a_second_destination_that_answers_ends_the_call_setup(kahea_script: Load) -> None:
    script, out = invited(kahea_script, f'$ru = "sip:bob@{SECOND}"; t_relay();')
    assert out.relayed[0].header("X-Branch") == "0"
    second = script.answer(out.relayed[0], 486).relayed[-1]
    assert second.header("X-Branch") is None  # t_on_branch() holds for one t_relay()
    assert script.answer(second, 180).replied == [180]
    assert script.answer(second, 200).replied == [200]


def test_an_onreply_route_can_drop_a_provisional_reply(kahea_script: Load) -> None:
    script, out = invited(kahea_script, "exit;")
    assert script.answer(out.relayed[0], 183).silent
    assert script.answer(out.relayed[0], 180).replied == [180]


def test_a_silent_destination_is_asked_again_and_given_up(kahea_script: Load) -> None:
    script, _ = invited(kahea_script, "exit;")
    assert invites(script.advance(0.6)) == [FIRST]
    assert invites(script.advance(1.0)) == [FIRST]
    assert script.advance(3.0).replied[:1] == [408]


def test_no_answer_leads_to_the_second_destination(kahea_script: Load) -> None:
    script, _ = invited(kahea_script, f'if (t_check_status("408")) {{ $ru = "sip:bob@{SECOND}"; t_relay(); }}')
    assert SECOND in invites(script.advance(4.0))


def test_a_repeated_invite_gets_the_last_reply(kahea_script: Load) -> None:
    script, out = invited(kahea_script, "exit;")
    script.answer(out.relayed[0], 180)
    again = script.send("INVITE", "sip:bob@example.com", headers=SAME)
    assert again.relayed_to == [FIRST]  # another call
    assert script.send("INVITE", "sip:bob@example.com", headers=SAME).replied == [100]


SAME = {
    "Via": "SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK-same",
    "From": "<sip:alice@example.com>;tag=same",
    "Call-ID": "same@test",
}


FORK = """
loadmodule "tm.so"
loadmodule "pv.so"
request_route {
    $ru = "sip:bob@198.51.100.1";
    append_branch("sip:bob@198.51.100.2");
    t_on_failure("F");
    t_relay();
}
failure_route[F] {
    $ru = "sip:carol@198.51.100.3";
    t_relay();
}
"""


def test_a_second_try_does_not_ring_the_first_branches_again(kahea_script: Callable[..., ScriptTest]) -> None:
    script = kahea_script(FORK)
    first, second = script.send("INVITE", "sip:bob@example.com").relayed
    script.answer(first, 486)
    out = script.answer(second, 404)
    assert [m.to for m in out.relayed if m.method == "INVITE"] == ["198.51.100.3:5060"]
