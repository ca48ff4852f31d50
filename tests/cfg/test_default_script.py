"""The routing of the configuration that `make run` starts, tested as anybody can test a kamailio.cfg."""

from collections.abc import Callable
from pathlib import Path

import pytest

import kahea
from kahea.core.scripttest import Message, Outcome, ScriptTest

CONFIG = Path(kahea.__file__).parent / "cfg" / "kahea.cfg"
PHONE, SECOND = "198.51.100.9:5070", "198.51.100.10:5070"
HOST = "127.0.0.1"


@pytest.fixture
def script(kahea_script: Callable[..., ScriptTest]) -> ScriptTest:
    """The default configuration, loaded."""
    return kahea_script(CONFIG)


def register(script: ScriptTest, user: str, *phones: str) -> Outcome:
    """Phones of a user register in one request."""
    return script.register(f"sip:{user}@{HOST}", *(f"sip:{user}@{phone}" for phone in phones), expires=300)


def call(script: ScriptTest, user: str) -> Outcome:
    """Alice calls."""
    return script.send("INVITE", f"sip:{user}@{HOST}")


def invites(out: Outcome) -> list[Message]:
    """The INVITEs that left."""
    return out.requests("INVITE")


def test_a_registered_phone_rings_and_answers(script: ScriptTest) -> None:
    assert register(script, "bob", PHONE).replied == [200]
    out = call(script, "bob")
    assert out.relayed_to == [PHONE] and out.replied == [100]
    (invite,) = invites(out)
    assert HOST in (invite.header("Record-Route") or "") and invite.header("Max-Forwards") == "69"
    assert script.answer(invite, 180).replied == [180]
    assert script.answer(invite, 200).replied == [200]


def test_two_phones_ring_and_the_slower_is_cancelled(script: ScriptTest) -> None:
    register(script, "bob", PHONE, SECOND)
    first, second = invites(call(script, "bob"))
    script.answer(first, 180)
    script.answer(second, 180)
    out = script.answer(first, 200)
    assert out.replied == [200]
    assert [(m.method, m.to) for m in out.relayed] == [("CANCEL", second.to)]


def test_a_call_that_nobody_answers_ends_with_408(script: ScriptTest) -> None:
    register(script, "bob", PHONE)
    (invite,) = invites(call(script, "bob"))
    script.answer(invite, 180)
    out = script.advance(31)
    assert "CANCEL" in [m.method for m in out.relayed]  # the phone stops ringing
    assert 408 in out.replied


def test_a_silent_phone_is_given_up_after_five_seconds(script: ScriptTest) -> None:
    register(script, "bob", PHONE)
    call(script, "bob")
    out = script.advance(5.5)
    assert 408 in out.replied
    assert len(invites(out)) >= 2  # it was asked again


@pytest.mark.parametrize(
    ("method", "uri", "headers", "status"),
    [
        ("INVITE", f"sip:nobody@{HOST}", {}, 404),
        ("INVITE", "sip:bob@elsewhere.example.net", {}, 403),
        ("INVITE", f"sip:{HOST}", {}, 484),
        ("OPTIONS", f"sip:{HOST}", {}, 200),
        ("INVITE", f"sip:bob@{HOST}", {"Max-Forwards": "0"}, 483),
        ("BYE", f"sip:bob@{HOST}", {"To": f"<sip:bob@{HOST}>;tag=none"}, 404),
    ],
)
def test_what_is_answered_at_once(
    script: ScriptTest, method: str, uri: str, headers: dict[str, str], status: int
) -> None:
    out = script.send(method, uri, headers=headers)
    assert out.replied[-1] == status and not out.relayed


def test_a_voicemail_takes_what_is_busy(kahea_script: Callable[..., ScriptTest]) -> None:
    script = kahea_script(CONFIG, defines=['VOICEMAIL="sip:198.51.100.99:5090"'])
    register(script, "bob", PHONE)
    (invite,) = invites(call(script, "bob"))
    assert [m.to for m in invites(script.answer(invite, 486))] == ["198.51.100.99:5090"]


def test_a_caller_who_hangs_up_before_the_answer(script: ScriptTest) -> None:
    register(script, "bob", PHONE)
    (invite,) = invites(call(script, "bob"))
    script.answer(invite, 180)
    out = script.cancel()
    assert out.replied == [200] and out.requests("CANCEL").only().to == PHONE
    assert script.answer(invite, 487).replied == [487]


def test_requests_within_a_call_take_the_recorded_route(script: ScriptTest) -> None:
    register(script, "bob", PHONE)
    (invite,) = invites(call(script, "bob"))
    ok = script.answer(invite, 200).replies.only()
    assert script.send("ACK", within=ok).relayed_to == [PHONE]
    assert script.send("BYE", within=ok).relayed_to == [PHONE]
    hung_up = script.send("BYE", within=invite).relayed.only()
    assert hung_up.to == "192.0.2.100:5060" and hung_up.header("Route") is None


def test_what_is_malformed_goes_nowhere(script: ScriptTest) -> None:
    register(script, "bob", PHONE)
    assert not script.send("INVITE", f"sip:bob@{HOST}", headers={"CSeq": "1 BYE"}).relayed


def test_a_phone_that_cannot_be_reached(script: ScriptTest) -> None:
    register(script, "bob", "[2001:db8::1]:5060")
    assert call(script, "bob").replied[-1] >= 400


NOT_REACHED = {
    "t_check_trans() ends the script for a repeat": ["exit;"],
    "lookup() returns -2 only with method_filtering": [
        "case -2:",
        'sl_send_reply("405", "Method Not Allowed");',
        "exit;",
    ],
}


def test_every_line_is_reached(kahea_script: Callable[..., ScriptTest]) -> None:
    script = kahea_script(CONFIG, defines=['VOICEMAIL="sip:198.51.100.99:5090"'], coverage=True)
    register(script, "bob", PHONE)
    (invite,) = invites(call(script, "bob"))  # a call to the voicemail
    script.answer(invite, 180)
    script.answer(invite, 486)
    (invite,) = invites(call(script, "bob"))  # one with a retransmission, that is cancelled
    script.repeat()
    script.cancel()
    script.answer(invite, 487)
    ok = script.answer(invites(call(script, "bob"))[0], 200).replies.only()  # one that is answered, and ended
    script.send("ACK", within=ok)
    script.send("ACK", within=ok, headers={"Route": ""})
    script.send("BYE", within=ok)
    for method, uri, headers in (
        ("INVITE", f"sip:nobody@{HOST}", {}),
        ("INVITE", "sip:bob@elsewhere.example.net", {}),
        ("INVITE", f"sip:{HOST}", {}),
        ("OPTIONS", f"sip:{HOST}", {}),
        ("INVITE", f"sip:bob@{HOST}", {"Max-Forwards": "0"}),
        ("INVITE", f"sip:bob@{HOST}", {"Expires": "abc"}),
        ("CANCEL", f"sip:bob@{HOST}", {}),
        ("BYE", f"sip:bob@{HOST}", {"To": f"<sip:bob@{HOST}>;tag=none"}),
        ("ACK", f"sip:bob@{HOST}", {"To": f"<sip:bob@{HOST}>;tag=none"}),
        ("REGISTER", f"sip:{HOST}", {"To": f"<sip:bob@{HOST}>", "Contact": "*", "Expires": "9"}),
    ):
        script.send(method, uri, headers=headers)
    register(script, "carol", "[2001:db8::1]:5060")
    call(script, "carol")
    not_run = [line.split(": ", 1)[1] for line in script.not_run]
    assert not_run == [line for lines in NOT_REACHED.values() for line in lines]
