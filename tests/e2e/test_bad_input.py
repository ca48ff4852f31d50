"""What a peer can send must never hurt: no traceback, no process lost, no shared memory kept."""

import contextlib
import pathlib
import random
import time
from collections.abc import Callable

from kahea.tests.support.server import Server, wait_until

from .peer import Peer

CORPUS = pathlib.Path(__file__).resolve().parents[1] / "parser" / "torture"
MESSAGES = 10_000
SEED = 20261124
SHORT_BINDINGS = "".join(  # what a wounded REGISTER may have stored must go by itself
    f'modparam("{module}", "{name}", {value})\n'
    for module, name, value in (
        ("registrar", "default_expires", 2),
        ("registrar", "max_expires", 2),
        ("usrloc", "timer_interval", 1),
    )
)
SETTLE_S = 45.0  # longest life of a transaction that a mutated request may have started


def test_request_without_call_id_is_refused_or_dropped(proxy: Server) -> None:
    with Peer(5070) as peer:
        text = peer.request("OPTIONS", peer.new_call("sip:127.0.0.1"))
        peer.send("\r\n".join(line for line in text.split("\r\n") if not line.startswith("Call-ID")))
        with contextlib.suppress(TimeoutError):
            assert peer.receive(0.5).status == 400
        peer.send(text)
        peer.expect(200, skip=(400,))


def test_datagrams_that_are_not_sip_are_ignored(proxy: Server) -> None:
    with Peer(5070) as peer:
        for junk in (
            b"",
            b"\0",
            b"\r\n\r\n",
            b"hello",
            b"GET / HTTP/1.1\r\n\r\n",
            b"\xff" * 65000,
            b"INVITE",
            b"SIP/2.0 200",
            b"\0" * 1400,
        ):
            peer.line.send(junk)
        peer.quiet(0.3)
        peer.send(peer.request("OPTIONS", peer.new_call("sip:127.0.0.1")))
        peer.expect(200)


def mutate(rng: random.Random, data: bytes) -> bytes:
    """One to eight random wounds: a byte changed, a piece cut, doubled, moved or inserted."""
    wounded = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if not wounded:
            break
        at = rng.randrange(len(wounded))
        length = rng.randint(1, 40)
        kind = rng.randrange(6)
        if kind == 0:
            wounded[at] = rng.randrange(256)
        elif kind == 1:
            del wounded[at : at + length]
        elif kind == 2:
            wounded[at:at] = wounded[at : at + length]
        elif kind == 3:
            wounded[at:at] = rng.choice((b"\r\n", b"\0", b"<", b'"', b";", b",", b":", b"\r\n ", b"%", b"9" * 12, b"@"))
        elif kind == 4:
            piece = bytes(wounded[at : at + length])
            del wounded[at : at + length]
            to = rng.randrange(len(wounded) + 1)
            wounded[to:to] = piece
        else:
            del wounded[at:]
    return bytes(wounded)


def bases(peer: Peer) -> list[bytes]:
    """Messages to wound: our own of each kind, and the RFC 4475 and 5118 ones."""
    methods = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "SUBSCRIBE")
    users = ("failover", "direct", "nobody")
    own = [peer.request(method, peer.new_call(user)).encode() for method in methods for user in users]
    return own + [path.read_bytes() for path in sorted(CORPUS.glob("**/*.dat"))]


def shared_memory_in_use(server: Server) -> int:
    return int(server.rpc("core.shmmem")["real_used"])


def test_ten_thousand_mutated_messages_leave_no_trace(start_proxy: Callable[..., Server]) -> None:
    proxy = start_proxy(SHORT_BINDINGS)
    rng = random.Random(SEED)
    with Peer(5070) as peer:
        peer.send(peer.request("OPTIONS", peer.new_call("sip:127.0.0.1")))
        peer.expect(200)
        pids = set(proxy.workers())
        before = shared_memory_in_use(proxy)
        material = bases(peer)
        for number in range(MESSAGES):
            peer.line.send(mutate(rng, rng.choice(material))[:65000])
            if number % 50 == 0:
                time.sleep(0.01)
        assert set(proxy.workers()) == pids, proxy.log[-4000:]
        wait_until(lambda: shared_memory_in_use(proxy) <= before, SETTLE_S, f"shared memory back at {before}")
    with Peer(5071) as fresh:
        fresh.send(fresh.request("OPTIONS", fresh.new_call("sip:127.0.0.1")))
        fresh.expect(200)
    assert "Traceback" not in proxy.log
