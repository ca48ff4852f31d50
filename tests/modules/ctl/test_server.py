"""The module in a running server: Debian's kamcmd over every transport, and peers that behave badly."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.modules.ctl import packet
from kahea.tests.support.server import Server, kill, wait_until
from kahea.tests.support.sip import SipSocket

CFG = """
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "jsonrpcs.so"
loadmodule "ctl.so"
modparam("ctl", "binrpc", "unixs:ctl")
modparam("ctl", "binrpc", "unixd:ctl_d")
modparam("ctl", "binrpc", "tcp:127.0.0.1:2046")
modparam("ctl", "binrpc", "udp:127.0.0.1:2046")
modparam("ctl", "fifo", "fifo:lines")
modparam("ctl", "fifo", "tcp:127.0.0.1:2050")
request_route { if (method == "REGISTER") { save("location"); exit; } sl_send_reply("200", "OK"); exit; }
"""
Start = Callable[..., Server]


@pytest.fixture
def kamcmd() -> Callable[..., str]:
    program = shutil.which("kamcmd")
    if program is None:
        pytest.skip("kamcmd is not installed (Debian package kamailio): make oracle")

    def run(where: str, *words: str) -> str:
        result = subprocess.run(
            [program, "-s", where, "-D", "/tmp/", *words], capture_output=True, text=True, timeout=10, check=False
        )
        return result.stdout + result.stderr

    return run


def place(server: Server) -> str:
    return f"unixs:{server.folder}/ctl"


def ask(sock: socket.socket, method: str, *params: object) -> list[object]:
    """One request on a connection; the values of its answer."""
    sock.sendall(packet.encode_call(b"\1\2", method, *params))
    return answer(sock)


def answer(sock: socket.socket) -> list[object]:
    data = b""
    while True:
        found, _ = packet.cut(data)
        if found is not None:
            return packet.decode(found.body)
        more = sock.recv(65536)
        assert more, "closed"
        data += more


def connect(server: Server) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(5)
    sock.connect(str(server.folder / "ctl"))
    return sock


def test_kamcmd_works_over_every_transport(start_server: Start, kamcmd: Callable[..., str]) -> None:
    server = start_server(CFG)
    for where in (place(server), f"unixd:{server.folder}/ctl_d", "tcp:127.0.0.1:2046", "udp:127.0.0.1:2046"):
        assert kamcmd(where, "core.version").startswith("kahea "), where
    assert kamcmd(place(server), "listen").splitlines()[0] == f"[binrpc] unix_stream: {server.folder}/ctl "
    assert kamcmd("tcp:127.0.0.1:2046", "who").startswith("[binrpc] tcp: 127.0.0.1 ")
    assert kamcmd("udp:127.0.0.1:2046", "who") == "error: 400 - no open stream connection\n"
    assert kamcmd(place(server), "ctl.connections") == "1\n"


def test_kamcmd_prints_results(
    start_server: Start, kamcmd: Callable[..., str], sip_socket: Callable[..., SipSocket]
) -> None:
    server = start_server(CFG)
    phone = sip_socket()
    contact = f"Contact: <sip:alice@127.0.0.1:{phone.port}>"
    aor = "<sip:alice@127.0.0.1>"
    phone.call(phone.request("REGISTER", "sip:127.0.0.1", contact, "Expires: 60", from_=f"{aor};tag=1", to=aor), 200)
    where = place(server)
    processes = kamcmd(where, "core.psa")
    assert processes.count("pid: ") == len(server.processes()) and "\tdescription: ctl: handler\n" in processes
    dump = kamcmd(where, "ul.dump")
    assert "{\n\tDomains: {\n\t\tDomain: {\n\t\t\tDomain: location\n" in dump
    assert f"Address: sip:alice@127.0.0.1:{phone.port}\n" in dump and "AoR: alice\n" in dump
    assert "Contacts: {\n" in dump
    assert "core.rcv_requests: 1\n" in kamcmd(where, "stats.fetch", "core:rcv_requests")
    assert kamcmd(where, "stats.get_statistics", "core:rcv_requests") == "core:rcv_requests = 1\n"
    assert kamcmd(where, "core.echo", "abc", "5", "300") == "abc\n5\n300\n"
    assert kamcmd(where, "core.uptime").startswith("{\n\tnow: ")
    assert kamcmd(where, "ps").startswith(f"{server.pid}\t")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("core.nosuch",), "error: 500 - command core.nosuch not found\n"),
        (
            ("core.printi", "x"),
            "error: 400 - error at parameter 0: expected integer type but record doesn't match type\n",
        ),
        (
            ("core.printi", "1", "2.5"),
            "error: 400 - error at parameter 1: expected integer type but record doesn't match type\n",
        ),
        (("ul.lookup", "location", "nobody"), "error: 500 - AOR not found in location table\n"),
        (("ul.lookup", "location", "1001"), "error: 500 - AOR not found in location table\n"),
        (("core.printi", "s:7", "8"), "7\n8\n"),
    ],
)
def test_kamcmd_is_told_what_is_wrong(
    start_server: Start, kamcmd: Callable[..., str], words: tuple[str, ...], text: str
) -> None:
    assert kamcmd(place(start_server(CFG)), *words) == text


def test_every_command_has_an_answer_that_can_be_sent(start_server: Start) -> None:
    every = "".join(
        f'loadmodule "{name}.so"\n' for name in ("corex", "counters", "kex", "tmx", "pv", "cfg_rpc") if name not in CFG
    )
    server = start_server(CFG.replace('loadmodule "jsonrpcs.so"', every + 'loadmodule "jsonrpcs.so"'))
    with connect(server) as sock:
        names = [str(name) for name in ask(sock, "system.listMethods")]
        for name in names:
            if name not in ("core.kill", "cfg.reload_script"):
                found = ask(sock, name)
                assert not (found[:1] == [500] and "Internal error" in str(found[1:])), (name, found)
        assert len(names) > 60
        assert ask(sock, "core.version", "more", 5) == ask(sock, "core.version")


def test_several_requests_share_a_connection(start_server: Start) -> None:
    with connect(start_server(CFG)) as sock:
        assert ask(sock, "core.echo", "a") == ["a"]
        sock.sendall(packet.encode_call(b"\7", "core.printi", 1) + packet.encode_call(b"\7", "core.printi", 2))
        assert answer(sock) == [1]
        assert ask(sock, "core.nosuch") == [2]  # the second of the two came first
        assert answer(sock) == [500, "command core.nosuch not found"]


def test_split_packets_are_put_together(start_server: Start) -> None:
    with connect(start_server(CFG)) as sock:
        for byte in packet.encode_call(b"\1", "core.echo", "x" * 300):
            sock.sendall(bytes([byte]))
        assert answer(sock) == ["x" * 300]


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"\xa2\x00\x01\x01", b"\xa1\x2c\x7f\xff\xff\xff\x01"])
def test_what_is_no_binrpc_ends_the_connection(start_server: Start, data: bytes) -> None:
    server = start_server(CFG)
    with connect(server) as sock:
        sock.sendall(data)
        assert answer(sock)[0] == 400
        assert sock.recv(1) == b""
    assert server.rpc("stats.fetchn", "ctl:bad_requests") == {"ctl.bad_requests": 1}


def test_connections_have_a_limit(start_server: Start) -> None:
    server = start_server(CFG + 'modparam("ctl", "max_connections", 2)\n')
    with connect(server) as first, connect(server) as second:
        assert ask(first, "ctl.connections") == ask(second, "ctl.connections") == [2]
        with connect(server) as third:
            assert third.recv(1) == b""
    assert server.rpc("stats.fetchn", "ctl:refused_connections") == {"ctl.refused_connections": 1}
    wait_until(lambda: server.rpc("ctl.connections") == 0)
    with connect(server) as again:
        assert ask(again, "core.echo", "a") == ["a"]


def test_replies_have_limits(start_server: Start) -> None:
    limits = 'modparam("ctl", "binrpc_max_body_size", 2)\nmodparam("ctl", "binrpc_struct_max_body_size", 1)\n'
    server = start_server(CFG + limits)
    with connect(server) as sock:
        code, text = ask(sock, "core.echo", "x" * 3000)
        assert code == 500 and "binrpc_max_body_size" in str(text)
        code, text = ask(sock, "stats.fetch", "all")
        assert code == 500 and "binrpc_struct_max_body_size" in str(text)
        assert ask(sock, "core.echo", "x" * 2000) == ["x" * 2000]
    assert server.rpc("stats.fetchn", "ctl:too_big") == {"ctl.too_big": 2}


def test_reader_that_does_not_read_is_given_up(start_server: Start) -> None:
    server = start_server(CFG)
    with connect(server) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        request = packet.encode_call(b"\1", "core.echo", "x" * 30000)
        try:
            for _ in range(40):
                lazy.sendall(request)
        except OSError:
            pass
        wait_until(lambda: server.rpc("stats.fetchn", "ctl:unsent_answers") == {"ctl.unsent_answers": 1}, 10)
        with connect(server) as other:
            assert ask(other, "core.echo", "a") == ["a"]


def test_process_that_died_is_replaced_and_counts_anew(start_server: Start) -> None:
    server = start_server(CFG)
    with connect(server) as sock:
        assert ask(sock, "ctl.connections") == [1]
        (pid,) = [each["pid"] for each in server.processes() if each["description"] == "ctl: handler"]
        kill(pid, 9)
        assert sock.recv(1) == b""
    wait_until(lambda: server.rpc("ctl.connections") == 0)
    with connect(server) as again:
        assert ask(again, "ctl.connections") == [1]


def test_old_fifo_protocol(start_server: Start) -> None:
    server = start_server(CFG)
    name = f"kahea_lines_{os.getpid()}"
    back = Path("/tmp", name)
    os.mkfifo(back)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(back.read_bytes()))
    reader.start()
    try:
        fd = os.open(server.folder / "lines", os.O_WRONLY)
        os.write(fd, b"nonsense\n\n:core.echo:" + name.encode() + b"\na\n5\n\n")
        os.close(fd)
        reader.join(5)
    finally:
        back.unlink()
    assert got == [b"200 OK\na\n5\n"]
    with socket.create_connection(("127.0.0.1", 2050), 5) as sock:
        sock.sendall(b":core.pwd:\n\n:core.nosuch:\n\n")
        data = b""
        while b"not found" not in data:
            data += sock.recv(4096)
    assert data == f"200 OK\n{server.folder}\n500 Command 'core.nosuch' not found\n".encode()


def test_files_have_their_rights_and_go_with_the_server(start_server: Start) -> None:
    server = start_server(CFG + 'modparam("ctl", "mode", 0640)\nmodparam("ctl", "user", "root")\n')
    files = [server.folder / name for name in ("ctl", "ctl_d", "lines")]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o640}
    server.stop()
    assert not any(file.exists() for file in files)


def test_socket_of_a_running_server_is_not_taken_over(start_server: Start, tmp_path: Path) -> None:
    server = start_server(CFG)
    command = [*server.command, "-l", "udp:127.0.0.1:5999", "-P", str(tmp_path / "other.pid")]
    text = server.cfg.read_text().replace('loadmodule "jsonrpcs.so"', "")
    server.cfg.write_text(text)
    second = subprocess.run(command, env=server.env, capture_output=True, text=True, timeout=10, check=False)
    assert second.returncode != 0 and "belongs to a server that runs" in second.stderr
