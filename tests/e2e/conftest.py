"""A running server for each test.

`KAHEA_TEST_SERVER=kamailio` runs the same tests against Debian's Kamailio: what they ask is what its users know.
"""

import os
import pathlib
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from kahea.tests.support.server import Server, kill

from .peer import Peer

HERE = pathlib.Path(__file__).resolve().parent
ORACLE = os.environ.get("KAHEA_TEST_SERVER") == "kamailio"
START_S = 10.0


class Oracle(Server):
    """Debian's Kamailio in the server's place; it tells systemd nothing, so it is asked over SIP."""

    def start(self, timeout: float = START_S) -> None:
        with self.log_path.open("ab") as log:
            command = self.command
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True)
        deadline = time.monotonic() + timeout
        with Peer(5999, "probe") as probe:
            while time.monotonic() < deadline:
                try:
                    probe.send(probe.request("OPTIONS", probe.new_call("sip:127.0.0.1")))
                    probe.receive(0.2)
                    return
                except OSError:
                    continue
        raise AssertionError(self.log)

    def close(self) -> None:
        for pid in (*self.children(), self.pid):
            kill(pid, 9)
        assert self.process
        self.process.wait()


@pytest.fixture
def start_proxy(isolated: None, tmp_path: pathlib.Path) -> Iterator[Callable[..., Server]]:
    """Starts the server of proxy.cfg, or of another text, with more lines of configuration; its log must hold no
    traceback at the end."""
    servers: list[Server] = []

    def start(more: str = "", script: str | None = None) -> Server:
        text = (script or (HERE / "proxy.cfg").read_text()) + more
        if ORACLE:
            server: Server = Oracle(text, tmp_path / "server", workers=None, command=["kamailio"])
        else:
            server = Server(text, tmp_path / "server", workers=None)
        servers.append(server)
        server.start()
        return server

    yield start
    alive = [server.process is not None and server.process.poll() is None for server in servers]
    for server in servers:
        server.close()
        assert "Traceback" not in server.log, server.log
    assert all(alive)


@pytest.fixture
def proxy(start_proxy: Callable[..., Server]) -> Server:
    """The server of proxy.cfg, ready."""
    return start_proxy()
