"""Two baresip phones, a client nobody here wrote, driven through its own control interface.

That is ctrl_tcp: netstrings of JSON, commands in, replies and events out.
"""

import json
import pathlib
import shutil
import socket
import subprocess
import time
import wave
from collections.abc import Callable, Iterator

import pytest

from kahea.tests.support.server import Server

HOST = "192.0.2.1"  # baresip ignores loopback interfaces
MODULES = pathlib.Path("/usr/lib/baresip/modules")
CONFIG = """\
sip_listen {host}:{sip}
module_path {modules}
module g711.so
module aufile.so
audio_player aufile,{folder}/heard.wav
audio_source aufile,{folder}/say.wav
audio_alert aufile,{folder}/heard.wav
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
rtp_ports {rtp}-{rtp_end}
"""

pytestmark = pytest.mark.skipif(
    not shutil.which("baresip") or not (MODULES / "ctrl_tcp.so").exists(), reason="needs Debian's baresip"
)


class Phone:
    """One baresip: commands in, events out."""

    def __init__(self, folder: pathlib.Path, user: str, sip: int, answer: bool) -> None:
        self.folder = folder / user
        self.folder.mkdir()
        control = sip + 1000
        values = {"host": HOST, "sip": sip, "modules": MODULES, "folder": self.folder, "control": control}
        (self.folder / "config").write_text(CONFIG.format(**values, rtp=sip * 2, rtp_end=sip * 2 + 9))
        with wave.open(str(self.folder / "say.wav"), "wb") as say:
            say.setparams((1, 2, 8000, 0, "NONE", ""))
            say.writeframes(bytes(16000))
        (self.folder / "accounts").write_text(
            f"<sip:{user}@{HOST}>;auth_pass=none;regint=60;answermode={'auto' if answer else 'manual'}\n"
        )
        (self.folder / "contacts").write_text("")
        command = ["baresip", "-f", str(self.folder)]
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.sock = self._connect(control)
        self.seen: list[dict[str, object]] = []
        self.pending = b""

    def _connect(self, port: int) -> socket.socket:
        deadline = time.monotonic() + 10
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port))
            except OSError:
                assert time.monotonic() < deadline and self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)

    def command(self, name: str, params: str = "") -> None:
        text = json.dumps({"command": name, "params": params}).encode()
        self.sock.sendall(b"%d:%s," % (len(text), text))

    def event(self, kind: str, timeout: float = 10.0) -> dict[str, object]:
        """Waits for an event of type `kind`, which may have come already."""
        return self._wait(lambda message: message.get("type") == kind, kind, timeout)

    def registered(self) -> None:
        """Waits until the account is registered; it may have been before we were connected to hear of it."""
        for _ in range(50):
            self.seen.clear()
            self.command("reginfo")
            if "OK" in str(self._wait(lambda message: "response" in message, "reginfo", 5.0).get("data")):
                return
            time.sleep(0.1)
        raise AssertionError(f"{self.folder.name} did not register:\n{(self.folder / 'log').read_text()}")

    def _wait(self, wanted: Callable[[dict[str, object]], bool], what: str, timeout: float) -> dict[str, object]:
        deadline = time.monotonic() + timeout
        while True:
            for message in self.seen:
                if wanted(message):
                    return message
            self.sock.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                self.pending += self.sock.recv(65536)
            except TimeoutError:
                raise AssertionError(f"no {what}; saw {self.seen}\n{(self.folder / 'log').read_text()}") from None
            self._split()

    def _split(self) -> None:
        while b":" in self.pending:
            size, rest = self.pending.split(b":", 1)
            if len(rest) <= int(size):
                return
            self.seen.append(json.loads(rest[: int(size)]))
            self.pending = rest[int(size) + 1 :]

    def stop(self) -> None:
        self.sock.close()
        self.process.terminate()
        self.process.wait(5)


@pytest.fixture
def phone_net(isolated: None) -> Iterator[None]:
    """An interface that is not loopback, in our own namespace only; it leads nowhere."""
    subprocess.run(["ip", "link", "add", "phones", "type", "veth", "peer", "name", "wall"], check=True)
    subprocess.run(["ip", "addr", "add", f"{HOST}/24", "dev", "phones"], check=True)
    for end in ("phones", "wall"):
        subprocess.run(["ip", "link", "set", end, "up"], check=True)
    yield
    subprocess.run(["ip", "link", "del", "phones"], check=True)


def test_two_phones_register_call_answer_and_hang_up(
    phone_net: None, start_proxy: Callable[..., Server], tmp_path: pathlib.Path
) -> None:
    start_proxy(f"listen=udp:{HOST}:5060\n")
    bob = Phone(tmp_path, "bob", 5090, answer=True)
    alice = Phone(tmp_path, "alice", 5092, answer=False)
    try:
        bob.registered()
        alice.registered()
        alice.command("dial", f"sip:bob@{HOST}")
        bob.event("CALL_ESTABLISHED")
        alice.event("CALL_ESTABLISHED")
        time.sleep(0.5)
        alice.command("hangup")
        bob.event("CALL_CLOSED")
        alice.event("CALL_CLOSED")
    finally:
        alice.stop()
        bob.stop()
