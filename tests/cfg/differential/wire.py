"""A real server with real sockets behind the calls of `ScriptTest` that a `Play` makes: what a script does in Kamailio.

It wants a network namespace in which 192.0.2.0/24 is local (idioms.py makes one).
"""

import contextlib
import select
import socket
import struct
import subprocess
import time
from pathlib import Path

from kahea.core.scripttest.message import Message, make_reply, make_request
from kahea.core.scripttest.outcome import Outcome

SERVER = ("192.0.2.1", 5060)
PEERS = ("192.0.2.7", "192.0.2.8", "192.0.2.9", "192.0.2.10", "192.0.2.11", "192.0.2.100", "192.0.2.101")
QUIET_S = 0.25  # nothing more comes of a message after so long; below T1, so that nothing is sent again
SO_TIMESTAMPNS = 35
PREAMBLE = (
    "#!KAMAILIO\ndebug=1\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nauto_aliases=no\nlisten=udp:192.0.2.1:5060\n"
)


class WireTest:
    """`send`, `answer`, `push`, `advance` and `log` of a ScriptTest, with a server process."""

    def __init__(self, config: str, folder: Path, command: list[str]) -> None:
        (folder / "k.cfg").write_text(PREAMBLE + config, "latin-1")
        self._log = folder / "log"
        self._number = 0
        self._pushed: set[bytes] = set()
        self._sent: set[tuple[str, bytes]] = set()
        self._peers = {ip: _bound(ip) for ip in PEERS}
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [*command, "-f", str(folder / "k.cfg"), "-DD", "-E"], stdout=log, stderr=log
            )
        self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> None:
        end = time.monotonic() + 15
        while time.monotonic() < end and self._process.poll() is None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect(SERVER)
                probe.send(b"\r\n\r\n")
                time.sleep(0.05)
                with contextlib.suppress(ConnectionRefusedError):
                    probe.send(b"\r\n\r\n")
                    time.sleep(0.3)  # its other processes
                    return
        raise AssertionError(f"the server does not start:\n{self.log}")

    def send(
        self, method: str, uri: str, *, headers: dict[str, str], source: tuple[str, int] = ("192.0.2.100", 5060)
    ) -> Outcome:
        """A request with the usual headers arrives."""
        self._number += 1
        return self.push(make_request(method, uri, self._number, f"{source[0]}:{source[1]}", headers, ""), source)

    def answer(self, request: Message, status: int) -> Outcome:
        """Who got `request` replies."""
        return self.push(make_reply(request, status, "", {}), (request.to.partition(":")[0], 5060))

    def push(self, data: bytes, source: tuple[str, int]) -> Outcome:
        """Any datagram arrives. What the server only sends again, because of its timers, is left out."""
        again = data in self._pushed  # then so may be what is sent
        self._pushed.add(data)
        self._peers[source[0]].sendto(data, SERVER)
        return self._gather(QUIET_S, again)

    def advance(self, seconds: float) -> Outcome:
        """Time passes."""
        return self._gather(seconds, True)

    def _gather(self, quiet: float, again: bool) -> Outcome:
        """All that is sent until nothing has come for so long, in the order in which it was sent."""
        found: list[tuple[int, Message]] = []
        while ready := select.select(list(self._peers.values()), [], [], quiet)[0]:
            for peer in ready:
                data, stamps, _, _ = peer.recvmsg(65536, 64)
                seconds, nanoseconds = struct.unpack("qq", stamps[0][2])
                found.append((seconds * 10**9 + nanoseconds, Message(data, f"{peer.getsockname()[0]}:5060")))
        kept: list[tuple[str, bytes]] = []
        for _, message in sorted(found, key=lambda pair: pair[0]):
            one = message.to, message.data
            if again or one not in self._sent:
                kept.append(one)
            self._sent.add(one)
        return Outcome(kept)

    @property
    def log(self) -> str:
        """What the server has logged."""
        return self._log.read_text("latin-1")

    def close(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(10)
        for peer in self._peers.values():
            peer.close()


def _bound(ip: str) -> socket.socket:
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    peer.bind((ip, 5060))
    return peer
