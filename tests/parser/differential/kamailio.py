"""What Debian's kamailio reads of a message: a server that logs each field in hexadecimal digits."""

import pathlib
import re
import shutil
import socket
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

KAMAILIO = shutil.which("kamailio")
PORT = 5066
ANSWER_S = 20.0
PROBE = (
    b"OPTIONS sip:probe SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nContent-Length: 0\r\n\r\n"
)
_PROBE_MARK = b"sip:probe".hex().encode()
_FIELD = re.compile(rb"READ (\d+)=(\S*)")
# field → variable
VARIABLES = {
    "method": "rm", "ruri": "ru", "ruri user": "rU", "ruri host": "rd", "ruri port": "rp", "status": "rs",
    "reason": "rr", "call-id": "ci", "cseq": "cs",
    "from": "fu", "from user": "fU", "from host": "fd", "from name": "fn", "from tag": "ft",
    "to": "tu", "to user": "tU", "to host": "td", "to name": "tn", "to tag": "tt",
    "contact": "ct", "content-type": "cT", "content-length": "cl", "body": "rb", "user-agent": "ua",
    **{f"{via} {part}": f"{via}({part})" for via in ("via0", "via1")
       for part in ("host", "port", "proto", "branch", "received", "rport")},
    "viaZ host": "viaZ(host)", "viaZ branch": "viaZ(branch)",
    **{f"count {name}": f"hdrc({name})" for name in ("Via", "Contact", "Route", "Record-Route", "X-Custom", "Accept")},
    **{f"first {name}": f"hdr({name})" for name in (
        "Route", "Record-Route", "X-Custom", "Supported", "Allow", "Event", "Subject", "Expires", "Max-Forwards",
        "Require", "Subscription-State", "Identity", "Foo-Bar")},
    **{f"last {name}": f"hdr({name})[-1]" for name in ("Via", "Contact", "X-Custom", "Accept")},
    "auth username": "au", "auth user": "aU", "auth realm": "ar", "auth domain": "ad", "auth uri": "adu",
    "auth algorithm": "aa", "asserted identity": "ai", "preferred identity": "pu", "preferred user": "pU",
    "preferred host": "pd", "preferred name": "pn", "remote-party-id": "re", "diversion": "di",
    "diversion reason": "dir", "diversion counter": "dic", "refer-to": "rt",
}  # fmt: skip
# field → call; its return value is the field, or the variable behind the |
CALLS = {
    "sdp": 'sdp_content()', "sdp audio": 'sdp_with_media("audio")', "sdp video": 'sdp_with_media("video")',
    "sdp active audio": 'sdp_with_active_media("audio")', "sdp active video": 'sdp_with_active_media("video")',
    "sdp PCMU": 'sdp_with_codecs_by_name("PCMU")', "sdp G729": 'sdp_with_codecs_by_name("G729")',
    "sdp opus": 'sdp_with_codecs_by_name("opus")', "sdp telephone-event": 'sdp_with_codecs_by_name("telephone-event")',
    "sdp format 8": 'sdp_with_codecs_by_id("8")', "sdp ice": "sdp_with_ice()",
    "sdp RTP/AVP": 'sdp_with_transport("RTP/AVP")', "sdp family": "sdp_get_address_family()",
    "hold": "is_audio_on_hold()",
    "sdp transport": 'sdp_transport("$avp(s)")|avp(s)', "sdp c": 'sdp_get_line_startswith("$avp(s)", "c=")|avp(s)',
    "sdp body": "sdp_content()|sdp(body)",
}  # fmt: skip
FIELDS = (*VARIABLES, *CALLS)
NUMBERS = ("sdp family", "hold")  # what the function returns is more than yes
BODIES = ("body", "sdp body")  # long, and in the corpus: only their length and checksum are kept


def _log(number: int, variable: str) -> str:
    return f'xlog("L_ALERT", "READ {number}=$({variable}{{s.encode.hexa}}) \\n");'


def configuration() -> str:
    """Logs all fields of a request or reply."""
    steps = [_log(number, variable) for number, variable in enumerate(VARIABLES.values())]
    for number, call in enumerate(CALLS.values(), len(VARIABLES)):
        function, _, variable = call.partition("|")
        steps.append(f"$avp(s) = $null; {function}; $var(rc) = $rc; " + _log(number, variable or "var(rc)"))
    modules = "".join(f'loadmodule "{name}.so"\n' for name in ("pv", "xlog", "textops", "siputils", "sdpops", "sl"))
    body = "\n".join(steps) + '\nxlog("L_ALERT", "READ end= \\n");'
    return (
        f"#!KAMAILIO\ndebug=1\nlog_stderror=yes\nchildren=1\nlisten=udp:127.0.0.1:{PORT}\ndisable_tcp=yes\n"
        f'auto_aliases=no\npv_buffer_size=65536\n{modules}modparam("xlog", "buf_size", 131072)\n'
        f"request_route {{\n{body}\n}}\nreply_route {{\n{body}\ndrop;\n}}\n"
    )


def plain(field: str, value: bytes) -> str:
    """As it is recorded: text in Latin-1, whether a function said yes, or the checksum of a body."""
    if field in BODIES:
        return f"{len(value)} octets, {zlib.crc32(value):08x}" if value else ""
    if field in CALLS and "|" not in CALLS[field]:
        return "" if value.startswith(b"-") or value == b"0" else value.decode() if field in NUMBERS else "yes"
    return "" if field.startswith("count ") and value == b"0" else value.decode("latin-1")


class Reader:
    """A running kamailio. `read` returns field → value of what is there, empty when it drops the message."""

    def __init__(self, log: pathlib.Path) -> None:
        self.log = log
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def read(self, data: bytes) -> dict[str, str]:
        """The one worker logs a message before the probe behind it; when the probe comes first, it was dropped."""
        start = self.log.stat().st_size
        for message in (data, PROBE):
            self.line.sendto(message, ("127.0.0.1", PORT))
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            *blocks, _ = self.log.read_bytes()[start:].split(b"READ end=")
            if blocks and _PROBE_MARK in blocks[-1]:
                return {} if len(blocks) == 1 else _fields(blocks[0])
            time.sleep(0.002)
        raise TimeoutError(f"no answer to the probe behind {data[:60]!r}")


def _fields(block: bytes) -> dict[str, str]:
    found = {FIELDS[int(name)]: bytes.fromhex(text.decode()) for name, text in _FIELD.findall(block)}
    return {field: text for field, value in found.items() if (text := plain(field, value))}


def wait_until_bound() -> None:
    """From then on datagrams wait in the socket, whether there is a worker yet or not."""
    end = time.monotonic() + ANSWER_S
    while f":{PORT:04X} " not in pathlib.Path("/proc/net/udp").read_text():
        if time.monotonic() > end:
            raise TimeoutError("kamailio does not start")
        time.sleep(0.02)


@contextmanager
def running(folder: pathlib.Path) -> Iterator[Reader]:
    """A kamailio in this network namespace."""
    (folder / "k.cfg").write_text(configuration())
    command = [str(KAMAILIO), "-f", str(folder / "k.cfg"), "-DD", "-E", "-Y", str(folder), "-w", str(folder)]
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(command, stderr=out, stdout=out)
    reader = Reader(folder / "log")
    try:
        wait_until_bound()
        yield reader
    finally:
        reader.line.close()
        process.terminate()
        process.wait(10)
