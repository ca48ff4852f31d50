"""Shared memory ends in the middle of a registration and a call: at the first allocation, the second, ... until all is
through.

Whatever was refused is answered or dropped, never a crash; and when memory is back everything works, nothing is lost.
"""

import re
import time
from collections.abc import Callable

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipMessage

from .peer import Call, Peer

DEBUG = 'mem_debug=yes\nmodparam("tm", "wt_timer", 300)\n'
ALLOCATIONS_MAX = 60  # a call takes fewer


class Phones:
    """Two phones and one call between them, driven by what arrives; each resends its request when nothing does."""

    def __init__(self, alice: Peer, bob: Peer) -> None:
        self.alice, self.bob = alice, bob
        self.refused = 0
        self.ended = False

    def call(self) -> str:
        """ "through", the status that refused it, or "no answer to METHOD"."""
        registered = self.bob.register().status
        if registered != 200:
            return str(registered)
        self.dialog, self.branch = self.alice.invite("bob")
        self.last = self.alice.request("INVITE", self.dialog, branch=self.branch)
        quiet = 0
        while quiet < 4 and not (self.refused or self.ended):
            if self.step(self.bob, self.at_bob) or self.step(self.alice, self.at_alice):
                quiet = 0
                continue
            quiet += 1
            self.alice.send(self.last)
        return "through" if self.ended else str(self.refused or f"no answer to {self.last.split()[0]}")

    def step(self, peer: Peer, handle: Callable[[SipMessage], None]) -> bool:
        try:
            message = peer.receive(0.15)
        except TimeoutError:
            return False
        handle(message)
        return True

    def at_bob(self, message: SipMessage) -> None:
        if message.method == "INVITE":
            self.bob.answer(message, 180)
        if message.method in ("INVITE", "BYE", "CANCEL"):
            self.bob.answer(message, 200)

    def at_alice(self, message: SipMessage) -> None:
        if not message.status or message.status < 200:
            return
        if "BYE" in message.get("CSeq"):
            self.ended = message.status == 200
            self.refused = 0 if self.ended else message.status
        elif message.status == 200:
            self.alice.established(self.dialog, message)
            self.alice.send(self.alice.request("ACK", self.dialog))
            self.dialog.cseq = 2
            self.last = self.alice.request("BYE", self.dialog)
            self.alice.send(self.last)
        else:
            self.refused = message.status
            failed = Call(self.dialog.call_id, self.dialog.local, message.get("To"), self.dialog.target)
            self.alice.send(self.alice.request("ACK", failed, branch=self.branch))


def drain(*peers: Peer) -> None:
    """What still arrives of a call that is over."""
    for peer in peers:
        while not peer.line.silent(0.05):
            continue


def one_call(server: Server, allocations: int) -> str:
    with Peer(5070, "alice") as alice, Peer(5080, "bob") as bob:
        server.rpc("shm.fail_after", allocations)
        outcome = Phones(alice, bob).call()
        server.rpc("shm.fail_after", -1)
        drain(alice, bob)
    return outcome


def test_call_without_memory_is_answered_and_nothing_is_lost(start_proxy: Callable[..., Server]) -> None:
    begin = time.monotonic()
    server = start_proxy(DEBUG)
    with Peer(5080, "bob") as bob:
        assert bob.register().status == 200
    assert one_call(server, -1) == "through"
    workers = server.workers()
    wait_until(lambda: server.rpc("tm.stats")["current"] == 0, 20, "no transaction left")
    outcomes: list[str] = []
    while len(outcomes) < ALLOCATIONS_MAX and outcomes[-1:] != ["through"]:
        outcomes.append(one_call(server, len(outcomes)))
    assert set(outcomes[:-1]) == {"503"} and outcomes[-1] == "through", outcomes
    assert one_call(server, -1) == "through"
    assert server.workers() == workers  # nobody died of it
    wait_until(lambda: server.rpc("tm.stats")["current"] == 0, 60, "no transaction left")
    time.sleep(0.2)
    assert server.rpc("shm.check") == {"faults": 0, "misuses": 0}
    left = [site for site in server.rpc("shm.sites") if "/tm_" in site["site"] and site["blocks"] > 1]
    assert left == []
    refused = [int(count) for count in re.findall(r"out of shared memory: (\d+) allocations were refused", server.log)]
    assert sum(refused) == server.rpc("stats.fetchn", "shmem:failed")["shmem.failed"], refused
    assert 0 < len(refused) <= time.monotonic() - begin + 1  # one a second
