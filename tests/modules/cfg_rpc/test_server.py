"""Parameters changed in a running server: what is answered, and what SIP then shows."""

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from kahea.tests.support.server import Server, ServerError
from kahea.tests.support.sip import SipSocket

CFG = """
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "jsonrpcs.so"
loadmodule "ctl.so"
loadmodule "cfg_rpc.so"
modparam("registrar", "max_expires", 600)
lab.size = 5 desc "a size"
lab.name = "old"
lab[2].name = "second"
request_route {
    if ($rU == "two-expires") cfg_select("registrar", 2);
    if (method == "REGISTER") { save("location"); exit; }
    if ($rU == "second") cfg_select("lab", 2);
    if ($rU == "third") cfg_select("lab", 3);
    sl_send_reply("200", "$sel(cfg_get.lab.name) $sel(cfg_get.lab.size)");
}
"""
Start = Callable[..., Server]
Sockets = Callable[..., SipSocket]


@pytest.fixture
def server(start_server: Start) -> Server:
    return start_server(CFG)


@pytest.fixture
def ask(server: Server, sip_socket: Sockets) -> Callable[..., str]:
    sock = sip_socket()

    def send(user: str = "x") -> str:
        return sock.call(sock.request("OPTIONS", f"sip:{user}@127.0.0.1"), 200).start.split(" ", 2)[2]

    return send


def expires(sock: SipSocket, uri: str = "sip:127.0.0.1") -> str:
    aor = "<sip:alice@127.0.0.1>"
    contact = f"Contact: <sip:alice@127.0.0.1:{sock.port}>"
    reply = sock.call(sock.request("REGISTER", uri, contact, "Expires: 9000", from_=f"{aor};tag=1", to=aor), 200)
    return (reply.header("Contact") or "").partition("expires=")[2]


def fault(server: Server, method: str, *params: Any) -> str:
    with pytest.raises(ServerError) as caught:
        server.rpc(method, *params)
    return str(caught.value).removeprefix(f"{method}: ")


def test_next_message_sees_the_change(server: Server, ask: Callable[..., str]) -> None:
    assert ask() == "old 5"
    server.rpc("cfg.seti", "lab", "size", 7)
    server.rpc("cfg.sets", "lab", "name", "new")
    assert {ask() for _ in range(6)} == {"new 7"}  # whichever worker it was
    server.rpc("cfg.reset", "lab")
    assert ask() == "old 5"


def test_parameters_of_modules_change(server: Server, sip_socket: Sockets) -> None:
    sock = sip_socket()
    assert expires(sock) == "600"
    server.rpc("cfg.set_now_int", "registrar", "max_expires", 900)
    assert {expires(sock) for _ in range(4)} == {"900"}
    assert server.rpc("cfg.get", "registrar", "max_expires") == 900
    server.rpc("cfg.set_now_int", "tm", "fr_timer", 1500)
    assert server.rpc("cfg.get", "tm", "fr_timer") == 1500
    listed = server.rpc("cfg.list")
    assert {"core: debug", "tm: fr_timer", "maxfwd: max_limit", "lab: size"} <= set(listed)
    assert server.rpc("cfg.list", "maxfwd") == ["maxfwd: max_limit"]
    assert server.rpc("cfg.get", "maxfwd") == {"max_limit": 70}


def test_instances_are_chosen_by_the_script(server: Server, ask: Callable[..., str], sip_socket: Sockets) -> None:
    assert [ask("second"), ask("third"), ask()] == ["second 5", "old 5", "old 5"]
    server.rpc("cfg.add_group_inst", "lab[3]")
    server.rpc("cfg.set", "lab[3]", "size", 33)
    assert [ask("third"), ask(), ask("second")] == ["old 33", "old 5", "second 5"]
    assert server.rpc("cfg.get", "lab[3]") == {"size": 33, "name": "old"}
    server.rpc("cfg.set", "lab", "name", "base")
    assert ask("third") == "base 33"
    server.rpc("cfg.del", "lab[3]", "size")
    assert ask("third") == "base 5"
    server.rpc("cfg.del_group_inst", "lab[2]")
    assert ask("second") == "base 5"
    server.rpc("cfg.add_group_inst", "registrar[2]")
    server.rpc("cfg.set", "registrar[2]", "max_expires", 120)
    sock = sip_socket()
    assert [expires(sock, "sip:two-expires@127.0.0.1"), expires(sock)] == ["120", "600"]


def test_delayed_changes_wait_for_commit(server: Server, ask: Callable[..., str]) -> None:
    server.rpc("cfg.set_delayed_int", "lab", "size", 7)
    server.rpc("cfg.set_delayed_string", "lab[2]", "name", "changed")
    server.rpc("cfg.set_delayed", "lab", "name", "late")
    pending = server.rpc("cfg.diff")
    assert pending[0] == {"group name": "lab", "variable name": "size", "old value": 5, "new value": 7}
    assert pending[1]["group id"] == 2 and pending[1]["old value"] == "second"
    assert ask() == "old 5"
    server.rpc("cfg.commit")
    assert [ask(), ask("second")] == ["late 7", "changed 7"]
    assert server.rpc("cfg.diff") == []
    server.rpc("cfg.del_delayed", "lab[2]", "name")
    assert server.rpc("cfg.diff")[0]["new value"] == "late"
    server.rpc("cfg.rollback")
    server.rpc("cfg.commit")
    assert ask("second") == "changed 7"


def test_commit_for_an_instance_that_is_gone_changes_nothing(server: Server) -> None:
    server.rpc("cfg.set_delayed", "lab", "size", 9)
    server.rpc("cfg.set_delayed", "lab[2]", "size", 9)
    server.rpc("cfg.del_group_inst", "lab[2]")
    assert fault(server, "cfg.commit") == "400 Failed to commit the changes"
    assert server.rpc("cfg.get", "lab", "size") == 5


@pytest.mark.parametrize(
    ("method", "params", "text"),
    [
        ("cfg.get", ("core", "nosuch"), "400 Failed to get the variable"),
        ("cfg.get", ("core[1]", "debug"), "400 Failed to get the variable"),
        ("cfg.get", ("core[x]", "debug"), '400 Wrong group syntax. Use "group", or "group[id]"'),
        ("cfg.help", ("core", "nosuch"), "400 Failed to get the variable description"),
        ("cfg.seti", ("core", "nosuch", 3), "400 Failed to set the variable"),
        ("cfg.seti", ("nosuch", "x", 3), "400 Failed to set the variable"),
        ("cfg.seti", ("core[2]", "debug", 3), "400 Failed to set the variable"),
        ("cfg.seti", ("lab", "size", "x"), "400 error at parameter 2: expected integer type but record doesn't match"),
        ("cfg.set", ("lab", "size", "x"), "400 Failed to set the variable: invalid literal for int()"),
        ("cfg.seti", ("maxfwd", "max_limit", 300), "400 Failed to set the variable: max_limit must be 1 to 256"),
        ("cfg.sets", ("lab", "name", "x" * 2000), "400 Failed to set the variable: the value is longer than 1024"),
        ("cfg.del", ("lab", "size"), '400 Wrong group syntax. Use "group[id]"'),
        ("cfg.del_group_inst", ("lab[9]",), "400 Failed to delete the group instance"),
        ("cfg.add_group_inst", ("nosuch[1]",), "400 Failed to add the group instance"),
        ("cfg.add_group_inst", ("lab",), '400 Wrong group syntax. Use "group[id]"'),
        ("cfg.reset", ("nosuch",), "400 Reset failed"),
    ],
)  # fmt: skip
def test_faults(server: Server, method: str, params: tuple[Any, ...], text: str) -> None:
    assert fault(server, method, *params).startswith(text)


def test_kamcmd_and_json_see_the_same_changes(server: Server) -> None:
    program = shutil.which("kamcmd")
    if program is None:
        pytest.skip("kamcmd is not installed (Debian package kamailio): make oracle")

    def kamcmd(*words: str) -> str:
        command = [program or "", "-s", f"unixs:{server.folder}/kamailio_ctl", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout

    assert kamcmd("cfg.set_delayed", "lab", "size", "8") == ""
    assert server.rpc("cfg.diff")[0]["new value"] == 8
    server.rpc("cfg.commit")
    assert kamcmd("cfg.get", "lab", "size") == "8\n"
    assert kamcmd("cfg.get", "lab") == "{\n\tsize: 8\n\tname: old\n}\n"
    assert kamcmd("cfg.help", "core", "debug").endswith("(parameter type is integer)\n")
    assert "group name: lab" in (kamcmd("cfg.set_delayed", "lab", "size", "9"), kamcmd("cfg.diff"))[1]


def test_debug_level_changes_in_every_process(server: Server) -> None:
    assert server.rpc("cfg.get", "core", "debug") == 2
    server.rpc("cfg.set_now_int", "core", "debug", 3)
    assert server.rpc("cfg.get", "core", "debug") == 3
