"""use_dns_failover: the next server of a host when one is silent or overloaded (RFC 3263 section 4.3), on the wire."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, SipSocket

CFG = """
use_dns_failover=%d
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "jsonrpcs.so"
modparam("tm", "fr_timer", 400)
modparam("tm", "fr_inv_timer", 900)
request_route {
    if ($rm == "ACK") { t_relay(); exit; }
    $ru = "sip:bob@servers.test:5081";
    t_relay();
}
"""
SERVERS = ("127.0.0.2", "127.0.0.3")
Phones = tuple[SipSocket, SipSocket, SipSocket]


@pytest.fixture
def start(start_server: Callable[..., Server], tmp_path: Path) -> Callable[..., Server]:
    """A server whose hosts file knows servers.test, in a mount namespace of its own."""
    hosts = tmp_path / "hosts"
    hosts.write_text("".join(f"{ip} servers.test\n" for ip in SERVERS))
    script = f'mount --bind {hosts} /etc/hosts && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-m", "kahea.core.main"]

    def starter(on: int) -> Server:
        return start_server(CFG % on, command=command)

    return starter


@pytest.fixture
def phones(sip_socket: Callable[..., SipSocket]) -> Phones:
    """The caller, and the two servers of the host."""
    return sip_socket(), sip_socket(5081, SERVERS[0]), sip_socket(5081, SERVERS[1])


def final(caller: SipSocket) -> SipMessage:
    while (message := caller.receive(5)).status < 200:
        pass
    return message


def call(caller: SipSocket) -> None:
    caller.send(caller.request("INVITE", "sip:bob@127.0.0.1"))


def answer(sock: SipSocket, request: SipMessage, status: int) -> None:
    sock.send(request.reply(status, "Text"), ("127.0.0.1", 5060))


def test_silent_server_is_followed_by_the_next(start: Callable[..., Server], phones: Phones) -> None:
    caller, first, second = phones
    start(1)
    call(caller)
    tried, again = first.receive(2), second.receive(2)
    assert (tried.get("Call-ID"), tried.start) == (again.get("Call-ID"), again.start)
    assert tried.get("Via") != again.get("Via")  # another transaction: another branch
    answer(second, again, 200)
    assert final(caller).status == 200


def test_overloaded_server_is_followed_by_the_next(start: Callable[..., Server], phones: Phones) -> None:
    caller, first, second = phones
    start(1)
    call(caller)
    answer(first, first.receive(2), 503)
    answer(second, second.receive(2), 486)
    assert final(caller).status == 486  # nothing of the 503


def test_caller_is_told_when_all_are_silent(start: Callable[..., Server], phones: Phones) -> None:
    start(1)
    call(phones[0])
    assert final(phones[0]).status == 408
    assert phones[2].receive(1).start.startswith("INVITE")


def test_server_that_rang_is_not_left(start: Callable[..., Server], phones: Phones) -> None:
    caller, first, second = phones
    start(1)
    call(caller)
    answer(first, first.receive(2), 180)
    assert final(caller).status == 408
    with pytest.raises(TimeoutError):
        second.receive(0.2)


def test_without_the_parameter_the_first_server_is_all(start: Callable[..., Server], phones: Phones) -> None:
    start(0)
    call(phones[0])
    assert final(phones[0]).status == 408
    with pytest.raises(TimeoutError):
        phones[2].receive(0.2)
