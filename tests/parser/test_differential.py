"""What Debian's Kamailio reads in each torture message, and what we read: equal, or different for a reason."""

import pathlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from kahea.parser.errors import BadMessage
from kahea.parser.msg import SipMsg
from kahea.parser.params import unquote
from kahea.parser.uri import try_parse_uri

from .corpus import ENTRIES, message, name

PORT = 5066
Readings = dict[str, dict[str, bytes]]
FIELDS = ("rm", "ru", "rU", "rd", "ci", "cs", "fu", "ft", "fn", "tu", "tt", "ct", "rb")
CONFIG = f"""#!KAMAILIO
debug=1
log_stderror=yes
children=1
listen=udp:127.0.0.1:{PORT}
disable_tcp=yes
loadmodule "pv.so"
loadmodule "xlog.so"
request_route {{
  xlog("L_ALERT", "READ {" ".join(f"{f}=$({f}{{s.encode.hexa}})" for f in FIELDS if f != "cs")} cs=$cs .\\n");
}}
"""
# Requests that Kamailio drops in silence before any script, and we read: to handle or to answer them.
DROPPED_THERE = {
    "wsinv": "valid: blanks and folding around the slashes of Via",
    "badinv01": "malformed Via: 400 is due",
    "badvers": "another version: 505 is due",
    "insuf": "headers missing: 400 is due",
    "lwsruri": "blank in the Request-URI: 400 is due",
    "lwsstart": "two blanks in the first line: 400 is due",
    "quotbal": "a quote in To does not end: 400 is due",
    "multi01": "headers twice: 400 is due",
}
NOISE = "RFC 3261 18.3: what follows the octets that Content-Length counts is no body"
NO_URI = "a URI that it cannot parse is null in its script; ours is answered 400 or 416 and still readable for logs"
COMMAS = "commas without quotes in a display name part two values: malformed, answered 400"
# (message, field): why the values differ.
DIFFERENCES = {
    ("dblreq", "rb"): NOISE,
    ("mult-ip-in-sdp", "rb"): NOISE,
    ("ipv4-mapped-ipv6", "rb"): NOISE,
    ("ncl", "rb"): "Content-Length is negative: malformed, answered 400; the body is the rest for logs",
    ("mcl01", "rb"): "two lengths: malformed, answered 400",
    ("scalar02", "cs"): "a number beyond 2^31: malformed, answered 400",
    ("ltgtruri", "ru"): NO_URI,
    ("unkscm", "ru"): NO_URI,
    ("novelsc", "ru"): NO_URI,
    ("ipv6-bad", "ru"): NO_URI,
    ("baddn", "fu"): COMMAS,
    ("baddn", "ft"): COMMAS,
    ("baddn", "fn"): COMMAS,
    ("baddn", "tu"): COMMAS,
}

needs_kamailio = pytest.mark.skipif(shutil.which("kamailio") is None, reason="Debian's kamailio is not installed")


def ours(msg: SipMsg) -> dict[str, bytes]:
    """The same values from our parser; b"" for none, as Kamailio encodes $null."""
    ruri = try_parse_uri(msg.ruri)
    values = {
        "rm": msg.method_name, "ru": msg.ruri, "rU": ruri and ruri.user, "rd": ruri and ruri.host, "ci": msg.callid,
        "cs": b"%d" % msg.cseq_num, "fu": msg.from_uri, "ft": msg.from_tag, "fn": msg.from_display, "tu": msg.to_uri,
        "tt": msg.to_tag, "ct": msg.header(b"Contact"), "rb": msg.body,
    }  # fmt: skip
    return {key: value or b"" for key, value in values.items()}


@pytest.fixture(scope="module")
def readings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readings]:
    """Message name → field → value, by Kamailio."""
    folder = tmp_path_factory.mktemp("kamailio")
    (folder / "k.cfg").write_text(CONFIG)
    log = folder / "log"
    with log.open("wb") as out:
        command = ["kamailio", "-f", str(folder / "k.cfg"), "-DD", "-E", "-Y", str(folder), "-w", str(folder)]
        process = subprocess.Popen(command, stderr=out, stdout=out)
    yield {name(entry): read(entry, log) for entry in ENTRIES if entry["type"] == "request"} if up(log) else {}
    process.terminate()
    process.wait(10)


def up(log: pathlib.Path) -> bool:
    """Waits until the worker answers with a line of its own."""
    probe = b"OPTIONS sip:probe SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
    probe += b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nContent-Length: 0\r\n\r\n"
    for _ in range(50):
        if sent(probe, log):
            return True
    raise AssertionError(log.read_text(errors="replace"))


def sent(data: bytes, log: pathlib.Path) -> dict[str, bytes]:
    """Sends a datagram and reads what the log says about it; empty when nothing comes."""
    start = log.stat().st_size
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(data, ("127.0.0.1", PORT))
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        text = log.read_bytes()[start:]
        if found := re.search(rb"READ (.*) \.\n", text):
            pairs = (pair.partition(b"=") for pair in found[1].split(b" "))
            return {key.decode(): decode(key, value) for key, _, value in pairs}
        time.sleep(0.005)
    return {}


def decode(key: bytes, value: bytes) -> bytes:
    if key == b"cs":
        return value
    return b"" if value == b"<null>" else bytes.fromhex(value.decode())


def read(entry: dict[str, str], log: pathlib.Path) -> dict[str, bytes]:
    return sent(message(entry), log)


def differences(title: str, data: bytes, theirs: dict[str, bytes]) -> Iterator[tuple[str, str, object]]:
    """(message, field, both values) where the readings differ; field "" when only we read the message at all."""
    try:
        mine = ours(SipMsg.from_bytes(data))
    except BadMessage:
        mine = {}
    if not theirs:
        if mine:
            yield title, "", "read by us only"
        return
    for field in FIELDS:
        a, b = mine.get(field, b""), theirs[field]
        if field == "fn":  # Kamailio takes the quotes off
            a, b = unquote(a), unquote(b)
        if a != b:
            yield title, field, (a, b)


@needs_kamailio
def test_kamailio_reads_the_same_or_the_difference_has_a_reason(isolated: None, readings: Readings) -> None:
    requests = [entry for entry in ENTRIES if entry["type"] == "request"]
    found = [d for e in requests for d in differences(name(e), message(e), readings[name(e)])]
    expected = {*DIFFERENCES, *((title, "") for title in DROPPED_THERE)}
    assert [d for d in found if d[:2] not in expected] == []
    assert expected - {d[:2] for d in found} == set(), "no such difference any more"
