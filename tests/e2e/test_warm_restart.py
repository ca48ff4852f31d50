"""`--keep-shm`: the whole tree is killed, and the next start knows every phone."""

import contextlib
import os
import pathlib
import random
import signal
import threading
from collections.abc import Iterator

import pytest

from kahea.core.shared import kept_name
from kahea.mem import segment
from kahea.modules.usrloc.contact import Contact
from kahea.modules.usrloc.domain import Domain
from kahea.src.native import lib
from kahea.tests.support import kept
from kahea.tests.support.server import Server, ServerError, kill, wait_until

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
MANY = 100_000
ASKED = 1500
MEGABYTES = 128


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
    server = started(folder, "--keep-shm")
    try:
        assert "is taken over" in server.log
        assert all(known(f"u{number}") for number in range(PHONES))
        assert not known("nobody")
        assert server.rpc("shm.check")["faults"] == 0
    finally:
        server.close()


def test_a_hundred_thousand_phones_are_taken_over(folder: pathlib.Path) -> None:
    def life_before(opened: segment.Opened) -> None:
        domain = Domain(b"location")
        domain.open()
        expires = lib.kh_ul_now() + 3600
        for n in range(MANY):
            assert domain.put(b"u%d" % n, Contact(b"sip:u%d@127.0.0.1:5070" % n, expires, callid=b"%d@phone" % n))

    kept.start(kept_name(str(folder / "kamailio.cfg")), life_before, MEGABYTES << 20, end=-9)
    server = started(folder, "--keep-shm", "-m", str(MEGABYTES))
    try:
        assert f"{MANY} AoRs of location" in server.log
        assert server.rpc("stats.get_statistics", "usrloc:location-contacts") == [f"usrloc:location-contacts = {MANY}"]
        assert all(known(f"u{n}") for n in random.Random(1).sample(range(MANY), ASKED))
        assert server.rpc("shm.check")["faults"] == 0
    finally:
        server.close()


class Registering(threading.Thread):
    """Phones that register one after the other, whether or not there is a server; `done` have had their 200."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done: list[str] = []
        self.going = True

    def run(self) -> None:
        with Peer(5071) as phone:
            for n in range(1_000_000):
                if not self.going:
                    break
                phone.user = f"r{n}"
                with contextlib.suppress(TimeoutError):
                    reply = phone.register(3600, call_id=phone.user)
                    if reply.status == 200 and reply.get("Call-ID") == phone.user:
                        self.done.append(phone.user)


class Impatient(Server):
    """Is killed when it is not ready in time."""

    def close(self) -> None:
        kill_tree(self)


def test_who_was_answered_is_known_though_all_were_killed_amid_registrations_and_starts(folder: pathlib.Path) -> None:
    server = started(folder, "--keep-shm")
    phones = Registering()
    phones.start()
    for patience in (0.0, 0.3, 0.5):
        enough = len(phones.done) + 150
        wait_until(lambda enough=enough: len(phones.done) > enough, 20, "registrations")
        kill_tree(server)
        impatient = Impatient(folder / "kamailio.cfg", folder, "--keep-shm")
        with contextlib.suppress(ServerError):
            impatient.start(patience)
            impatient.close()
        server = started(folder, "--keep-shm")
    phones.going = False
    phones.join()
    try:
        assert "is not used" not in server.log
        assert all(known(user) for user in phones.done)
        assert server.rpc("shm.check")["faults"] == 0
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
