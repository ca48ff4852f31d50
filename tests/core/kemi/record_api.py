"""Asks Debian's kamailio which KEMI functions it has, for all modules that are here too, and writes `kamailio.tsv`.

Run it as a module after adding one.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kahea.core import loader
from kahea.tests.support.certificates import Authority

HERE = Path(__file__).parent
FIRST = ("tls", "jsonrpcs", "pv", "kex", "corex", "tm", "sl", "rr", "usrloc")  # others need them
REQUEST = b'{"jsonrpc": "2.0", "method": "app_python.api_list", "id": 1}'
SCRIPT = """
import KSR

def mod_init():
    return Routes()

class Routes:
    def child_init(self, rank):
        return 0

    def ksr_request_route(self, msg):
        return 1
"""


def configuration(folder: Path) -> str:
    """The kamailio.cfg; kemix is where KSR.kx comes from."""
    modules = dict.fromkeys([*FIRST, *loader.available(), "kemix", "app_python3"])
    loads = [f'loadmodule "{name}.so"' for name in modules if name != "app_python3"]
    files = Authority(folder).issue("server")  # the module tls is complete only where TLS is served
    return "\n".join(
        ["#!KAMAILIO", "enable_tls=yes", "log_stderror=yes", "children=1", "listen=udp:127.0.0.1:5060",
         "auto_aliases=no", *loads,
         'loadmodule "app_python3.so"', 'modparam("jsonrpcs", "transport", 4)',
         f'modparam("tls", "certificate", "{files.certificate}")',
         f'modparam("tls", "private_key", "{files.key}")',
         f'modparam("jsonrpcs", "dgram_socket", "{folder}/rpc")',
         f'modparam("app_python3", "load", "{folder}/r.py")', 'cfgengine "python"', ""]
    )  # fmt: skip


def ask(folder: Path) -> bytes:
    """In the namespace: start it, ask, stop it."""
    server = subprocess.Popen(["kamailio", "-f", str(folder / "k.cfg"), "-DD", "-E", "-M", "64"], stdout=sys.stderr)
    try:
        time.sleep(3)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.bind(str(folder / "me"))
            sock.sendto(REQUEST, str(folder / "rpc"))
            return sock.recv(1 << 20)
    finally:
        server.terminate()
        server.wait(10)


def main() -> None:
    """Record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "r.py").write_text(SCRIPT)
        (folder / "k.cfg").write_text(configuration(folder))
        command = f"ip link set lo up; exec {sys.executable} -m {__spec__.name} {folder}"
        done = subprocess.run(["unshare", "-n", "sh", "-c", command], check=False, timeout=60, capture_output=True)
        if done.returncode:
            sys.exit(done.stderr.decode()[-3000:])
        methods = [method["func"] for method in json.loads(done.stdout)["result"]["methods"]]
    with open(HERE / "kamailio.tsv", "w") as table:
        table.write("# module\tname\tparameters\tresult: app_python.api_list of Kamailio 5.6.3 (see record_api.py)\n")
        for each in methods:
            table.write("\t".join(each[key] for key in ("module", "name", "params", "ret")) + "\n")


if __name__ == "__main__":
    sys.stdout.buffer.write(ask(Path(sys.argv[1]))) if len(sys.argv) > 1 else main()
