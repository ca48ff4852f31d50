"""A running server for each test, in this worker's own network namespace.

`KAHEA_TEST_SERVER=kamailio` runs the same tests against Debian's Kamailio: what they ask is what its users know.
"""

import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from .peer import Peer

HERE = pathlib.Path(__file__).resolve().parent
CLONE_NEWNET = 0x40000000
START_S = 10.0


@pytest.fixture(scope="session")
def net():
    """Moves this test process (and all it starts) into a network of its own with nothing but loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        pytest.skip("needs root for a private network namespace")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


class Server:
    """A server process under test."""

    def __init__(self, cfg: pathlib.Path, folder: pathlib.Path) -> None:
        self.log = folder / "server.log"
        self.folder = folder
        if os.environ.get("KAHEA_TEST_SERVER") == "kamailio":
            command = ["kamailio", "-DD", "-E", "-f", str(cfg), "-Y", str(folder)]
        else:
            command = [sys.executable, "-m", "kahea.core.main", "-DD", "-E", "-f", str(cfg)]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, start_new_session=True
            )

    def wait_ready(self) -> None:
        """Until it answers OPTIONS."""
        deadline = time.monotonic() + START_S
        with Peer(5999, "probe") as probe:
            while time.monotonic() < deadline:
                assert self.process.poll() is None, self.log.read_text()
                try:
                    probe.send(probe.request("OPTIONS", probe.new_call("sip:127.0.0.1")))
                    probe.recv(0.2)
                    return
                except OSError:
                    continue
        raise AssertionError(f"not ready after {START_S} s:\n{self.log.read_text()}")

    def stop(self) -> None:
        """SIGTERM, and it must be gone within 2 s."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(3)
        finally:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


@pytest.fixture
def start_proxy(net, tmp_path):
    """Starts the server of proxy.cfg with more lines of configuration; its log must hold no traceback at the end."""
    servers = []

    def start(more: str = "") -> Server:
        cfg = tmp_path / "proxy.cfg"
        cfg.write_text((HERE / "proxy.cfg").read_text().replace("RUNDIR", str(tmp_path)) + more)
        server = Server(cfg, tmp_path)
        servers.append(server)
        server.wait_ready()
        return server

    yield start
    alive = [server.process.poll() is None for server in servers]
    for server in servers:
        server.stop()
        assert "Traceback" not in server.log.read_text()
    assert all(alive)


@pytest.fixture
def proxy(start_proxy):
    """The server of proxy.cfg, ready."""
    return start_proxy()
