"""The module in a running server: both transports, Kamailio's results, and kamctl's own client."""

import shutil
import subprocess
from collections.abc import Callable

import pytest

from kahea.tests.support.server import Server
from kahea.tools.kaheactl.client import Client

CFG = """
loadmodule "sl.so"
loadmodule "jsonrpcs.so"
loadmodule "cfg_rpc.so"
modparam("jsonrpcs", "fifo_reply_dir", "/tmp/")
request_route { sl_send_reply("200", "OK"); exit; }
"""
Start = Callable[..., Server]


def test_datagram_and_fifo_answer_the_same(start_server: Start) -> None:
    server = start_server(CFG)
    over_fifo = Client(str(server.folder / "kamailio_rpc.fifo"))
    over_socket = Client(str(server.folder / "kamailio_rpc.sock"))
    assert over_fifo.call("core.psx") == over_socket.call("core.psx")
    assert over_fifo.call("core.echo", "a", 5) == ["a", "5"]


def test_results_have_kamailios_shapes(start_server: Start) -> None:
    server = start_server(CFG)
    assert server.rpc("core.version").startswith("kahea ")
    assert set(server.rpc("core.uptime")) == {"now", "up_since", "uptime"}
    flat = server.rpc("core.ps")
    assert isinstance(flat[0], int) and isinstance(flat[1], str) and len(flat) % 2 == 0
    assert set(server.rpc("core.shmmem", "k")) == {"total", "free", "used", "real_used", "max_used", "fragments"}
    assert server.rpc("core.modules") == ["cfg_rpc", "jsonrpcs", "sl"]
    assert server.rpc("stats.get_statistics", "core:")[0].startswith("core:")
    assert server.rpc("system.methodHelp", "core.uptime")
    assert server.rpc("core.sockets_list")[0]["socket"]["port"] == "5060"
    assert "KAHEA" in server.rpc("core.ppdefines")
    assert {"core.uptime", "jsonrpc.echo"} <= set(server.rpc("system.listMethods"))


def test_names_of_the_server_are_listed(start_server: Start) -> None:
    server = start_server('alias="example.org"\nloadmodule "corex.so"\n' + CFG, "--alias=udp:example.com:5070")
    found = [entry["alias"] for entry in server.rpc("core.aliases_list")["aliases"]]
    assert {"proto": "*", "address": "example.org", "port": "*"} in found
    assert {"proto": "udp", "address": "example.com", "port": 5070} in found
    assert {"PROTO": "udp", "ADDR": "example.com", "PORT": 5070} in server.rpc("corex.list_aliases")
    assert server.rpc("corex.debug", 3) == {"old": 2, "new": 3}
    assert server.rpc("cfg.get", "core", "debug") == 3


def test_files_of_a_running_server_are_not_taken_over(start_server: Start) -> None:
    server = start_server(CFG)
    command = [*server.command, "-l", "udp:127.0.0.1:5999", "-P", str(server.folder / "other.pid")]
    second = subprocess.run(command, env=server.env, capture_output=True, text=True, timeout=10, check=False)
    assert second.returncode == 1 and "belongs to a server that runs" in second.stderr
    assert server.rpc("core.echo", "still here") == ["still here"]


def test_files_go_with_the_server(start_server: Start) -> None:
    server = start_server(CFG)
    server.stop()
    assert not list(server.folder.glob("kamailio_rpc.*"))


def test_kill_command_stops_the_server(start_server: Start) -> None:
    server = start_server(CFG)
    server.rpc("core.kill")
    assert server.process is not None and server.process.wait(3) == 0


def test_kamctl_of_debian_works(start_server: Start) -> None:
    kamctl = shutil.which("kamctl")
    if kamctl is None:
        pytest.skip("kamctl is not installed (Debian package kamailio)")
    server = start_server(CFG)
    env = {**server.env, "RPCFIFOPATH": str(server.folder / "kamailio_rpc.fifo")}
    result = subprocess.run(
        [kamctl, "rpc", "core.echo", "hello"], env=env, capture_output=True, text=True, timeout=10, check=False
    )
    assert '"hello"' in result.stdout, result
