"""The configuration that `make run` starts, as its first users meet it."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kahea
from kahea.tests.support.certificates import Authority
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket
from kahea.tests.support.sip_tcp import SipStream
from kahea.tests.support.sip_tls import SipTls

from .phones import Phone

CFG = Path(kahea.__file__).parent / "cfg" / "kahea.cfg"
Sockets = Callable[..., SipSocket]


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    return start_server(CFG, "--debug=1")


@pytest.fixture
def phones(server: Server, sip_socket: Sockets) -> Iterator[tuple[Phone, Phone]]:
    alice, bob = Phone("alice", sip_socket()), Phone("bob", sip_socket())
    assert alice.register().status == bob.register().status == 200
    yield alice, bob


def test_call_is_set_up_and_ended(server: Server, phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    _, answer = alice.call(bob)
    assert answer.all("Record-Route")
    for method in ("INVITE", "BYE"):
        assert re.search(rf"ACC: transaction answered: .*method={method};.*;code=200;.*;src_user=alice;", server.log)


def test_cancel_stops_the_ringing(phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    invite = alice.invite("bob")
    arrived = bob.sock.expect("INVITE")
    bob.sock.send(arrived.reply(180, "Ringing"))
    alice.sock.expect(180)
    alice.sock.send(alice.again("CANCEL", invite))
    cancel = bob.sock.expect("CANCEL")
    bob.sock.send(cancel.reply(200, "OK"))
    bob.sock.send(arrived.reply(487, "Request Terminated"))
    alice.sock.send(alice.again("ACK", invite, alice.sock.expect(487)))
    bob.sock.expect("ACK")


def test_busy_phone_reaches_the_caller(server: Server, phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    alice.invite("bob")
    bob.sock.send(bob.sock.expect("INVITE").reply(486, "Busy Here"))
    alice.sock.expect(486)
    assert re.search(r"ACC: call missed: .*method=INVITE;.*;code=486;.*;dst_user=bob;", server.log)


def test_unanswered_call_goes_to_the_voicemail(start_server: Callable[..., Server], sip_socket: Sockets) -> None:
    voicemail = sip_socket()
    start_server(CFG, "-A", f'VOICEMAIL="sip:box@127.0.0.1:{voicemail.port}"')
    alice, bob = Phone("alice", sip_socket()), Phone("bob", sip_socket())
    bob.register()
    alice.invite("bob")
    bob.sock.send(bob.sock.expect("INVITE").reply(486, "Busy Here"))
    arrived = voicemail.expect("INVITE")
    assert arrived.uri.startswith("sip:box@")
    voicemail.send(arrived.reply(200, "OK", f"Contact: <sip:box@127.0.0.1:{voicemail.port}>"))
    alice.sock.expect(200)


@pytest.mark.parametrize(
    ("method", "uri", "status"),
    [
        ("OPTIONS", "sip:127.0.0.1", 200),
        ("INVITE", "sip:nobody@127.0.0.1", 404),
        ("INVITE", "sip:bob@192.0.2.7", 403),
        ("MESSAGE", "sip:127.0.0.1", 484),
    ],
)
def test_what_is_not_for_a_registered_user_is_answered(
    server: Server, sip_socket: Sockets, method: str, uri: str, status: int
) -> None:
    sock = sip_socket()
    sock.call(sock.request(method, uri), status)


def test_loop_and_nonsense_are_answered(server: Server, sip_socket: Sockets) -> None:
    sock = sip_socket()
    sock.call(sock.request("OPTIONS", "sip:bob@127.0.0.1", max_forwards=0), 483)
    sock.call(sock.request("BYE", "sip:bob@127.0.0.1", to="<sip:bob@127.0.0.1>;tag=none"), 404)


@pytest.fixture
def secured(start_server: Callable[..., Server], tmp_path: Path) -> Server:
    """WITH_TLS, the certificate made as tls.cfg says."""
    for name in ("kahea.cfg", "tls.cfg"):
        shutil.copy(CFG.parent / name, tmp_path)
    files = Authority(tmp_path).issue("kahea-selfsigned", self_signed=True)
    assert (files.certificate.name, files.key.name) == ("kahea-selfsigned.pem", "kahea-selfsigned.key")
    return start_server(tmp_path / "kahea.cfg", "-A", "WITH_TLS", "--debug=1")


@pytest.mark.parametrize("transport", [SipTls, SipStream])
def test_phones_of_all_transports_call_one_another(
    secured: Server, sip_socket: Sockets, transport: type[SipStream]
) -> None:
    with transport() as stream:
        alice, bob = Phone("alice", stream), Phone("bob", sip_socket())
        assert alice.register().status == bob.register().status == 200
        for caller, called in ((alice, bob), (bob, alice)):
            arrived, _ = caller.call(called)
            assert arrived.all("Via")[0].startswith(f"SIP/2.0/{called.sock.transport} ")
