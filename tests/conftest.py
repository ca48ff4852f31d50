"""Gives every test process a private network namespace, and the fixtures that need a server or a socket."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.tests.support import net
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket


def pytest_configure(config: pytest.Config) -> None:
    """Before anything opens a socket: tests may then use any port, also several test processes at once."""
    config.stash[ISOLATED] = net.isolate()
    if not config.pluginmanager.has_plugin("kahea"):  # it is there by its entry point where the package is installed
        config.pluginmanager.import_plugin("kahea.core.scripttest.plugin")


ISOLATED: pytest.StashKey[bool] = pytest.StashKey()


def pytest_report_header(config: pytest.Config) -> str:
    if config.stash[ISOLATED]:
        return "network: private namespace"
    return "network: NOT ISOLATED (no right to unshare): tests that need fixed ports are SKIPPED"


@pytest.fixture
def isolated(request: pytest.FixtureRequest) -> None:
    """For a test that uses fixed ports of 127.0.0.1: skips it where there is no private namespace."""
    if not request.config.stash[ISOLATED]:
        pytest.skip("needs a private network namespace (root or unprivileged user namespaces)")


@pytest.fixture
def start_server(isolated: None, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`start_server(cfg_text, *args)` -> a running Server; stopped at the end, and its log must hold no traceback."""
    servers: list[Server] = []

    def start(cfg: str | Path, *args: str, **options: object) -> Server:
        server = Server(cfg, tmp_path / f"server{len(servers)}", *args, **options)  # type: ignore[arg-type]
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.close()
    for server in servers:
        assert "Traceback" not in server.log, server.log


@pytest.fixture
def sip_socket(isolated: None) -> Iterator[Callable[..., SipSocket]]:
    """`sip_socket(port=0, ip="127.0.0.1")` -> a SipSocket, closed at the end."""
    sockets: list[SipSocket] = []

    def make(port: int = 0, ip: str = "127.0.0.1") -> SipSocket:
        sockets.append(SipSocket(port, ip))
        return sockets[-1]

    yield make
    for sock in sockets:
        sock.close()
