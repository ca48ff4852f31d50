"""Calls between two registered phones: forwarding, record-routing, CANCEL, failures. RFC 3261 §16 and §17."""

from collections.abc import Iterator

import pytest

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, unique

from .peer import Call, Peer


@pytest.fixture
def alice() -> Iterator[Peer]:
    with Peer(5070, "alice") as peer:
        yield peer


@pytest.fixture
def bob(proxy: Server) -> Iterator[Peer]:
    with Peer(5080, "bob") as peer:
        assert peer.register().status == 200
        yield peer


def answered(alice: Peer, bob: Peer) -> tuple[Call, Call, SipMessage]:
    """A call from alice to bob up to the ACK: both sides' dialogs, and the INVITE as bob saw it."""
    call, _ = alice.invite("bob")
    alice.expect(100, skip=())
    invite = bob.expect("INVITE")
    bob.answer(invite, 180)
    alice.expect(180)
    bob.answer(invite, 200)
    alice.established(call, alice.expect(200))
    alice.send(alice.request("ACK", call))
    bob.expect("ACK")
    return call, bob.accepted(invite), invite


def test_invite_reaches_the_registered_contact_with_via_and_record_route(proxy: Server, alice: Peer, bob: Peer) -> None:
    _, _, invite = answered(alice, bob)
    assert invite.uri == "sip:bob@127.0.0.1:5080"
    top, second = invite.all("Via")
    assert top.startswith("SIP/2.0/UDP 127.0.0.1") and "branch=z9hG4bK" in top
    assert "127.0.0.1:5070" in second
    assert invite.get("Max-Forwards") == "69"
    assert ";lr" in invite.get("Record-Route")


def test_bye_from_the_caller(proxy: Server, alice: Peer, bob: Peer) -> None:
    call, _, _ = answered(alice, bob)
    call.cseq = 2
    alice.send(alice.request("BYE", call))
    bye = bob.expect("BYE")
    assert bye.all("Route") == []
    bob.answer(bye, 200)
    assert alice.expect(200).all("Via") == [
        f"SIP/2.0/UDP 127.0.0.1:5070;branch={bye.all('Via')[1].split('branch=')[1]}"
    ]


def test_bye_from_the_callee(proxy: Server, alice: Peer, bob: Peer) -> None:
    _, dialog, _ = answered(alice, bob)
    bob.send(bob.request("BYE", dialog))
    bye = alice.expect("BYE")
    alice.answer(bye, 200)
    bob.expect(200)


def test_cancel_stops_the_ringing_phone(proxy: Server, alice: Peer, bob: Peer) -> None:
    call, branch = alice.invite("bob")
    invite = bob.expect("INVITE")
    bob.answer(invite, 180)
    alice.expect(180)
    alice.send(alice.request("CANCEL", call, branch=branch))
    assert alice.expect(200).get("CSeq") == "1 CANCEL"
    cancel = bob.expect("CANCEL")
    assert cancel.all("Via")[0] == invite.all("Via")[0]
    assert cancel.uri == invite.uri
    bob.answer(cancel, 200)
    bob.answer(invite, 487)
    bob.expect("ACK")
    refused = alice.expect(487)
    call.remote = refused.get("To")
    alice.send(alice.request("ACK", call, branch=branch))
    bob.quiet(0.7)
    alice.quiet(0.1)


def test_cancel_without_transaction_is_not_forwarded(proxy: Server, alice: Peer, bob: Peer) -> None:
    alice.send(alice.request("CANCEL", alice.new_call("bob")))
    bob.quiet(0.5)


def test_cancel_before_any_provisional_is_held_back_until_one_arrives(proxy: Server, alice: Peer, bob: Peer) -> None:
    call, branch = alice.invite("bob")
    invite = bob.expect("INVITE")
    alice.send(alice.request("CANCEL", call, branch=branch))
    alice.expect(200)
    try:
        early = bob.receive(0.3)  # only a retransmission of the INVITE may come before our provisional
        assert early.method == "INVITE"
    except TimeoutError:
        pass
    bob.answer(invite, 180)
    bob.answer(bob.expect("CANCEL", skip=("INVITE",)), 200)
    bob.answer(invite, 487)
    bob.expect("ACK")
    alice.expect(487, skip=(180,))


def test_busy_fails_over_to_the_second_destination(proxy: Server, alice: Peer) -> None:
    with Peer(5081, "first") as first, Peer(5082, "second") as second:
        call, _ = alice.invite("failover")
        refused = first.expect("INVITE")
        first.answer(refused, 486)
        ack = first.expect("ACK")
        assert ack.all("Via")[0] == refused.all("Via")[0]
        invite = second.expect("INVITE")
        assert invite.get("X-Failed") == "486"
        assert invite.all("Via")[0] != refused.all("Via")[0]
        assert invite.get("Max-Forwards") == "69"
        second.answer(invite, 200)
        alice.established(call, alice.expect(200))
        alice.send(alice.request("ACK", call))
        second.expect("ACK")
        first.quiet(0.3)


def test_no_answer_gives_408_and_cancels(proxy: Server, alice: Peer, bob: Peer) -> None:
    call, branch = alice.invite("bob")
    invite = bob.expect("INVITE")
    bob.answer(invite, 180)
    alice.expect(180)
    alice.expect(408, timeout=6)
    bob.answer(bob.expect("CANCEL"), 200)
    alice.send(alice.request("ACK", call, branch=branch))


def test_dead_phone_gives_408(proxy: Server, alice: Peer) -> None:
    alice.invite("direct")  # nothing listens there
    assert alice.expect(408, timeout=8).get("CSeq") == "1 INVITE"


def test_no_answer_fails_over(proxy: Server, alice: Peer) -> None:
    with Peer(5081, "first") as first, Peer(5082, "second") as second:
        alice.invite("failover")
        first.answer(first.expect("INVITE"), 180)
        invite = second.expect("INVITE", timeout=6)
        assert invite.get("X-Failed") == "408"
        second.answer(invite, 200)
        alice.expect(200, skip=(100, 180))


def test_two_contacts_ring_and_the_loser_is_cancelled(proxy: Server, alice: Peer) -> None:
    with Peer(5080, "bob") as desk, Peer(5081, "bob") as mobile:
        desk.register(call_id="desk")
        mobile.register(call_id="mobile")
        call, _ = alice.invite("bob")
        at_desk, at_mobile = desk.expect("INVITE"), mobile.expect("INVITE")
        assert at_desk.all("Via")[0] != at_mobile.all("Via")[0]
        desk.answer(at_desk, 180)
        mobile.answer(at_mobile, 180)
        mobile.answer(at_mobile, 200, tag="m")
        alice.established(call, alice.expect(200, skip=(100, 180)))
        cancel = desk.expect("CANCEL")
        desk.answer(cancel, 200)
        desk.answer(at_desk, 487)
        desk.expect("ACK")
        alice.send(alice.request("ACK", call))
        mobile.expect("ACK")
        alice.quiet(0.3)


def test_best_failure_of_a_fork_goes_back(proxy: Server, alice: Peer) -> None:
    with Peer(5080, "bob") as desk, Peer(5081, "bob") as mobile:
        desk.register(call_id="desk")
        mobile.register(call_id="mobile")
        alice.invite("bob")
        at_desk, at_mobile = desk.expect("INVITE"), mobile.expect("INVITE")
        desk.answer(at_desk, 503)
        desk.expect("ACK")
        alice.expect(100, skip=())
        alice.quiet(0.2)
        mobile.answer(at_mobile, 486)
        mobile.expect("ACK")
        alice.expect(486)


def test_retransmitted_invite_is_absorbed_and_answered_again(proxy: Server, alice: Peer, bob: Peer) -> None:
    call, branch = alice.new_call("bob"), unique("z9hG4bK")
    text = alice.request("INVITE", call, branch=branch)
    alice.send(text)
    alice.expect(100, skip=())
    invite = bob.expect("INVITE")
    bob.answer(invite, 180)
    alice.expect(180)
    alice.quiet(0.1)  # a repeat comes half a second later: whoever relayed the 180 has let go of the transaction
    alice.send(text)
    assert alice.receive().status == 180  # the last reply, from the server itself
    bob.quiet(0.3)
    alice.quiet(0.1)


def test_lost_invite_is_retransmitted_by_the_server(proxy: Server, alice: Peer, bob: Peer) -> None:
    alice.invite("bob")
    first = bob.expect("INVITE")
    second = bob.expect("INVITE", timeout=1.5)
    assert first.headers == second.headers


def test_lost_ack_of_a_200_lets_the_callee_repeat_and_reach_the_caller(proxy: Server, alice: Peer, bob: Peer) -> None:
    alice.invite("bob")
    invite = bob.expect("INVITE")
    ok = bob.reply(invite, 200)
    bob.send(ok)
    alice.expect(200)
    bob.send(ok)
    alice.expect(200, skip=())


def test_lost_ack_of_a_failure_makes_the_server_repeat_it(proxy: Server, alice: Peer, bob: Peer) -> None:
    call, branch = alice.invite("bob")
    bob.answer(bob.expect("INVITE"), 486)
    bob.expect("ACK")
    first = alice.expect(486)
    assert alice.expect(486, timeout=1.5, skip=()).headers == first.headers
    call.remote = first.get("To")
    alice.send(alice.request("ACK", call, branch=branch))
    alice.quiet(1.5)
    bob.quiet(0.1)


def test_repeated_failure_reply_is_acknowledged_again(proxy: Server, alice: Peer, bob: Peer) -> None:
    alice.invite("bob")
    invite = bob.expect("INVITE")
    busy = bob.reply(invite, 486)
    bob.send(busy)
    bob.expect("ACK")
    bob.send(busy)
    bob.expect("ACK")


def test_branch_and_reply_routes_edit_what_passes(proxy: Server, alice: Peer) -> None:
    with Peer(5081, "direct") as callee:
        alice.invite("direct")
        invite = callee.expect("INVITE")
        assert invite.get("X-Branch") == "0"
        callee.answer(invite, 200)
        assert alice.expect(200).get("X-Seen") == "200"


def test_max_forwards_zero_gets_483(proxy: Server, alice: Peer, bob: Peer) -> None:
    call = alice.new_call("bob")
    alice.send(alice.request("INVITE", call, max_forwards=0))
    refused = alice.expect(483, skip=())
    assert refused.get("CSeq") == "1 INVITE"
    bob.quiet(0.2)


def test_body_passes_unchanged(proxy: Server, alice: Peer, bob: Peer) -> None:
    body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
    alice.send(alice.request("INVITE", alice.new_call("bob"), extra=("Content-Type: application/sdp",), body=body))
    invite = bob.expect("INVITE")
    assert invite.body.decode() == body
    assert invite.get("Content-Length") == str(len(body))


def test_options_is_answered(proxy: Server, alice: Peer) -> None:
    alice.send(alice.request("OPTIONS", alice.new_call("sip:127.0.0.1")))
    assert alice.expect(200, skip=()).get("CSeq") == "1 OPTIONS"
