"""Whatever bytes come, and in whatever pieces: a connection carries on or is lost, and nothing else happens."""

import contextlib
import random
import socket
import ssl
from collections.abc import Callable

import pytest

from kahea.core.net.transports import TransportError
from kahea.modules.tls.profiles import Profiles
from kahea.tests.support.sip_tls import client_context

from .conftest import Certificates
from .ends import Ends

MakeEnds = Callable[..., Ends]


@pytest.fixture
def profiles(certificates: Certificates, profiles_of: Callable[..., Profiles]) -> Profiles:
    return profiles_of(
        certificates.section("server:default", certificates.server, certificates.ca, "verify_client = optional"),
        certificates.section("server:any", certificates.named, "server_name = named.example.org"),
    )


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("seed", range(4))
def test_pieces_of_any_size_arrive_in_order(
    ends: MakeEnds, profiles: Profiles, version: ssl.TLSVersion, seed: int
) -> None:
    """Both directions at once, through sockets that take little."""
    pick = random.Random(seed)
    pair, context = ends(profiles), client_context()
    context.maximum_version = version
    pair.wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    pair.wrap(context, "named.example.org")
    pair.shake()
    ours, theirs = pick.randbytes(200_000), pick.randbytes(200_000)
    sent = told = 0
    heard = got = piece = b""
    for _ in range(20_000):
        if sent < len(ours) and pick.random() < 0.5:
            sent += pair.ours.write(memoryview(ours)[sent : sent + pick.randint(1, 40_000)]) or 0
        if told < len(theirs) and pick.random() < 0.5:
            piece = piece or theirs[told : told + pick.randint(1, 3_000)]  # OpenSSL wants a refused one again
            with contextlib.suppress(ssl.SSLWantWriteError):
                told, piece = told + pair.peer.send(piece), b""
        if pick.random() < 0.5:
            buffer = bytearray(pick.randint(1, 5_000))
            got += buffer[: pair.ours.read(memoryview(buffer)) or 0]
        if pick.random() < 0.5:
            heard += pair.peer_hears()
        if pair.ours.wants_write:
            pair.ours.write(memoryview(b""))
        if len(got) == len(theirs) and len(heard) == len(ours):
            break
    assert got == theirs
    assert heard == ours


def flight(pair: Ends) -> bytes:
    """The client's first message, as it would go over the wire."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client_context().wrap_bio(incoming, outgoing, server_hostname="named.example.org").do_handshake()
    return outgoing.read()


def test_a_hello_with_wrong_bytes_is_refused_or_waited_for(ends: MakeEnds, profiles: Profiles) -> None:
    pick = random.Random(1)
    outcomes: set[object] = set()
    for _ in range(300):
        pair = ends(profiles)
        data = bytearray(flight(pair))
        for _ in range(pick.randint(1, 4)):
            data[pick.randrange(len(data))] = pick.randrange(256)
        pair.wire.send(data[: pick.randint(1, len(data))] if pick.random() < 0.3 else data)
        try:
            outcomes.add(pair.ours.handshake())
        except TransportError:
            outcomes.add("lost")
        pair.close()
    assert outcomes == {False, "lost"}


def test_records_with_wrong_bytes_end_the_connection(
    ends: MakeEnds, profiles: Profiles, certificates: Certificates
) -> None:
    """Bytes after the handshake that are not what the peer has encrypted."""
    pick = random.Random(2)
    for _ in range(60):
        pair = ends(profiles)
        pair.wrap(client_context(certificates.client))
        pair.shake()
        wire = socket.socket(fileno=pair.peer.detach())
        kind = pick.choice([20, 21, 22, 23, 24, 0, 255])
        size = pick.choice([0, 1, 2, 40, 200, 17_000])
        body = pick.randbytes(pick.randint(0, min(size + 1, 300)))
        wire.send(bytes([kind, 3, 3]) + size.to_bytes(2, "big") + body)
        wire.close()
        buffer = memoryview(bytearray(1000))
        try:
            while (count := pair.ours.read(buffer)) is not None and count > 0:
                raise AssertionError(f"read {count} bytes that nobody has sent")
        except TransportError:
            pass
        pair.ours.close()
