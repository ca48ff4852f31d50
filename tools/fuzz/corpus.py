"""What the targets start from: the corpus in the repository, the torture messages, a few that reach rare headers."""

import pathlib
import random
import shutil
import subprocess
from collections.abc import Iterator

from .build import HERE, ROOT

CORPUS = HERE / "corpus"
TORTURE = ROOT / "tests" / "parser" / "torture"
LONGEST = {"uri": 200, "header": 400}  # bytes of an input; a message otherwise
MESSAGE = 2048
EDIT_OPS = 32  # bytes: fuzz_edits.c takes its edits from the front of the input
ROUTED = (  # to the sockets of edit_ops.h: ours, ours twice, a strict router's
    b"BYE sip:b@b SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKabc;rport\r\n"
    b"Route: <sip:192.0.2.1;lr;r2=on;ftag=x>, <sip:192.0.2.1:5070;transport=tcp;lr;r2=on>\r\n"
    b"Route: <sip:10.1.1.1>\r\nFrom: <sip:a@a>;tag=x\r\nTo: <sip:b@b>;tag=y\r\nCall-ID: i\r\nCSeq: 7 BYE\r\n\r\n"
)
HTTP = b"POST /RPC HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
PROXY = (  # how a load balancer begins a connection: version 1, and version 2 over IPv4
    b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 5060\r\n",
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x9c\x40\x13\xc4",
)
KEPT_LONGEST = 1500  # bytes of an input that is kept


def messages() -> Iterator[bytes]:
    """All that the parser's tests know."""
    for path in sorted(TORTURE.glob("*.dat")):
        yield path.read_bytes()
    yield from (HTTP, ROUTED, ROUTED.replace(b"sip:b@b SIP", b"sip:192.0.2.1;lr SIP"))
    yield ROUTED.replace(b"<sip:10.1.1.1>", b"<sip:10.1.1.1;lr>").replace(b";r2=on", b"")
    yield (ROOT / "tests" / "parser" / "guide" / "request.sip").read_bytes().replace(b"\n", b"\r\n")


def seeds(target: str, folder: pathlib.Path) -> pathlib.Path:
    """A scratch corpus; libFuzzer adds what it finds there."""
    scratch = folder / f"{target}-corpus"
    scratch.mkdir()
    for path in sorted((CORPUS / target).glob("*")):
        shutil.copy(path, scratch)
    if target in ("msg", "edits"):
        for number, data in enumerate(messages()):
            ops = random.Random(number).randbytes(EDIT_OPS) if target == "edits" else b""
            (scratch / f"torture{number}").write_bytes(ops + data)
    if target == "stream":
        for number, begin in enumerate((*PROXY, b"")):
            (scratch / f"stream{number}").write_bytes(b"\x06\x01" + begin + b"\r\n\r\n".join((HTTP, ROUTED, HTTP)))
    return scratch


def keep(program: pathlib.Path, target: str, found: pathlib.Path) -> int:
    """The corpus of the repository becomes the few inputs that reach as much as all that was found; how many."""
    chosen = found.with_name(f"{target}-chosen")
    chosen.mkdir()
    limits = ["-set_cover_merge=1", "-use_counters=0", f"-max_len={min(LONGEST.get(target, MESSAGE), KEPT_LONGEST)}"]
    subprocess.run([program, *limits, chosen, found], check=True, capture_output=True)
    shutil.rmtree(CORPUS / target)
    shutil.copytree(chosen, CORPUS / target)
    return len(list(chosen.iterdir()))
