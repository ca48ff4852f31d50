"""Receivers and the keeper are killed, and the script exchanged, while phones talk over TCP: no connection notices."""

import os
import random
import signal
import threading
import time

from kahea.tests.support.server import Server, kill, wait_until
from kahea.tests.support.sip import SipMessage, unique
from kahea.tests.support.sip_tcp import SipStream

from .test_tcp import Start, start
from .test_tcp_limits import statistic

__all__ = ["start"]  # the fixture
PHONES = 20
AT_ONCE = 5  # requests that a phone sends without waiting
SECONDS = float(os.environ.get("KAHEA_TCP_CHAOS_S", "6"))
EVERY_S = 0.15
SEED = 7


class Killer(threading.Thread):
    """Kills TCP processes one after the other, and reloads the script."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server, self.kills, self.stopping = server, 0, False

    def run(self) -> None:
        rng = random.Random(SEED)
        while not self.stopping:
            time.sleep(EVERY_S)
            victims = [row["pid"] for row in self.server.processes() if "tcp" in row["description"]]
            kill(rng.choice(victims), signal.SIGKILL)
            self.kills += 1
            if self.kills % 10 == 0:
                kill(self.server.pid, signal.SIGHUP)


def answered(line: SipStream, wanted: list[bytes], before: set[str]) -> None:
    """Every request gets its 200, in order; one that its receiver had in hand when it died may get it twice."""
    left = [SipMessage(data).get("Call-ID") for data in wanted]
    while left:
        reply = line.receive(10)
        assert reply.status == 200
        call_id = reply.get("Call-ID")
        if call_id == left[0]:
            before.add(left.pop(0))
        else:
            assert call_id in before, f"{call_id} out of turn"


def test_killed_processes_lose_no_connection_and_no_request(start: Start) -> None:
    server = start("max_respawns=1000\n")
    lines = [SipStream() for _ in range(PHONES)]
    numbers = [line.call(request(line, "warm")).start for line in lines]
    before: list[set[str]] = [set() for _ in lines]
    killer = Killer(server)
    killer.start()
    end, rounds = time.monotonic() + SECONDS, 0
    try:
        while time.monotonic() < end:
            sent = [[request(line, "call") for _ in range(AT_ONCE)] for line in lines]
            for line, requests in zip(lines, sent, strict=True):
                line.send(b"".join(requests))
            for line, requests, seen in zip(lines, sent, before, strict=True):
                answered(line, requests, seen)
            rounds += 1
    finally:
        killer.stopping = True
        killer.join()
    assert killer.kills > 10 and rounds > 10
    assert [last(line) for line in lines] == numbers  # the same connections, under the same numbers
    assert (statistic(server, "lost"), statistic(server, "dropped")) == (0, 0)
    wait_until(lambda: server.rpc("core.tcp_info")["write_queued_bytes"] == 0)
    for line in lines:
        line.close()


def request(line: SipStream, prefix: str) -> bytes:
    return line.request("OPTIONS", "sip:127.0.0.1", call_id=unique(prefix))


def last(line: SipStream) -> str:
    """The answer to one more request: its reason names the connection."""
    data = request(line, "last")
    line.send(data)
    while (reply := line.receive(10)).get("Call-ID") != SipMessage(data).get("Call-ID"):
        pass
    return reply.start
