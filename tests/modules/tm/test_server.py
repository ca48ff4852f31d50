"""Transactions in a running server, asserted on the wire."""

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipMessage, SipSocket

CFG = Path(__file__).parent / "tm.cfg"


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    return start_server(CFG, workers=None)


@pytest.fixture
def phones(sip_socket: Callable[..., SipSocket]) -> Iterator[tuple[SipSocket, ...]]:
    """The caller, and callees on 5081, 5082, 5083."""
    yield tuple(sip_socket(port) for port in (0, 5081, 5082, 5083))


def answer(sock: SipSocket, request: SipMessage, status: int, *headers: str) -> None:
    sock.send(request.reply(status, "Text", *headers), ("127.0.0.1", 5060))


def invite(caller: SipSocket, user: str) -> bytes:
    data = caller.request("INVITE", f"sip:{user}@127.0.0.1")
    caller.send(data)
    return data


def final(caller: SipSocket, timeout: float = 4.0) -> SipMessage:
    """The next reply above 199."""
    while (message := caller.receive(timeout)).status < 200:
        pass
    return message


def test_reply_made_here(server: Server, phones: tuple[SipSocket, ...]) -> None:
    invite(phones[0], "answer")
    reply = final(phones[0])
    assert reply.status == 404 and ";tag=" in reply.get("To")


def test_reply_made_here_is_repeated_for_a_repeated_request(server: Server, phones: tuple[SipSocket, ...]) -> None:
    data = invite(phones[0], "answer")
    first = final(phones[0])
    phones[0].send(data)
    assert final(phones[0]).get("To") == first.get("To")


def test_redirection_lists_the_destination(server: Server, phones: tuple[SipSocket, ...]) -> None:
    invite(phones[0], "redirect")
    reply = final(phones[0])
    assert reply.status == 302 and "sip:elsewhere@127.0.0.1:5099" in reply.get("Contact")


def test_both_branches_ring_and_their_challenges_are_aggregated(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, one, two, _ = phones
    invite(caller, "fork")
    answer(one, one.expect("INVITE"), 401, 'WWW-Authenticate: Digest realm="one"')
    answer(two, two.expect("INVITE"), 407, 'Proxy-Authenticate: Digest realm="two"')
    one.expect("ACK")
    two.expect("ACK")
    reply = final(caller)
    assert reply.status in (401, 407)
    assert "one" in reply.get("WWW-Authenticate") and "two" in reply.get("Proxy-Authenticate")


def test_6xx_cancels_the_other_branch(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, one, two, _ = phones
    invite(caller, "fork")
    first, second = one.expect("INVITE"), two.expect("INVITE")
    answer(two, second, 180)
    answer(one, first, 603)
    cancel = two.expect("CANCEL")
    answer(two, cancel, 200)
    answer(two, second, 487)
    assert final(caller).status == 603


def test_contacts_are_tried_in_order_of_q(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, low, high, _ = phones
    invite(caller, "serial")
    answer(high, high.expect("INVITE"), 480)
    high.expect("ACK")
    answer(low, low.expect("INVITE"), 486)
    assert final(caller).status == 486


def test_variables_and_flags_reach_failure_route_in_the_timer_process(
    server: Server, phones: tuple[SipSocket, ...]
) -> None:
    caller, _, second, _ = phones
    invite(caller, "remember")
    request = second.expect("INVITE", timeout=5)
    assert request.get("X-Note") == "from the request 408"
    answer(second, request, 200)
    assert final(caller).status == 200


def test_failed_branch_is_replaced_while_the_other_rings(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, one, two, three = phones
    invite(caller, "branchfail")
    answer(two, two.expect("INVITE"), 180)
    answer(one, one.expect("INVITE"), 486)
    answer(three, three.expect("INVITE"), 200)
    assert final(caller).status == 200


def test_parked_transaction_goes_on_in_another_message(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, callee, _, _ = phones
    invite(caller, "park")
    server.wait_log("parked")
    index, label = re.findall(r"parked (\d+) (\d+)", server.log)[0]
    caller.send(caller.request("OPTIONS", "sip:resume@127.0.0.1", f"X-Index: {index}", f"X-Label: {label}"))
    request = callee.expect("INVITE")
    assert request.uri.startswith("sip:resumed@")
    answer(callee, request, 200)
    seen = {final(caller).get("CSeq").split()[1], final(caller).get("CSeq").split()[1]}
    assert seen == {"OPTIONS", "INVITE"}


def test_unresolvable_destination_is_answered(server: Server, phones: tuple[SipSocket, ...]) -> None:
    invite(phones[0], "nowhere")
    assert final(phones[0]).status == 478


def test_timer_of_one_transaction(server: Server, phones: tuple[SipSocket, ...]) -> None:
    invite(phones[0], "slow")
    assert final(phones[0], 1.2).status == 408


def test_other_request_is_repeated_and_timed_out(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, callee, _, _ = phones
    caller.send(caller.request("INFO", "sip:any@127.0.0.1"))
    callee.expect("INFO")
    callee.expect("INFO", timeout=1.0)
    assert final(caller).status == 408


def test_transaction_of_a_killed_worker_is_finished(
    start_server: Callable[..., Server], phones: tuple[SipSocket, ...]
) -> None:
    patient = CFG.read_text().replace('_timer", 1500)', '_timer", 20000)')  # new workers may take a while
    server = start_server(patient, workers=None)
    caller, callee, _, _ = phones
    data = invite(caller, "any")
    request = callee.expect("INVITE")
    before = server.workers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not set(before) & set(server.workers()), 10, "new workers")
    answer(callee, request, 180)
    answer(callee, request, 200)
    caller.send(data)
    assert final(caller, 15).status == 200


# management


def test_list_and_statistics(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, callee, _, _ = phones
    invite(caller, "any")
    callee.expect("INVITE")
    shown = server.rpc("tm.list")
    assert [(cell["method"], cell["outgoings"]) for cell in shown] == [("INVITE", 1)]
    stats = server.rpc("tm.stats")
    assert stats["current"] == 1 and stats["total"] == 1
    assert server.rpc("tm.hash_stats")["cells"] == 1


def test_cancel_by_command(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, callee, _, _ = phones
    invite(caller, "any")
    request = callee.expect("INVITE")
    answer(callee, request, 180)
    caller.expect(180, timeout=2) if caller.receive().status == 100 else None
    server.rpc("tm.cancel", request.get("Call-ID"), 1)
    answer(callee, callee.expect("CANCEL"), 200)
    answer(callee, request, 487)
    assert final(caller).status == 487


def test_reply_by_command(server: Server, phones: tuple[SipSocket, ...]) -> None:
    caller, callee, _, _ = phones
    invite(caller, "any")
    request = callee.expect("INVITE")
    server.rpc("tm.reply_callid", 433, "Go Away", request.get("Call-ID"), 1, "", "X-Why: because")
    reply = final(caller)
    assert (reply.status, reply.get("X-Why")) == (433, "because")


def test_own_request_is_answered_to_the_command(server: Server, phones: tuple[SipSocket, ...]) -> None:
    callee = phones[1]
    seen = []

    def serve() -> None:
        request = callee.expect("OPTIONS", timeout=4)
        seen.append(request)
        answer(callee, request, 200)

    thread = threading.Thread(target=serve)
    thread.start()
    headers = "From: <sip:me@test>\r\nTo: <sip:you@test>\r\n"
    result = server.rpc("tm.t_uac_wait_block", "OPTIONS", "sip:you@127.0.0.1:5081", ".", ".", headers)
    thread.join()
    assert result["code"] == 200
    assert seen[0].get("X-Local") == "yes" and ";tag=" in seen[0].get("From")
