"""The whole daemon from outside: start, stop, replaced workers, crash loop, signals, files, exit codes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.tests.support.server import Server, ServerError, alive, kill, wait_until
from kahea.tests.support.sip import SipSocket

ECHO = """
loadmodule "sl.so"
loadmodule "jsonrpcs.so"
request_route {
    sl_send_reply("200", "OK");
    exit;
}
"""
Start = Callable[..., Server]
Sockets = Callable[..., SipSocket]


def options_answered(sock: SipSocket) -> bool:
    return sock.call(sock.request("OPTIONS", "sip:server")).status == 200


def run_kahea(server: Server, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kahea.core.main", "-f", str(server.cfg), *args]
    return subprocess.run(command, env=server.env, capture_output=True, text=True, timeout=20, check=False)


def make(tmp_path: Path, text: str) -> Server:
    return Server(text, tmp_path / "made")


def test_server_answers_and_stops_clean_within_two_seconds(start_server: Start, sip_socket: Sockets) -> None:
    server = start_server(ECHO)
    assert options_answered(sip_socket())
    children = server.children()
    begin = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begin < 2
    assert not [pid for pid in children if alive(pid)]


def test_process_table_has_kamailios_descriptions(start_server: Start) -> None:
    rows = start_server(ECHO).processes()
    assert rows[0]["rank"] == 0 and rows[0]["index"] == 0
    assert [row["description"] for row in rows if row["rank"] > 0] == [
        "udp receiver child=0 sock=127.0.0.1:5060",
        "udp receiver child=1 sock=127.0.0.1:5060",
    ]


def test_killed_worker_is_replaced_with_its_rank(start_server: Start, sip_socket: Sockets) -> None:
    server = start_server(ECHO)
    first, second = server.workers()
    kill(first, signal.SIGKILL)
    wait_until(lambda: server.workers()[0] not in (0, first) and len(server.children()) == 3, 5, "a replacement")
    assert server.workers()[1] == second
    sock = sip_socket()
    for _ in range(20):
        assert options_answered(sock)
    server.wait_log("was killed by SIGKILL")


def test_crash_loop_stops_the_server_with_its_own_exit_code(start_server: Start) -> None:
    server = start_server(ECHO)
    seen: set[int] = set()
    end = time.monotonic() + 10
    while server.process and server.process.poll() is None and time.monotonic() < end:
        for pid in server.children():
            if pid not in seen:
                seen.add(pid)
                kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    assert server.process is not None and server.process.wait(5) == 3
    assert "crash loop" in server.log


def test_children_do_not_survive_a_killed_main_process(start_server: Start) -> None:
    server = start_server(ECHO)
    children = server.children()
    kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not [pid for pid in children if alive(pid)], 5, "the children to end")


def test_hup_switches_to_the_new_script(start_server: Start, sip_socket: Sockets) -> None:
    server = start_server(ECHO)
    text = server.cfg.read_text()
    server.cfg.write_text(text.replace('"200", "OK"', '"404", "Gone"'))
    os.kill(server.pid, signal.SIGHUP)
    server.wait_log("reloaded")
    sock = sip_socket()
    time.sleep(0.2)
    for _ in range(10):
        sock.call(sock.request("OPTIONS", "sip:server"), 404)


def test_script_with_a_mistake_changes_nothing(start_server: Start, sip_socket: Sockets) -> None:
    server = start_server(ECHO)
    text = server.cfg.read_text()
    server.cfg.write_text(text.replace("sl_send_reply", "sl_send_repyl"))
    os.kill(server.pid, signal.SIGHUP)
    server.wait_log("the routing script stays as it is")
    assert options_answered(sip_socket())


def test_usr1_logs_memory_and_processes(start_server: Start) -> None:
    server = start_server(ECHO)
    os.kill(server.pid, signal.SIGUSR1)
    server.wait_log("shared memory: total_size=")
    server.wait_log("private memory: ")


def test_pid_file_lives_as_long_as_the_server(start_server: Start) -> None:
    server = start_server(ECHO)
    assert int(server.pid_file.read_text()) == server.pid
    server.stop()
    assert not server.pid_file.exists()


def test_second_server_with_the_same_pid_file_is_refused(start_server: Start) -> None:
    server = start_server(ECHO)
    second = run_kahea(server, "-DD", "-E", "-P", str(server.pid_file), "-l", "udp:127.0.0.1:5999")
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert int(server.pid_file.read_text()) == server.pid


def test_address_in_use_is_a_sentence(start_server: Start) -> None:
    start_server(ECHO)
    with pytest.raises(ServerError, match=r"ERROR: .*127\.0\.0\.1:5060"):
        start_server(ECHO)


def test_daemon_goes_to_the_background_when_it_is_up(isolated: None, tmp_path: Path, sip_socket: Sockets) -> None:
    server = make(tmp_path, ECHO)
    args = ["-E", "-Y", str(server.folder), "-w", str(server.folder), "-P", str(server.pid_file), "-n", "1"]
    assert run_kahea_quiet(server, *args) == 0
    pid = int(server.pid_file.read_text())
    try:
        assert options_answered(sip_socket())
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not alive(pid), 3, "the daemon to end")


def run_kahea_quiet(server: Server, *args: str) -> int:
    """Without pipes: a daemon would hold them open."""
    command = [sys.executable, "-m", "kahea.core.main", "-f", str(server.cfg), *args]
    with open(server.log_path, "ab") as log:
        return subprocess.run(command, env=server.env, stdout=log, stderr=log, timeout=20, check=False).returncode


def test_daemon_that_cannot_start_tells_its_starter(isolated: None, tmp_path: Path) -> None:
    server = make(tmp_path, ECHO)
    assert run_kahea_quiet(server, "-E", "-Y", str(server.folder), "-l", "udp:192.0.2.1:5060") == 1
    assert "192.0.2.1" in server.log


def test_check_of_a_good_configuration(tmp_path: Path) -> None:
    result = run_kahea(make(tmp_path, ECHO), "-c")
    assert (result.returncode, result.stderr.splitlines()[-1]) == (0, "config file ok, exiting...")
    assert "udp: 127.0.0.1:5060" in result.stdout


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('loadmodule "sl.so"\nrequest_route { sl_send_repyl("200", "OK"); }', "did you mean"),
        ("request_route { exit", "error:"),
        ('loadmodule "nosuch.so"\nrequest_route { exit; }', "nosuch"),
        ('loadmodule "sl.so"\nmodparam("sl", "nosuch", 1)\nrequest_route { exit; }', "nosuch"),
    ],
)
def test_check_of_a_bad_configuration(tmp_path: Path, text: str, expected: str) -> None:
    result = run_kahea(make(tmp_path, text), "-c")
    assert result.returncode == 255
    assert expected in result.stderr and "Traceback" not in result.stderr
    assert "kamailio.cfg:" in result.stderr


def test_configuration_that_is_not_there(tmp_path: Path) -> None:
    server = make(tmp_path, ECHO)
    server.cfg.unlink()
    result = run_kahea(server, "-c")
    assert (result.returncode, result.stderr.count("\n")) == (255, 1)


def test_single_process_serves_without_workers(start_server: Start, sip_socket: Sockets) -> None:
    server = start_server(ECHO, "-D", foreground=False)
    assert options_answered(sip_socket())
    assert not [row for row in server.processes() if row["rank"] > 0]
    assert server.stop() == 0


def test_other_user_can_be_chosen(start_server: Start, sip_socket: Sockets, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can change the user")
    server = start_server(ECHO, "-u", "nobody")
    assert options_answered(sip_socket())
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in [server.pid, *server.children()]} != {0}


@pytest.mark.measured
def test_memory_at_rest_is_bounded(start_server: Start) -> None:
    server = start_server(ECHO)
    total = sum(pss_kb(pid) for pid in [server.pid, *server.children()])
    assert total < 60 * 1024, f"{total} kB"


def pss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def test_the_first_worker_runs_its_event_route_once(start_server: Callable[..., Server]) -> None:
    text = 'loadmodule "xlog.so"\nrequest_route { exit; }\n'
    server = start_server(text + 'event_route[core:worker-one-init] { xlog("L_NOTICE", "first $rm $pp\\n"); }')
    assert server.log.count("first OPTIONS") == 1


def test_drop_in_worker_one_init_ends_the_start(start_server: Callable[..., Server]) -> None:
    with pytest.raises(ServerError, match="ended in drop"):
        start_server("request_route { exit; }\nevent_route[core:worker-one-init] { drop; }")
