"""`--keep-shm`: the whole tree is killed, and the next start knows every phone."""

import os
import pathlib
import signal
import time
from collections.abc import Iterator

import pytest

from kahea.core.shared import kept_name
from kahea.mem import segment
from kahea.tests.support.server import Server, kill

from .peer import Peer

CFG = """
loadmodule "sl.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "jsonrpcs.so"
request_route {
    if (is_method("REGISTER")) { save("location"); exit; }
    if (lookup("location")) { sl_send_reply("200", "Known: $ru"); exit; }
    sl_send_reply("404", "Unknown");
}
"""
PHONES = 300


@pytest.fixture
def folder(isolated: None, tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    yield tmp_path / "server"
    segment.remove(kept_name(str(tmp_path / "server" / "kamailio.cfg")))


def started(folder: pathlib.Path, *args: str) -> Server:
    server = Server(CFG, folder, *args)
    server.start()
    return server


def kill_tree(server: Server) -> None:
    """Every process at once."""
    for pid in (server.pid, *server.children()):
        kill(pid, signal.SIGKILL)
    assert server.process is not None
    server.process.wait()


def known(user: str) -> bool:
    with Peer(5070, "asker") as asker:
        asker.send(asker.request("OPTIONS", asker.new_call(user)))
        return asker.receive().status == 200


def register(count: int) -> None:
    for number in range(count):
        with Peer(20000 + number, f"u{number}") as phone:
            assert phone.register(3600).status == 200


def test_phones_are_known_after_kill_9_of_every_process(folder: pathlib.Path) -> None:
    server = started(folder, "--keep-shm")
    register(PHONES)
    kill_tree(server)
    began = time.monotonic()
    server = started(folder, "--keep-shm")
    assert time.monotonic() - began < 5
    try:
        assert "is taken over" in server.log
        assert all(known(f"u{number}") for number in range(PHONES))
        assert not known("nobody")
        assert server.rpc("shm.check")["faults"] == 0
        assert server.rpc("stats.get_statistics", "usrloc:")
    finally:
        server.close()


def test_phones_are_known_after_an_orderly_restart(folder: pathlib.Path) -> None:
    server = started(folder, "--keep-shm")
    register(5)
    server.close()
    server = started(folder, "--keep-shm")
    try:
        assert all(known(f"u{number}") for number in range(5))
    finally:
        server.close()


def test_start_without_keep_shm_forgets_for_good(folder: pathlib.Path) -> None:
    for args in (("--keep-shm",), (), ("--keep-shm",)):
        server = started(folder, *args)
        try:
            assert not known("u0")
            register(1)
        finally:
            server.close()
    assert os.path.exists("/dev/shm" + kept_name(str(folder / "kamailio.cfg")))


def test_second_server_of_the_same_configuration_does_not_start(folder: pathlib.Path) -> None:
    server = started(folder, "--keep-shm")
    try:
        second = Server(folder / "kamailio.cfg", folder / "second", "--keep-shm")
        with pytest.raises(AssertionError, match="alive"):
            second.start()
        assert not known("nobody")
    finally:
        server.close()
