"""Sends the call through Debian's kamailio and writes `recorded.tsv`; run it as a module.

A variable that it does not know stops its start: take it out of variables.txt.
"""

import select
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kahea.core.scripttest import Outcome
from kahea.tests.core.pv.routes.script import HERE, ROUTES, VARIABLES, call, configuration, entries

SERVER = ("127.0.0.1", 5060)
PORTS = (5099, 5070, 5071, 5072)
SILENCE_S = 0.4  # that ends what a message leads to


class Peers:
    """All who talk to the server, a socket each."""

    def __init__(self) -> None:
        self.sockets = {port: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for port in PORTS}
        for port, sock in self.sockets.items():
            sock.bind(("127.0.0.1", port))

    def push(self, data: bytes, source: tuple[str, int]) -> Outcome:
        """Send a message and collect what arrives."""
        self.sockets[source[1]].sendto(data, SERVER)
        found: list[tuple[str, bytes]] = []
        while ready := select.select(list(self.sockets.values()), [], [], SILENCE_S)[0]:
            found += [(f"127.0.0.1:{sock.getsockname()[1]}", sock.recv(65535)) for sock in ready]
        return Outcome(found)


def serve(config: str, log: str) -> None:
    """In the namespace: the server and its call."""
    with open(log, "wb") as out:
        server = subprocess.Popen(["kamailio", "-f", config, "-DD", "-E", "-M", "64"], stderr=out, stdout=out)
        try:
            time.sleep(2)
            call(Peers().push)
        finally:
            server.terminate()
            server.wait(10)


def main() -> None:
    """Record all."""
    with tempfile.TemporaryDirectory() as folder:
        config, log = Path(folder, "k.cfg"), Path(folder, "log")
        config.write_text("#!KAMAILIO\n" + configuration())
        command = f"ip link set lo up; exec {sys.executable} -m {__spec__.name} {config} {log}"
        done = subprocess.run(["unshare", "-n", "sh", "-c", command], check=False, timeout=120)
        text = log.read_text("latin-1")
    if done.returncode:
        sys.exit(text[-2000:])
    found = entries(text)
    with open(HERE / "recorded.tsv", "w", encoding="latin-1") as out:
        out.write("# variable, what Kamailio 5.6.3 logged in: " + ", ".join(ROUTES) + " (see script.py, record.py)\n")
        for name in VARIABLES:
            out.write("\t".join([name, *(found.get((name, route), "(nothing)") for route in ROUTES)]) + "\n")


if __name__ == "__main__":
    serve(*sys.argv[1:]) if len(sys.argv) > 1 else main()
