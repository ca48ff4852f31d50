"""Core parameters of processes, folders and the log, seen where they act."""

import os
import re
import sys
import syslog
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.core import log, runtime, settings
from kahea.core.options import Options
from kahea.core.process import daemon
from kahea.core.server import Server as InProcess
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket

Start = Callable[..., Server]
SCRIPT = 'loadmodule "jsonrpcs.so"\nloadmodule "xlog.so"\nrequest_route { xlog("L_WARN", "seen\\n"); exit; }\n'


def given(**values: int | bytes | str) -> CoreParams:
    """Parameters with these values."""
    params = CoreParams()
    for name, value in values.items():
        params.set(name, value)
    return params


def limits(pid: int) -> str:
    """The limits of a process."""
    return Path(f"/proc/{pid}/limits").read_text()


def test_workers_of_each_socket_limits_memory_and_prefix(
    start_server: Start, sip_socket: Callable[..., SipSocket]
) -> None:
    lowered = ["sh", "-c", 'ulimit -Sn 3000; exec "$0" "$@"', sys.executable, "-m", "kahea.core.main"]
    text = (
        "auto_aliases=no\nchildren=2\nopen_files_limit=4321\ndisable_core_dump=yes\nshm_mem_size=33\nexit_timeout=9\n"
        'lock_backend="posix"\nlog_prefix="<$rm $si> "\nlisten=udp:127.0.0.1:5060\n'
        "socket_workers=3\nlisten=udp:127.0.0.1:5070\nlisten=udp:127.0.0.1:5080\n"
    )
    server = start_server(text + SCRIPT, workers=None, command=lowered)
    found = " ".join(map(str, server.processes()))
    assert [found.count(f"127.0.0.1:{port}") for port in (5060, 5070, 5080)] == [2, 3, 2]
    assert re.search(r"Max open files +4321 ", limits(server.pid))
    assert re.search(r"Max core file size +0 ", limits(server.pid))
    assert 30 << 20 < server.rpc("core.shmmem")["total"] <= 33 << 20
    socket = sip_socket(5099)
    socket.send(socket.request("OPTIONS", "sip:a@b"))
    server.wait_log("<OPTIONS 127.0.0.1> <script>: seen")


def test_limit_of_the_shutdown() -> None:
    server = InProcess(Options())
    server.params = given(exit_timeout=9, max_respawns=3)
    assert server.stop_limit() == 9
    server.params = given(exit_timeout=0)
    assert server.stop_limit() > 1e6


def test_folders_root_and_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    done: list[object] = []
    monkeypatch.setattr(log, "state", log.State())
    monkeypatch.setattr(daemon, "change_root", lambda folder: done.append(("root", folder)))
    monkeypatch.setattr(daemon, "change_folder", lambda folder: done.append(("folder", folder)))
    monkeypatch.setattr(daemon, "find_ids", lambda user, group: done.append((user, group)) or (None, None))  # type: ignore[func-returns-value]
    server = InProcess(Options(config="x", background=2))
    server.params = given(
        rundir=os.fsencode(tmp_path / "run"), workdir=b"/work", chroot=b"/jail", user=b"u", group=b"g"
    )
    before = runtime.run_folder()
    try:
        server.settle()
        assert runtime.run_folder() == str(tmp_path / "run")
    finally:
        runtime.set_run_folder(before)
    assert done == [("u", "g"), ("root", "/jail"), ("folder", "/work")]


def test_without_fork_one_process_serves() -> None:
    from kahea.core.process.populate import workers

    assert len(workers(given(fork=0))) <= 1


def test_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "state", log.State())
    params = given(log_name=b"proxy7", log_facility="LOG_LOCAL3", log_color=1, log_stderror=1, log_engine_type=b"json")
    settings.start_log(params, Options())
    state = log.state
    assert (state.name, state.facility, state.color, state.stderr, state.as_json) == (
        "proxy7", syslog.LOG_LOCAL3, True, True, True,
    )  # fmt: skip
