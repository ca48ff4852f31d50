"""The routing script is exchanged under a running server: native and Python routes, good and bad ones."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.tests.support.server import Server, ServerError, wait_until
from kahea.tests.support.sip import SipSocket

MODULES = 'loadmodule "jsonrpcs.so"\nloadmodule "sl.so"\n'
ANSWER = 'request_route {{ sl_send_reply("{}", "Answer"); }}\n'


def status(client: SipSocket) -> int:
    """What an OPTIONS is answered."""
    client.send(client.request("OPTIONS", "sip:127.0.0.1"))
    return client.receive().status


def write(server: Server, text: str) -> None:
    """A new configuration file in place of the old, keeping what the test added in front."""
    old = server.cfg.read_text()
    server.cfg.write_text(old[: old.index("loadmodule")] + text)


def test_rpc_switches_all_workers_to_the_new_script(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]
) -> None:
    server, client = start_server(MODULES + ANSWER.format(404)), sip_socket()
    assert {status(client) for _ in range(10)} == {404}
    write(server, MODULES + ANSWER.format(403))
    assert server.rpc("cfg.reload_script")["generation"] == 2
    wait_until(lambda: {status(client) for _ in range(20)} == {403})


def test_a_broken_script_changes_nothing_and_says_why(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]
) -> None:
    server, client = start_server(MODULES + ANSWER.format(404)), sip_socket()
    write(server, MODULES + "request_route { sl_send_replyy(); }")
    with pytest.raises(ServerError, match=r"unknown function sl_send_replyy"):
        server.rpc("cfg.reload_script")
    write(server, MODULES + 'loadmodule "maxfwd.so"\n' + ANSWER.format(403))
    with pytest.raises(ServerError, match=r"module maxfwd is new: that needs a restart"):
        server.rpc("cfg.reload_script")
    write(server, MODULES)
    with pytest.raises(ServerError, match=r"the new script has no request_route"):
        server.rpc("cfg.reload_script")
    os.kill(server.pid, signal.SIGHUP)
    server.wait_log("the routing script stays as it is")
    assert {status(client) for _ in range(20)} == {404}


def test_no_message_is_lost_while_the_script_is_reloaded(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]
) -> None:
    server, client = start_server(MODULES + ANSWER.format(404)), sip_socket()
    answers = []
    for turn in range(10):
        write(server, MODULES + ANSWER.format(400 + turn))
        os.kill(server.pid, signal.SIGHUP)
        for _ in range(30):
            answers.append(status(client))
    assert len(answers) == 300
    wait_until(lambda: {status(client) for _ in range(20)} == {409})


def test_routes_in_python_answer_and_are_reloaded(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket], tmp_path: Path
) -> None:
    path = tmp_path / "routes.py"
    body = "import KSR\ndef ksr_request_route(msg):\n    KSR.sl.sl_send_reply({}, 'Python')\n"
    path.write_text(body.format(480))
    more = f'loadmodule "app_python3.so"\nmodparam("app_python3", "load", "{path}")\ncfgengine "python"\n'
    server, client = start_server(MODULES + more), sip_socket()
    assert status(client) == 480
    path.write_text(body.format(486))
    assert server.rpc("app_python.reload") == {"version": 1}
    wait_until(lambda: {status(client) for _ in range(20)} == {486})
    path.write_text("def x(:\n")
    with pytest.raises(ServerError, match=r"routes.py:1: invalid syntax"):
        server.rpc("app_python.reload")
    assert status(client) == 486
