"""kaheactl against a running server: tables for people, JSON for programs, exit codes, one line errors."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.tests.support.server import Server, alive, wait_until
from kahea.tests.support.sip import SipSocket

CFG = """
loadmodule "sl.so"
loadmodule "jsonrpcs.so"
request_route { sl_send_reply("200", "OK"); exit; }
"""
LOCATION = """
loadmodule "sl.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "jsonrpcs.so"
request_route { save("location"); exit; }
"""
Start = Callable[..., Server]


def ctl(server: Server, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kahea.tools.kaheactl.main", "-s", str(server.folder), *args]
    env = {**server.env, "COLUMNS": "160"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=20, check=False)


def test_ps_lists_every_process(start_server: Start) -> None:
    server = start_server(CFG)
    table = ctl(server, "ps").stdout
    assert "udp receiver child=1" in table and str(server.pid) in table
    rows = json.loads(ctl(server, "--json", "ps").stdout)
    assert [row["pid"] for row in rows if row["rank"] > 0] == server.workers()


def test_version_and_uptime(start_server: Start) -> None:
    server = start_server(CFG)
    assert ctl(server, "version").stdout.startswith("kahea ")
    assert ctl(server, "uptime").stdout.startswith("up ")
    assert set(json.loads(ctl(server, "-j", "uptime").stdout)) == {"now", "up_since", "uptime"}


def test_stats_count_what_arrived(start_server: Start, sip_socket: Callable[..., SipSocket]) -> None:
    server = start_server(CFG)
    sock = sip_socket()
    for _ in range(3):
        sock.call(sock.request("OPTIONS", "sip:server"))
    assert json.loads(ctl(server, "-j", "stats", "core:").stdout)["core.rcv_requests"] == 3
    assert "core.rcv_requests" in ctl(server, "stats", "--no-zero").stdout


def test_monitor_prints_so_many_readings(start_server: Start) -> None:
    lines = ctl(start_server(CFG), "-j", "monitor", "-i", "0.1", "-n", "2", "core:").stdout.splitlines()
    assert len(lines) == 2 and "core.rcv_requests" in json.loads(lines[1])["values"]


def test_ping_shows_status_and_time(start_server: Start) -> None:
    server = start_server(CFG)
    assert ctl(server, "ping").stdout.startswith("200 OK from sip:127.0.0.1:5060 in ")
    assert json.loads(ctl(server, "-j", "ping", "-c", "2").stdout)[1]["status"] == "200 OK"


def test_ping_finds_where_the_server_listens(start_server: Start) -> None:
    server = start_server(f"listen=udp:127.0.0.1:5072;\nauto_aliases=no\n{CFG}")
    assert ctl(server, "ping").stdout.startswith("200 OK from sip:127.0.0.1:5072 in ")


def test_json_may_stand_behind_the_command(start_server: Start) -> None:
    assert set(json.loads(ctl(start_server(CFG), "uptime", "--json").stdout)) == {"now", "up_since", "uptime"}


def test_rpc_passes_parameters_and_faults(start_server: Start) -> None:
    server = start_server(CFG)
    assert ctl(server, "rpc", "jsonrpc.echo", "s:5", "5", "x").stdout.split() == ["5", "5", "x"]
    assert json.loads(ctl(server, "-j", "rpc", "jsonrpc.echo", "s:5", "5", "1.5").stdout) == ["5", 5, 1.5]
    wrong = ctl(server, "rpc", "nosuch.command")
    assert (wrong.returncode, wrong.stderr) == (1, "kaheactl: 500 Method Not Found\n")
    assert "core.uptime" in ctl(server, "rpc").stdout


def test_location_is_shown_changed_and_emptied(start_server: Start) -> None:
    server = start_server(LOCATION)
    assert ctl(server, "ul", "add", "alice", "sip:alice@192.0.2.1:5070", "--expires", "60").returncode == 0
    assert "sip:alice@192.0.2.1:5070" in ctl(server, "ul", "show").stdout
    record = json.loads(ctl(server, "-j", "ul", "show", "alice").stdout)[0]
    assert record["aor"].startswith("alice") and record["contacts"][0]["Address"] == "sip:alice@192.0.2.1:5070"
    assert ctl(server, "ul", "rm", "alice").returncode == 0
    assert json.loads(ctl(server, "-j", "ul", "show").stdout) == []
    missing = ctl(server, "ul", "show", "alice")
    assert missing.returncode == 1 and missing.stderr.count("\n") == 1


def test_stop_and_restart(start_server: Start) -> None:
    server = start_server(CFG, "-f", "kamailio.cfg", "-w", "/", foreground=False)
    assert server.rpc("core.pwd") == ["/"]  # what the path of the configuration is relative to has been left
    old = int(server.pid_file.read_text())
    assert ctl(server, "restart").returncode == 0
    new = int(server.pid_file.read_text())
    try:
        assert new != old and alive(new) and not alive(old)
    finally:
        assert ctl(server, "stop").stdout == "stopped\n"
    wait_until(lambda: not alive(new), 3, "the end of the server")
    assert not list(server.folder.glob("kamailio_rpc.*"))


def test_start_refuses_a_second_server_and_reports_a_failed_one(start_server: Start) -> None:
    server = start_server(CFG)
    second = ctl(server, "start", "-f", str(server.cfg))
    assert second.returncode == 1 and "runs already" in second.stderr
    os.kill(server.pid, signal.SIGTERM)
    assert server.process is not None and server.process.wait(3) == 0
    failed = ctl(server, "start", "-f", "/nonexistent.cfg")
    assert failed.returncode == 1 and "did not start (exit code 255)" in failed.stderr


@pytest.mark.parametrize("command", [["ps"], ["uptime"], ["ul", "show"], ["stop"]])
def test_no_server_is_one_line_and_exit_code_3(tmp_path: Path, command: list[str]) -> None:
    result = ctl(Server(CFG, tmp_path), *command)
    assert (result.returncode, result.stderr.count("\n"), result.stdout) == (3, 1, "")


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    assert ctl(Server(CFG, tmp_path), "nosuch").returncode == 2


def test_script_reload_and_show(start_server: Start) -> None:
    server = start_server(CFG)
    assert json.loads(ctl(server, "-j", "script", "show").stdout)["routes"] == {"request_route": [""]}
    server.cfg.write_text(server.cfg.read_text() + "route[NEW] { exit; }\n")
    assert json.loads(ctl(server, "-j", "script", "reload").stdout)["generation"] == 2
    server.cfg.write_text(server.cfg.read_text() + "route[BAD] { nope(); }\n")
    refused = ctl(server, "script", "reload")
    assert refused.returncode == 1
    assert "unknown function nope()" in refused.stderr
