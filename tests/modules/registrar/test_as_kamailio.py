"""The registrar of a running server answers as Debian's Kamailio did, but for what DIFFERENCES explains."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipMessage, SipSocket

HERE = Path(__file__).parent
OURS = re.compile(r"(?i)(contact|p-registrar-error|retry-after|path|unsupported|min-expires|x-\w+):")

# (user, CSeq) -> why the reply differs, and the line that Kamailio has and we have not
DIFFERENCES = {
    ("q", "2"): ("a malformed request is refused before the table is read", "Contact: "),
    ("q", "6"): ("a malformed request is refused before the table is read", "Contact: "),
}


class Case(NamedTuple):
    """One request and the recorded reply."""

    method: str
    user: str
    cseq: str
    headers: list[str]
    reply: list[str]


def recorded() -> list[Case]:
    cases: list[Case] = []
    for line in (HERE / "kamailio.txt").read_text().splitlines():
        if line[:2] == "< ":
            cases[-1].headers.append(line[2:])
        elif line[:2] == "> ":
            cases[-1].reply.append(line[2:])
        elif line and line[0] != "#":
            method, user, cseq = line.split(" ")
            cases.append(Case(method, user, cseq, [], []))
    return cases


def shown(reply: SipMessage) -> list[str]:
    """Status and the headers of interest, as they were recorded."""
    lines = [line for line in reply.data.decode().split("\r\n") if OURS.match(line)]
    return [re.sub(r"uloc-[0-9a-f-]+", "RUID", line) for line in [reply.start.removeprefix("SIP/2.0 "), *sorted(lines)]]


def seconds(lines: list[str]) -> tuple[list[str], list[int]]:
    """The lines without the seconds of expires, and those: time goes by between two requests."""
    numbers = [int(n) for line in lines for n in re.findall(r"expires=(\d+)", line)]
    return [re.sub(r"expires=\d+", "expires", line) for line in lines], numbers


def test_same_answers(start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]) -> None:
    start_server(HERE / "kamailio.cfg")
    phone = sip_socket()
    for case in recorded():
        aor = f"<sip:{case.user}@127.0.0.1>"
        uri = "sip:127.0.0.1" if case.method == "REGISTER" else f"sip:{case.user}@127.0.0.1;foo=bar"
        request = phone.request(
            case.method, uri, *case.headers, call_id="c1", cseq=int(case.cseq), from_=f"{aor};tag=a", to=aor,
            max_forwards=None,
        )  # fmt: skip
        phone.send(request)
        expected = case.reply
        if (case.user, case.cseq) in DIFFERENCES:
            _, left_out = DIFFERENCES[case.user, case.cseq]
            expected = [line for line in expected if not line.startswith(left_out)]
        (got, got_s), (want, want_s) = seconds(shown(phone.receive())), seconds(expected)
        assert got == want, case
        assert all(0 <= w - g <= 5 for w, g in zip(want_s, got_s, strict=True)), case
