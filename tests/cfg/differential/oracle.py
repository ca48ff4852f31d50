"""Debian's kamailio as oracle: runs script bodies in a private network namespace and returns what each logged."""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KAMAILIO = shutil.which("kamailio")
MODULES: tuple[str, ...] = ("pv", "xlog", "textops", "siputils", "kex", "sl")
#: values that every case starts with
PREAMBLE = """
  $var(i) = 5; $var(n) = -5; $var(z) = 0; $var(one) = 1; $var(s) = "abc"; $var(s5) = "5"; $var(e) = "";
  $var(hex) = "0x10"; $var(big) = 2147483647; $vn(u) = $null; $vn(r) = $null; $vn(q) = $null;
"""
ROUTES = """
route[P1] { return 1; }
route[P7] { return 7; }
route[M1] { return -1; }
route[M7] { return -7; }
route[SAY] { xlog("say\\n"); return 1; }
route[NORET] { $var(t) = 1; }
route[BREAKS] { switch(1) { case 1: $var(t) = 1; break; } }
"""
REQUEST = (
    "INVITE sip:bob@example.com:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKx\r\n"
    "From: <sip:alice@example.com>;tag=f\r\nTo: <sip:bob@example.com>\r\nCall-ID: c1\r\nCSeq: 10 INVITE\r\n"
    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)
_LINE = re.compile(r"<script>: (.*)")
_MARK = re.compile(r"@#(\d+|end)@")


def configuration(bodies: list[str], port: int = 5060) -> str:
    """A kamailio.cfg that runs each body in its own route after the preamble, a mark before each."""
    parts = [f"#!KAMAILIO\ndebug=1\nlog_stderror=yes\nchildren=1\nlisten=udp:127.0.0.1:{port}\nauto_aliases=no"]
    parts += [f'loadmodule "{m}.so"' for m in MODULES]
    for i, body in enumerate(bodies):
        extra, _, main = body.rpartition("\n---\n")
        parts.append(f'{extra}\nroute[T{i}] {{ {PREAMBLE} {main}\n xlog("\\n"); return 1; }}')
    calls = "\n".join(f'  xlog("@#{i}@\\n"); $var(c) = route(T{i});' for i in range(len(bodies)))
    parts.append(ROUTES)
    parts.append(f'request_route {{\n{calls}\n  xlog("@#end@\\n"); }}')
    return "\n".join(parts)


def accepts(body: str) -> bool:
    """Does `kamailio -c` take a configuration with this body?"""
    with tempfile.NamedTemporaryFile("w", suffix=".cfg", encoding="latin-1") as file:
        file.write(configuration([body]))
        file.flush()
        return subprocess.run([str(KAMAILIO), "-c", "-f", file.name], capture_output=True, check=False).returncode == 0


def ask(bodies: list[str]) -> list[list[str]]:
    """What each body logged, line by line. Runs this file again inside `unshare -n`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "k.cfg")
        path.write_text(configuration(bodies), "latin-1")
        command = f"ip link set lo up; exec {sys.executable} {__file__} {path}"
        done = subprocess.run(["unshare", "-n", "sh", "-c", command], capture_output=True, check=True, timeout=120)
    return split(done.stdout.decode("latin-1"), len(bodies))


def split(text: str, count: int) -> list[list[str]]:
    """Log lines by case."""
    found: list[list[str]] = [[] for _ in range(count)]
    current = -1
    for raw in text.splitlines():
        m = _LINE.search(raw)
        if m is None:
            continue
        mark = _MARK.match(m.group(1))
        if mark:
            current = -1 if mark.group(1) == "end" else int(mark.group(1))
        elif current >= 0 and m.group(1):
            found[current].append(m.group(1))
    return found


def serve(path: str) -> None:
    """In the namespace: start kamailio, send one request, print its log up to the end mark."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen([str(KAMAILIO), "-f", path, "-DD", "-E", "-M", "64"], stderr=log, stdout=log)
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("127.0.0.1", 5099))
            end = time.monotonic() + 20
            while time.monotonic() < end and server.poll() is None:
                time.sleep(0.3)
                sock.sendto(REQUEST.encode(), ("127.0.0.1", 5060))
                time.sleep(0.2)
                log.seek(0)
                data = log.read()
                if b"@#end@" in data:
                    break
        finally:
            server.terminate()
            server.wait(10)
    sys.stdout.buffer.write(data.split(b"@#end@")[0] + b"\n")


if __name__ == "__main__":
    serve(sys.argv[1])

__all__ = ["accepts", "ask", "configuration"]
