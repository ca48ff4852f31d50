"""Each message of RFC 4475 and RFC 5118, and of the field, through a running proxy and a running registrar: forwarded
whole, registered, answered rightly, or dropped. What is expected stands in tests/parser/torture/index.json."""

import pathlib
import re
import select
from collections.abc import Iterator
from typing import Any

import pytest

from kahea.tests.parser.corpus import ENTRIES, fixed_length, message, name
from kahea.tests.parser.field_corpus import FIELD
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, SipSocket

HERE = pathlib.Path(__file__).resolve().parent
QUIET_S = 0.3
LIMIT = 10  # Max-Forwards that the proxy gives to a request without one
LARGEST = 70  # and the largest that it lets through: maxfwd's max_limit
# Where the RFC leaves a choice, or speaks of what is no subject of this proxy: what this one does.
CHOICES = {
    "badaspec": "forward",  # the blanks in To are tolerated
    "badbranch": "forward",  # without state, a bare cookie does no harm
    "test": "drop",  # no SIP version: not taken for SIP
    "ipv6-in-sdp": "reply",  # the RFC's slip in Content-Length is one for us too; its body is tried with the right one
}
# The same of the registrar.
BINDS = {"regbadct": "register"}  # brackets are supplied: nothing is ambiguous there
DROPPED = ("parse", "n/a")  # replies with one Via: nobody to pass them to
UNSUPPORTED = {"bext01": ["noProxiesSupportThis", "norDoAnyProxiesSupportThis"]}
_LINE = re.compile(rb"\r?\n(?![ \t])")
_EDITED = re.compile(rb"(?i)(route|max-forwards)[ \t]*:")
_ADDED = re.compile(rb"(?i);(received=[^;,\s]+|rport(=\d+)?)")


@pytest.fixture
def server(request: pytest.FixtureRequest, isolated: None, tmp_path: pathlib.Path) -> Iterator[Server]:
    """A server with the configuration that the test names."""
    made = Server((HERE / request.param).read_text(), tmp_path / "server", workers=None)
    made.start()
    yield made
    made.close()
    assert "Traceback" not in made.log, made.log


def what_comes(sender: SipSocket, target: SipSocket) -> tuple[str, SipMessage | None]:
    """("reply" | "forward" | "drop", the message that arrived)."""
    ready, _, _ = select.select([sender.socket, target.socket], [], [], QUIET_S)
    if not ready:
        return "drop", None
    return ("forward", target.receive()) if target.socket in ready else ("reply", sender.receive())


def lines(data: bytes) -> list[bytes]:
    """First line and header lines, folded ones whole."""
    return _LINE.split(re.split(rb"\r?\n\r?\n", data.lstrip(b"\r\n"), maxsplit=1)[0])


def untouched(data: bytes) -> list[bytes]:
    """What the proxy must leave as it is: all lines but those that it edits, without what a Via gets."""
    kept = [line for line in lines(data) if not _EDITED.match(line)]
    return [_ADDED.sub(b"", line) for line in kept]


def check_passed_on(sent: bytes, got: SipMessage) -> None:
    """Whole but for a Via of ours on top and Max-Forwards."""
    own = next(line for line in lines(got.data) if line.startswith(b"Via: SIP/2.0/UDP 127.0.0.1"))
    assert untouched(got.data.replace(own + b"\r\n", b"", 1)) == untouched(sent)
    given = re.search(rb"(?im)^max-forwards[ \t]*:\s*(\d+)", sent)
    left = re.search(rb"(?im)^max-forwards[ \t]*:\s*(\d+)", got.data)
    assert left and int(left[1]) == (min(int(given[1]) - 1, LARGEST) if given else LIMIT)


def check_forwarded(entry: dict[str, Any], sent: bytes, got: SipMessage) -> None:
    check_passed_on(sent, got)
    assert got.body in sent
    if sent == message(entry) and entry.get("facts"):
        assert len(got.body) == entry["facts"].get("body_length", 0)


def check_reply(entry: dict[str, Any], sent: bytes, got: SipMessage) -> None:
    assert got.status in entry["codes"]
    options = [option.strip() for value in got.all("Unsupported") for option in value.split(",")]
    assert options == UNSUPPORTED.get(name(entry), [])
    call_id = re.search(rb"(?im)^(?:call-id|i)[ \t]*:\s*(\S+)", sent)
    if call_id:
        assert got.get("Call-ID").encode() == call_id[1]


def failures(entries: list[dict[str, Any]], key: str, choices: dict[str, str], checks: dict[str, Any]) -> list[str]:
    """Sends each and compares what comes with what `choices` or the index (under `key`) says."""
    sender, target = SipSocket(5070), SipSocket(5081)
    failed = []
    for entry in entries:
        variants = [(message(entry), choices.get(name(entry), entry[key]))]
        if fixed_length(entry):
            variants.append((fixed_length(entry), entry[key]))
        for sent, wanted in variants:
            sender.send(sent)
            what, got = what_comes(sender, target)
            try:
                kind = "drop" if wanted in DROPPED else wanted
                assert what == ("reply" if kind in ("register", "reply-or-ignore-header") else kind)
                if got:
                    checks[kind](entry, sent, got)
            except AssertionError as error:
                failed.append(f"{name(entry)}: {what} {got.start if got else ''}: {error}")
    sender.close()
    target.close()
    return failed


@pytest.mark.parametrize("server", ["torture.cfg"], indirect=True)
def test_every_torture_message_is_handled_as_the_rfc_says(server: Server) -> None:
    failed = failures(ENTRIES, "proxy", CHOICES, {"forward": check_forwarded, "reply": check_reply})
    assert not failed, "\n".join(failed)


REFUSED_FROM_THE_FIELD = {  # Proxy-Require of what is not here; what is malformed
    "ims/volte-register": 420,
    "trunks/trunk-register": 420,
    "odd/comment in Via": 400,
}


@pytest.mark.parametrize("server", ["torture.cfg"], indirect=True)
def test_every_request_from_the_field_passes_whole(server: Server) -> None:
    sender, target = SipSocket(5070), SipSocket(5081)
    failed = []
    for title, sent in FIELD.items():
        if sent.startswith(b"SIP/2.0"):
            continue
        sender.send(sent)
        what, got = what_comes(sender, target)
        try:
            assert got and got.status == REFUSED_FROM_THE_FIELD.get(title, 0)
            if what == "forward":
                check_passed_on(sent, got)
        except AssertionError as error:
            failed.append(f"{title}: {what} {got.start if got else ''}: {error}")
    sender.close()
    target.close()
    assert not failed, "\n".join(failed)


def check_registered(entry: dict[str, Any], sent: bytes, got: SipMessage) -> None:
    """200, and among the bindings are the contacts that were sent, as they were sent."""
    assert got.status == 200
    bound = {uri for value in got.all("Contact") for uri in re.findall("<([^>]*)>", value)}
    contacts = (entry.get("facts") or {}).get("contacts", [])
    assert bound and {contact["uri"]["raw"] for contact in contacts} <= bound


@pytest.mark.parametrize("server", ["torture_registrar.cfg"], indirect=True)
def test_what_a_registrar_gets_is_registered_or_refused_as_the_rfc_says(server: Server) -> None:
    entries = [entry for entry in ENTRIES if entry["registrar"] != "n/a"]
    checks = {"register": check_registered, "reply": check_reply, "reply-or-ignore-header": check_reply}
    failed = failures(entries, "registrar", BINDS, checks)
    assert len(entries) > 10 and not failed, "\n".join(failed)
