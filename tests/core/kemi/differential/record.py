"""Has Debian's kamailio evaluate `expressions.txt` in a KEMI script and writes `recorded.tsv`; run it as a module."""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kahea.tests.core.kemi.differential.script import HERE, configuration, expressions, script
from kahea.tests.core.pv.messages import INVITE

PREPARED = "#!KAMAILIO\nlog_stderror=yes\nchildren=1\n"


def finished(out: str) -> bool:
    """Has the script come to its end?"""
    return Path(out).exists() and Path(out).read_text().endswith("end\n")


def serve(config: str, out: str) -> None:
    """In the namespace: the server and one request."""
    server = subprocess.Popen(["kamailio", "-f", config, "-DD", "-E", "-M", "64"])
    try:
        time.sleep(2)
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 5099))
        sock.sendto(INVITE, ("127.0.0.1", 5060))
        end = time.monotonic() + 10
        while time.monotonic() < end and server.poll() is None and not finished(out):
            time.sleep(0.2)
    finally:
        server.terminate()
        server.wait(10)


def main() -> None:
    """Record all."""
    with tempfile.TemporaryDirectory() as folder:
        python, config, out = Path(folder, "r.py"), Path(folder, "k.cfg"), Path(folder, "out.json")
        python.write_text(script(str(out)))
        config.write_text(PREPARED + configuration(str(python)))
        command = f"ip link set lo up; exec {sys.executable} -m {__spec__.name} {config} {out}"
        done = subprocess.run(["unshare", "-n", "sh", "-c", command], check=False, timeout=60, capture_output=True)
        if not out.exists():
            sys.exit(done.stderr.decode()[-3000:])
        *answers, end = out.read_text().splitlines()
    if end != "end":
        sys.exit(f"it died of {expressions()[len(answers) + 1]}")
    with open(HERE / "recorded.tsv", "w") as table:
        table.write("# expression, its value in Kamailio 5.6.3 (see record.py)\n")
        for expression, answer in zip(expressions(), answers, strict=True):
            table.write(f"{expression}\t{answer}\n")


if __name__ == "__main__":
    serve(*sys.argv[1:]) if len(sys.argv) > 1 else main()
