"""Each message of RFC 4475 and RFC 5118 through a running proxy: forwarded whole, answered rightly, or dropped."""

import pathlib
import select
from collections.abc import Iterator
from typing import Any

import pytest

from kahea.tests.parser.corpus import ENTRIES, message, name
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, SipSocket

HERE = pathlib.Path(__file__).resolve().parent
QUIET_S = 0.3
# Where the RFC leaves a choice, or speaks of what is no subject of this proxy: what this one does.
CHOICES = {
    "badaspec": "forward",  # the blanks in To are tolerated
    "badbranch": "forward",  # without state, a bare cookie does no harm
    "test": "drop",  # no SIP version: not taken for SIP
    "ipv6-in-sdp": "reply",  # the RFC's slip in Content-Length is one for us too
    "unksm2": "forward",
}


@pytest.fixture
def proxy(isolated: None, tmp_path: pathlib.Path) -> Iterator[Server]:
    server = Server((HERE / "torture.cfg").read_text(), tmp_path / "server", workers=None)
    server.start()
    yield server
    server.close()
    assert "Traceback" not in server.log, server.log


def what_comes(sender: SipSocket, target: SipSocket) -> tuple[str, SipMessage | None]:
    """("reply" | "forward" | "drop", the message that arrived)."""
    ready, _, _ = select.select([sender.socket, target.socket], [], [], QUIET_S)
    if not ready:
        return "drop", None
    return ("forward", target.receive()) if target.socket in ready else ("reply", sender.receive())


def check(entry: dict[str, Any], what: str, got: SipMessage | None) -> None:
    wanted = CHOICES.get(name(entry)) or ("drop" if entry["proxy"] in ("parse", "n/a") else entry["proxy"])
    assert what == wanted
    if what == "reply" and got:
        assert got.status in entry["codes"]
    if what == "forward" and got:
        length = (entry.get("facts") or {}).get("body_length")
        assert length is None or len(got.body) == length
        assert got.body in message(entry)
        assert got.get("Via").startswith("SIP/2.0/UDP 127.0.0.1")


def test_every_torture_message_is_handled_as_the_rfc_says(proxy: Server) -> None:
    sender, target = SipSocket(5070), SipSocket(5081)
    failed = []
    for entry in ENTRIES:
        sender.send(message(entry))
        what, got = what_comes(sender, target)
        try:
            check(entry, what, got)
        except AssertionError as error:
            failed.append(f"{name(entry)}: {what} {got.start if got else ''}: {error}")
    sender.close()
    target.close()
    assert not failed, "\n".join(failed)
