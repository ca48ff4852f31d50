"""Asks Debian's kamailio what every case logs, a message each, and writes `recorded.tsv`; run as a module."""

import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kahea.tests.cfg.differential.oracle import KAMAILIO
from kahea.tests.core.pv.messages import INVITE
from kahea.tests.modules.textops.differential.cases import bodies

HERE = Path(__file__).parent
MODULES = ("sl", "pv", "xlog", "textops", "textopsx", "siputils", "kex", "corex")
_LINE = re.compile(r"<script>: @(\d+) (.*)")


def configuration(cases: list[str]) -> str:
    """Runs the next case at each request."""
    parts = ["#!KAMAILIO\ndebug=-1\nlog_stderror=yes\nchildren=1\nlisten=udp:127.0.0.1:5060\nauto_aliases=no"]
    parts += [f'loadmodule "{m}.so"' for m in MODULES]
    for i, body in enumerate(cases):
        marked = body.replace("[$", f"@{i} [$")
        parts.append(f"route[T{i}] {{ {marked} }}")
    calls = "\n".join(f"  if ($shv(n) == {i + 1}) {{ route(T{i}); }}" for i in range(len(cases)))
    parts.append(f"request_route {{\n $shv(n) = $shv(n) + 1;\n{calls}\n}}")
    return "\n".join(parts)


def ask(cases: list[str]) -> dict[str, str] | None:
    """Output by case; None when kamailio does not start."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "k.cfg")
        path.write_text(configuration(cases), "latin-1")
        command = f"ip link set lo up; exec {sys.executable} -m {__spec__.name} {path} {len(cases)}"
        done = subprocess.run(["unshare", "-n", "sh", "-c", command], capture_output=True, check=False, timeout=120)
    found = {cases[int(m[1])]: m[2] for m in _LINE.finditer(done.stdout.decode("latin-1"))}
    return found or None


def serve(path: str, count: int) -> None:
    """In the namespace: start kamailio, send as many requests as there are cases, print its log."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen([str(KAMAILIO), "-f", path, "-DD", "-E", "-M", "64"], stderr=log, stdout=log)
        try:
            time.sleep(1.5)
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("127.0.0.1", 5099))
            for _ in range(count):
                sock.sendto(INVITE, ("127.0.0.1", 5060))
                time.sleep(0.02)
            time.sleep(0.5)
        finally:
            server.terminate()
            server.wait(10)
        log.seek(0)
        sys.stdout.buffer.write(log.read())


def record(cases: list[str]) -> dict[str, str]:
    """Output by case; what kamailio refuses is named, found by halving."""
    answers = ask(cases)
    if answers is not None:
        return answers
    if len(cases) == 1:
        print("refused:", cases[0])
        return {}
    middle = len(cases) // 2
    return record(cases[:middle]) | record(cases[middle:])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1], int(sys.argv[2]))
    else:
        with open(HERE / "recorded.tsv", "w", encoding="latin-1") as out:
            out.write("# script body, what Kamailio 5.6.3 logged (see record.py)\n")
            out.writelines(f"{case}\t{answer}\n" for case, answer in record(bodies()).items())
