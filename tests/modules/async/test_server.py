"""Suspended transactions in a running server: deaths, reloads, a full queue, races."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipMessage, SipSocket

CFG = Path(__file__).parent / "async.cfg"
Start = Callable[..., Server]
Phone = Callable[..., SipSocket]

HEAD = """#!KAMAILIO
debug=2
children=2
auto_aliases=no
listen=udp:127.0.0.1:5060
async_workers=1
loadmodule "jsonrpcs.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "async.so"
modparam("async", "ms_timer", 1)
modparam("tm", "fr_timer", 4000)
"""


@pytest.fixture
def server(start_server: Start) -> Server:
    return start_server(CFG.read_text(), workers=None)


def ask(phone: SipSocket, user: str, method: str = "OPTIONS") -> bytes:
    """Send a request to a case of the script."""
    data = phone.request(method, f"sip:{user}@127.0.0.1")
    phone.send(data)
    return data


def final(phone: SipSocket, timeout: float = 3.0) -> SipMessage:
    """The next reply above 199."""
    while (message := phone.receive(timeout)).status < 200:
        pass
    return message


def silent(phone: SipSocket, seconds: float = 0.2) -> bool:
    """Nothing comes."""
    try:
        phone.receive(seconds)
    except TimeoutError:
        return True
    return False


def pids(server: Server, description: str) -> list[int]:
    """Processes by what the process table says."""
    return [entry["pid"] for entry in server.processes() if entry["description"].startswith(description)]


def write(server: Server, script: str) -> None:
    """A new script, and have it read."""
    old = server.cfg.read_text()
    server.cfg.write_text(old[: old.index("request_route")] + script)
    server.rpc("cfg.reload_script")


def test_processes_have_kamailios_descriptions_in_its_order(server: Server) -> None:
    names = [entry["description"] for entry in server.processes()]
    found = [name for name in names if name.startswith(("A", "udp"))]
    assert found == [
        "udp receiver child=0 sock=127.0.0.1:5060",
        "udp receiver child=1 sock=127.0.0.1:5060",
        *["Async Task Worker - default"] * 2,
        "Async Task Worker - abc",
        "ASYNC MOD TIMER",
    ]


def test_what_the_script_had_edited_leaves_with_the_request(server: Server, sip_socket: Phone) -> None:
    phone, callee = sip_socket(), sip_socket(5099)
    ask(phone, "edited", "INVITE")
    request = callee.expect("INVITE")
    assert request.uri == "sip:edited2@127.0.0.1" and request.get("X-Edit") == "1"
    callee.send(request.reply(200))
    assert final(phone).status == 200


def test_a_failed_branch_is_tried_elsewhere_later(server: Server, sip_socket: Phone) -> None:
    phone, callee = sip_socket(), sip_socket(5099)
    ask(phone, "retry")
    request = callee.expect("OPTIONS")
    callee.send(request.reply(200))
    assert final(phone).status == 200


def test_a_repeat_of_a_suspended_request_does_nothing(server: Server, sip_socket: Phone) -> None:
    phone = sip_socket()
    data = ask(phone, "route")
    phone.send(data)
    assert final(phone).status == 288
    assert silent(phone, 0.5) and server.log.count("@route") == 1


def test_a_cancelled_invite_does_not_go_on(server: Server, sip_socket: Phone) -> None:
    phone = sip_socket()
    invite = SipMessage(ask(phone, "route", "INVITE"))
    phone.expect(100)
    phone.send(
        phone.request(
            "CANCEL", invite.uri, branch=invite.branch, call_id=invite.get("Call-ID"), from_=invite.get("From"),
            to=invite.get("To"),
        )
    )  # fmt: skip
    seen = {final(phone).status, final(phone).status}
    assert seen == {200, 487}
    time.sleep(1.2)
    assert "@route resumed" not in server.log


def test_one_that_waits_too_long_ends_with_408_through_failure_route(start_server: Start, sip_socket: Phone) -> None:
    server, phone = (
        start_server(
            HEAD
            + """
request_route { t_on_failure("F"); t_set_fr("300", "300"); async_route("ON", "1"); }
route[ON] { xlog("went on\n"); t_reply("200", "OK"); }
failure_route[F] { xlog("failed\n"); }
""",
            workers=None,
        ),
        sip_socket(),
    )
    ask(phone, "u", "INVITE")
    assert final(phone).status == 408
    time.sleep(1)
    assert "failed" in server.log and "went on" not in server.log


def test_what_waits_survives_the_death_of_every_process_but_main(server: Server, sip_socket: Phone) -> None:
    phone = sip_socket()
    ask(phone, "route")
    wait_until(lambda: server.rpc("stats.get_statistics", "async:waiting") == ["async:waiting = 1"])
    before = server.children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(server.children()) == len(before) and not set(before) & set(server.children()))
    assert final(phone).status == 288


def test_a_task_worker_killed_in_a_route_loses_that_transaction_alone(start_server: Start, sip_socket: Phone) -> None:
    server, phone = (
        start_server(
            HEAD
            + """
request_route { if ($rU == "die") async_task_route("DIE"); else async_task_route("LIVE"); }
route[DIE] { exec("kill -9 $PPID"); t_reply("299", "Not reached"); }
route[LIVE] { t_reply("200", "OK"); }
""",
            workers=None,
        ),
        sip_socket(),
    )
    (victim,) = pids(server, "Async Task Worker")
    ask(phone, "die")
    ask(phone, "live")
    replies = {final(phone, 6).status, final(phone, 6).status}
    assert replies == {200, 500}
    assert pids(server, "Async Task Worker") not in ([], [victim])
    server.wait_log("Async Task Worker - default: 1 tasks were lost with a worker that died")
    assert server.rpc("stats.get_statistics", "async:lost") == ["async:lost = 1"]


def test_a_full_queue_is_an_answer_to_the_script(start_server: Start, sip_socket: Phone) -> None:
    server, phone = (
        start_server(
            HEAD.replace("async_workers=1", "async_workers=1\nasync_tasks_max=2")
            + """
request_route { async_route("LATER", "1"); sl_send_reply("503", "rc=$rc"); }
route[LATER] { t_reply("200", "OK"); }
""",
            workers=None,
        ),
        sip_socket(),
    )
    for number in range(3):
        ask(phone, f"u{number}")
    assert final(phone).start == "SIP/2.0 503 rc=-1"
    assert [final(phone).status, final(phone).status] == [200, 200]
    server.wait_log("ASYNC MOD TIMER: 1 tasks were refused")
    assert server.rpc("stats.get_statistics", "async:refused") == ["async:refused = 1"]


def test_it_goes_on_in_the_script_that_is_in_force_then(start_server: Start, sip_socket: Phone) -> None:
    one = 'request_route { async_route("LATER", "1"); } route[LATER] { t_reply("201", "Old"); }'
    server, phone = start_server(HEAD + one, workers=None), sip_socket()
    ask(phone, "u")
    write(server, one.replace("201", "202"))
    assert final(phone).status == 202
    ask(phone, "u")
    write(
        server,
        "request_route { exit; } route[OTHER] { exit; } route { route(OTHER); }".replace(
            "route { route", "route[B] { route"
        ),
    )
    assert final(phone).status == 500
    server.wait_log("a transaction cannot go on: route[LATER] is no longer in the script")


def test_after_a_reload_sleepers_go_on_with_the_statements_that_followed(
    start_server: Start, sip_socket: Phone
) -> None:
    script = 'request_route { async_sleep("1"); t_reply("201", "On"); }'
    server, phone = start_server(HEAD + script, workers=None), sip_socket()
    ask(phone, "u")
    write(server, '\n\nrequest_route { xlog("new\\n"); async_sleep("1");\n t_reply("201", "On"); }')
    assert final(phone).status == 201
    ask(phone, "u")
    write(server, script.replace("201", "202"))
    assert final(phone).status == 500
    assert re.search(r"a transaction cannot go on: route\[request_route\+[0-9a-f]{12}\] is no longer", server.log)


def test_it_may_go_on_before_the_worker_that_suspended_it_has_left_its_script(
    start_server: Start, sip_socket: Phone
) -> None:
    server, phone = (
        start_server(
            HEAD.replace("async_workers=1", "async_workers=2")
            + """
modparam("async", "return", 1)
request_route {
    async_task_route("ON");
    $var(i) = 0;
    while ($var(i) < 90) { $var(i) = $var(i) + 1; }
    exit;
}
route[ON] { t_reply("200", "OK"); }
""",
            workers=None,
        ),
        sip_socket(),
    )
    for _ in range(20):
        for _ in range(10):
            ask(phone, "u")
        assert {final(phone).status for _ in range(10)} == {200}
    assert silent(phone)
    assert server.rpc("stats.get_statistics", "async:pushed") == ["async:pushed = 200"]


def test_a_setting_reaches_a_task_worker(start_server: Start, sip_socket: Phone) -> None:
    server, phone = (
        start_server(
            'listen=udp:127.0.0.1:5060\nmine.code = 201 desc "x"\n'
            + HEAD
            + 'loadmodule "cfg_rpc.so"\n'
            + """
request_route { async_task_route("ON"); }
route[ON] { t_reply("$sel(cfg_get.mine.code)", "OK"); }
""",
            workers=None,
        ),
        sip_socket(),
    )
    ask(phone, "u")
    assert final(phone).status == 201
    server.rpc("cfg.set_now_int", "mine", "code", 202)
    ask(phone, "u")
    assert final(phone).status == 202


def test_the_server_stops_with_tasks_waiting_and_leaves_no_memory_behind(server: Server, sip_socket: Phone) -> None:
    ask(sip_socket(), "route")
    wait_until(lambda: server.rpc("stats.get_statistics", "async:waiting") == ["async:waiting = 1"])
    assert server.stop() == 0
    assert "shared memory" not in server.log
