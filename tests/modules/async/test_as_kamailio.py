"""What async.cfg does, case by case, here and, where it is installed, in Debian's Kamailio."""

import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipSocket

HERE = Path(__file__).parent
CASES = [line.split("\t") for line in (HERE / "cases.tsv").read_text().splitlines() if line[0] != "#"]


class Kamailio(Server):
    """The oracle; ready when it answers."""

    def start(self, timeout: float = 10.0) -> None:
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)
        wait_until(self.answers, timeout, "Kamailio to answer")

    def answers(self) -> bool:
        """Is an OPTIONS answered?"""
        with contextlib.closing(SipSocket()) as probe:
            try:
                probe.send(probe.request("OPTIONS", "sip:probe@127.0.0.1"))
                return probe.receive(0.2).status == 200
            except (AssertionError, OSError):
                return False


@pytest.fixture(scope="module", params=["kahea", "kamailio"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Either, with async.cfg."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "kahea":
        started = Server(HERE / "async.cfg", folder, workers=None)
    else:
        program = shutil.which("kamailio")
        if program is None:
            pytest.skip("Debian's Kamailio is not installed (make oracle)")
        started = Kamailio(HERE / "async.cfg", folder, workers=None, command=[program])
    try:
        started.start()
        yield started
    finally:
        started.close()


def logged(server: Server, user: str) -> list[str]:
    """What the case logged, without its mark."""
    return sorted(re.findall(rf"@{user} (.*)", server.log))


@pytest.mark.usefixtures("isolated")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_same(case: list[str], server: Server) -> None:
    user, status, lines = case
    expected = sorted(lines.split(";"))
    with contextlib.closing(SipSocket()) as phone:
        phone.send(phone.request("OPTIONS", f"sip:{user}@127.0.0.1"))
        reply = phone.receive(5)
        assert reply.status == int(status), server.log
        assert reply.header("X-Before") == "1"
    wait_until(lambda: len(logged(server, user)) >= len(expected), 3, f"the lines of {user}")
    time.sleep(0.05)  # nothing more
    assert logged(server, user) == expected
