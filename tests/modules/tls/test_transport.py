"""A connection: handshakes that succeed and fail, bytes both ways, ends, and a socket that takes little."""

import contextlib
import gc
import socket
import ssl
import weakref
from collections.abc import Callable

import pytest

from kahea.core.net.transports import TransportError
from kahea.modules.tls import unverified
from kahea.modules.tls.profiles import Profiles
from kahea.modules.tls.settings import settings
from kahea.modules.tls.transport import RECORD
from kahea.modules.tls.variables import verified
from kahea.tests.support.sip_tls import client_context, server_context

from .conftest import Certificates
from .ends import Ends

MakeEnds = Callable[..., Ends]
ProfilesOf = Callable[..., Profiles]


@pytest.fixture
def server(certificates: Certificates, profiles_of: ProfilesOf) -> Callable[..., Profiles]:
    """`server(*lines)`: a default server profile with these lines."""
    return lambda *lines: profiles_of(certificates.section("server:default", certificates.server, *lines))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_bytes_go_both_ways(ends: MakeEnds, server: Callable[..., Profiles], version: ssl.TLSVersion) -> None:
    pair = ends(server())
    context = client_context()
    context.maximum_version = version
    pair.wrap(context)
    pair.shake()
    assert pair.ours.established
    pair.peer_says(b"hello")
    assert pair.receive() == b"hello"
    assert pair.ours.write(memoryview(b"and back")) == 8
    assert pair.peer_hears() == b"and back"


def test_small_buffers_get_all_of_a_record(ends: MakeEnds, server: Callable[..., Profiles]) -> None:
    pair = ends(server())
    pair.wrap(client_context())
    pair.shake()
    pair.peer_says(bytes(range(256)) * 20)
    assert pair.receive(size=100) == bytes(range(256)) * 20


def test_nothing_is_lost_when_the_socket_takes_little(ends: MakeEnds, server: Callable[..., Profiles]) -> None:
    pair = ends(server())
    pair.wrap(client_context())
    pair.shake()
    data = bytes(range(256)) * 8000
    sent = refused = 0
    heard = b""
    while sent < len(data):
        taken = pair.ours.write(memoryview(data)[sent:])
        if taken is None:
            refused += 1
            assert pair.ours.wants_write
            heard += pair.peer_hears()
        else:
            assert taken <= RECORD
            sent += taken
    while pair.ours.wants_write:
        heard += pair.peer_hears()
        pair.ours.write(memoryview(b""))
    assert heard + pair.peer_hears() == data
    assert refused


def test_a_handshake_in_crumbs_succeeds(ends: MakeEnds, server: Callable[..., Profiles]) -> None:
    pair = ends(server())
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context().wrap_bio(incoming, outgoing, server_hostname="named.example.org")
    done = False
    while not (done and pair.ours.established):
        if not done:
            try:
                client.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
        data = outgoing.read()
        for index in range(len(data)):
            pair.wire.send(data[index : index + 1])
            pair.ours.established or pair.ours.handshake()
        with contextlib.suppress(BlockingIOError):
            incoming.write(pair.wire.recv(65536))
    assert pair.ours.server_name == "named.example.org"


def test_the_profile_of_the_name_rules_the_whole_connection(
    ends: MakeEnds, certificates: Certificates, profiles_of: ProfilesOf
) -> None:
    """Version and what is asked of the client too, not only the certificate."""
    profiles = profiles_of(
        certificates.section("server:default", certificates.server, "method = TLSv1.3"),
        certificates.section(
            "server:any", certificates.named, "server_name = named.example.org", "method = TLSv1.2",
            "verify_client = on", certificates.ca,
        ),
    )  # fmt: skip
    pair = ends(profiles)
    pair.wrap(client_context(certificates.client), "named.example.org")
    pair.shake()
    assert pair.peer.version() == "TLSv1.2"
    shown = ssl.DER_cert_to_PEM_cert(pair.peer.getpeercert(True)).encode()
    assert shown == certificates.named.certificate.read_bytes()
    assert pair.ours.tls.getpeercert(True)
    other = ends(profiles)
    other.wrap(client_context(), "sip.example.org")
    other.shake()
    assert other.peer.version() == "TLSv1.3"


# what is asked of a client: as Kamailio 5.6 answers

ASKED = {
    "": "",
    "verify_certificate = yes": "expired foreign selfsigned",
    "require_certificate = yes": "none expired foreign selfsigned",
    "verify_certificate = yes|require_certificate = yes": "none expired foreign selfsigned",
    "verify_client = on": "none expired foreign selfsigned",
    "verify_client = optional": "expired foreign selfsigned",
    "verify_client = optional_no_ca": "",
    "verify_client = off|require_certificate = yes": "none expired foreign selfsigned",
    "verify_certificate = yes|verify_depth = 0": "expired foreign selfsigned deep",
    "verify_certificate = yes|crl = {crl}": "expired foreign selfsigned deep revoked",
}


@pytest.mark.parametrize("kind", ["none", "client", "expired", "foreign", "selfsigned", "revoked", "deep"])
@pytest.mark.parametrize("lines", ASKED)
def test_a_client_is_let_in_or_not(
    ends: MakeEnds, certificates: Certificates, server: Callable[..., Profiles], lines: str, kind: str
) -> None:
    kinds = {
        "none": None, "client": certificates.client, "expired": certificates.expired, "foreign": certificates.foreign,
        "selfsigned": certificates.self_signed, "revoked": certificates.revoked, "deep": certificates.deep,
    }  # fmt: skip
    pair = ends(server(certificates.ca, *lines.format(crl=certificates.crl).split("|")))
    context = client_context(kinds[kind])
    pair.wrap(context)
    if kind in ASKED[lines].split():
        assert "certificate" in pair.failure()
        assert not pair.ours.established
    else:
        pair.shake()
        asked = bool(lines) and kind != "none"
        assert (pair.ours.tls.getpeercert(True) is not None) == asked


def test_a_refused_client_gets_an_alert(
    ends: MakeEnds, certificates: Certificates, server: Callable[..., Profiles]
) -> None:
    pair = ends(server(certificates.ca, "verify_client = on"))
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    pair.wrap(context)
    pair.failure()
    with pytest.raises(ssl.SSLError, match="alert"):
        pair.peer.do_handshake()


# we are the client


def test_an_outgoing_connection_shows_our_certificate_and_asks_for_a_name(
    ends: MakeEnds, certificates: Certificates, profiles_of: ProfilesOf
) -> None:
    profiles = profiles_of(
        certificates.section("server:default", certificates.server),
        certificates.section(
            "client:default", certificates.client, "verify_certificate = yes", certificates.ca, "server_name = far.org"
        ),
    )
    asked: list[str | None] = []
    context = server_context(certificates.server, certificates.authority.certificate)
    context.sni_callback = lambda tls, name, context: asked.append(name)
    pair = ends(profiles, accepted=False)
    pair.wrap(context)
    pair.shake()
    assert asked == ["far.org"]
    shown = ssl.DER_cert_to_PEM_cert(pair.peer.getpeercert(True)).encode()
    assert shown == certificates.client.certificate.read_bytes()


@pytest.mark.parametrize("kind", ["foreign", "expired", "revoked"])
def test_an_outgoing_connection_to_who_is_not_believed_fails(
    ends: MakeEnds, certificates: Certificates, profiles_of: ProfilesOf, kind: str
) -> None:
    profiles = profiles_of(
        certificates.section("server:default", certificates.server),
        certificates.section(
            "client:default", None, "verify_certificate = yes", certificates.ca, f"crl = {certificates.crl}"
        ),
    )
    pair = ends(profiles, accepted=False)
    pair.wrap(server_context(getattr(certificates, kind)))
    assert "certificate verify failed" in pair.failure()


@pytest.mark.skipif(not unverified.AVAILABLE, reason="this Python keeps its contexts another way")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("kind", "good"), [("named", True), ("foreign", False), ("expired", False)])
def test_an_outgoing_connection_that_need_not_be_verified_is_judged(
    ends: MakeEnds, certificates: Certificates, profiles_of: ProfilesOf, kind: str, good: bool, version: ssl.TLSVersion
) -> None:
    profiles = profiles_of(
        certificates.section("server:default", certificates.server),
        certificates.section("client:default", None, certificates.ca),
    )
    context = server_context(getattr(certificates, kind))
    context.maximum_version = version
    pair = ends(profiles, accepted=False)
    pair.wrap(context)
    pair.shake()
    assert verified(pair.ours) is good


@pytest.mark.skipif(not unverified.AVAILABLE, reason="this Python keeps its contexts another way")
@pytest.mark.parametrize("cache", [0, 1])
def test_a_session_that_is_resumed_does_not_make_a_certificate_good(
    ends: MakeEnds,
    certificates: Certificates,
    server: Callable[..., Profiles],
    monkeypatch: pytest.MonkeyPatch,
    cache: int,
) -> None:
    monkeypatch.setattr(settings, "session_cache", cache)
    profiles, context = server(certificates.ca, "verify_client = optional_no_ca"), client_context(certificates.foreign)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    first = ends(profiles)
    first.wrap(context)
    first.shake()
    assert not verified(first.ours)
    again = ends(profiles)
    again.peer = context.wrap_socket(again.wire, do_handshake_on_connect=False, session=first.peer.session)
    again.shake()
    assert not verified(again.ours)
    assert again.peer.session_reused or not cache


def test_a_name_that_cannot_be_one_is_an_error_of_the_connection(
    ends: MakeEnds, certificates: Certificates, profiles_of: ProfilesOf
) -> None:
    profiles = profiles_of(
        certificates.section("server:default", certificates.server), "[client:default]\nserver_name = .x..y"
    )
    with pytest.raises(TransportError, match="server_name"):
        ends(profiles, accepted=False).ours.handshake()


# ends and junk


def test_the_peers_goodbye_is_the_end(ends: MakeEnds, server: Callable[..., Profiles]) -> None:
    pair = ends(server())
    pair.wrap(client_context())
    pair.shake()
    pair.peer_says(b"last")
    with pytest.raises(ssl.SSLWantReadError):
        pair.peer.unwrap()
    assert pair.receive() == b"last"
    assert pair.ours.read(memoryview(bytearray(10))) == 0


def test_a_connection_that_just_ends_is_at_its_end(ends: MakeEnds, server: Callable[..., Profiles]) -> None:
    pair = ends(server())
    pair.wrap(client_context())
    pair.shake()
    pair.peer_says(b"last")
    pair.peer.close()
    assert pair.receive() == b"last"
    assert pair.ours.read(memoryview(bytearray(10))) == 0


@pytest.mark.parametrize("goodbye", [True, False])
def test_a_goodbye_of_ours_is_sent_when_it_is_wanted(
    ends: MakeEnds, server: Callable[..., Profiles], goodbye: bool
) -> None:
    pair, context = ends(server()), client_context()
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    pair.wrap(context)
    pair.shake()
    pair.ours.goodbye = goodbye
    pair.ours.close()
    if goodbye:
        assert pair.peer.recv(10) == b""
    else:
        with pytest.raises(ssl.SSLError, match="unexpected eof"):
            pair.peer.recv(10)


JUNK = [
    b"OPTIONS sip:a@b SIP/2.0\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"\0" * 100,
    b"\x16\x03\x01\xff\xff" + b"a" * 100,
    b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
    b"\x16\x03\x01\x00\x02\x01\x00" * 20000,
]


@pytest.mark.parametrize("junk", JUNK)
def test_what_is_no_tls_ends_the_connection(ends: MakeEnds, server: Callable[..., Profiles], junk: bytes) -> None:
    pair = ends(server())
    with pytest.raises(TransportError):
        for at in range(0, len(junk), 8192):
            pair.wire.send(junk[at : at + 8192])
            assert pair.ours.handshake() is False


@pytest.mark.parametrize("some", [0, 1, 50])
def test_who_goes_in_the_handshake_is_lost(ends: MakeEnds, server: Callable[..., Profiles], some: int) -> None:
    pair = ends(server())
    hello = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client_context().wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
    pair.wire.send(hello.read()[:some])
    assert pair.ours.handshake() is False
    pair.wire.close()
    with pytest.raises(TransportError):
        pair.ours.handshake()


def test_a_forged_record_ends_the_connection(ends: MakeEnds, server: Callable[..., Profiles]) -> None:
    pair = ends(server())
    pair.wrap(client_context())
    pair.shake()
    wire = socket.socket(fileno=pair.peer.detach())
    wire.send(b"\x17\x03\x03\x00\x20" + b"x" * 32)
    with pytest.raises(TransportError):
        pair.receive()
    wire.close()


@pytest.mark.parametrize("end", ["in the hello", "junk", "refused", "established"])
def test_what_a_connection_held_is_freed_without_the_collector(
    ends: MakeEnds, certificates: Certificates, server: Callable[..., Profiles], end: str
) -> None:
    """It is off in workers, and a connection holds much."""
    profiles = server(certificates.ca, "verify_client = on")
    gc.disable()
    try:
        pair = ends(profiles)
        if end == "in the hello":
            pair.wire.send(b"\x16\x03\x01\x02\x00\x01")
            assert pair.ours.handshake() is False
        elif end == "junk":
            pair.wire.send(JUNK[0])
            with pytest.raises(TransportError):
                pair.ours.handshake()
        else:
            pair.wrap(client_context(certificates.client if end == "established" else None))
            if end == "established":
                pair.shake()
            else:
                pair.failure()
        pair.close()
        gone = weakref.ref(pair.ours)
        pair.ours = None  # type: ignore[assignment]
        assert gone() is None
        pair.ours = Nothing()  # type: ignore[assignment]  # for the fixture
    finally:
        gc.enable()


class Nothing:
    def close(self) -> None:
        pass


@pytest.mark.parametrize(("cache", "resumed"), [(0, False), (1, True)])
def test_sessions_are_resumed_where_the_cache_is_on(
    ends: MakeEnds, server: Callable[..., Profiles], monkeypatch: pytest.MonkeyPatch, cache: int, resumed: bool
) -> None:
    monkeypatch.setattr(settings, "session_cache", cache)
    profiles, context = server(), client_context()
    pair = ends(profiles)
    pair.wrap(context)
    pair.shake()
    pair.ours.write(memoryview(b"x"))
    assert pair.peer_hears() == b"x"
    session = pair.peer.session
    again = ends(profiles)
    again.peer = context.wrap_socket(again.wire, do_handshake_on_connect=False, session=session)
    again.shake()
    assert again.peer.session_reused is resumed
