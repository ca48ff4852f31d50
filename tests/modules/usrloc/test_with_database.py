"""A running server with a database: what is there after a stop, a crash, a start; what stops a start."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kahea
from kahea.core.db.schema import create
from kahea.core.db.url import parse_url
from kahea.core.shared import kept_name
from kahea.mem import segment
from kahea.modules.db_sqlite.connection import SqliteConnection
from kahea.tests.support.server import Server, ServerError, kill, wait_until
from kahea.tests.support.sip import SipSocket

CONFIG = """
loadmodule "db_sqlite.so"
loadmodule "sl.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "jsonrpcs.so"
modparam("registrar", "min_expires", 1)
modparam("usrloc", "db_url", "sqlite:///{path}")
modparam("usrloc", "db_mode", {mode})
{more}
request_route {{
    if (is_method("REGISTER")) {{ save("location"); exit; }}
    if (is_method("SUBSCRIBE") && registered("location")) {{ sl_send_reply("200", "Registered"); exit; }}
    if (lookup("location")) {{ sl_send_reply("302", "Found"); exit; }}
    sl_send_reply("404", "Unknown");
}}
"""
PHONES = 40
Start = Callable[..., Server]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "k.sqlite"
    con = SqliteConnection(parse_url(f"sqlite:///{made}"))
    create(con)
    con.close()
    return made


@pytest.fixture
def start(start_server: Start, path: Path) -> Start:
    def run(mode: int, more: str = "", *args: str) -> Server:
        return start_server(CONFIG.format(path=path, mode=mode, more=more), *args)

    return run


@pytest.fixture
def phone(sip_socket: Callable[..., SipSocket]) -> Iterator[SipSocket]:
    yield sip_socket()


def users(path: Path) -> list[str]:
    with sqlite3.connect(path) as con:
        found = [row[0] for row in con.execute("select username from location order by username")]
    con.close()
    return found


def register(phone: SipSocket, user: str, contact: str = "", expires: int = 600) -> int:
    uri = contact or f"<sip:{user}@192.0.2.1>"
    lines = [f"Contact: {uri}", f"Expires: {expires}"]
    request = phone.request("REGISTER", "sip:127.0.0.1", *lines, to=f"<sip:{user}@127.0.0.1>")
    return answer(phone, request)


def answer(phone: SipSocket, request: bytes) -> int:
    phone.send(request)
    return phone.receive().status


def found(phone: SipSocket, user: str) -> int:
    return answer(phone, phone.request("OPTIONS", f"sip:{user}@127.0.0.1"))


def kill_tree(server: Server) -> None:
    for pid in (server.pid, *server.children()):
        kill(pid, signal.SIGKILL)
    assert server.process is not None
    server.process.wait()


def test_write_through_is_there_after_kill_9_of_all(start: Start, path: Path, phone: SipSocket) -> None:
    server = start(1)
    for n in range(PHONES):
        assert register(phone, f"u{n}") == 200
    assert len(users(path)) == PHONES
    kill_tree(server)
    start(1)
    assert [found(phone, f"u{n}") for n in range(PHONES)] == [302] * PHONES


def test_killed_workers_lose_nothing(start: Start, path: Path, sip_socket: Callable[..., SipSocket]) -> None:
    """Who got a 200 is in the database, while workers are killed all the time."""
    server = start(1, 'modparam("usrloc", "timer_interval", 1)')
    done: list[str] = []
    stop = threading.Event()

    def phones(first: int) -> None:
        phone = sip_socket()
        for n in range(first, 10**6, 2):
            if stop.is_set():
                return
            request = phone.request(
                "REGISTER", "sip:127.0.0.1", "Contact: <sip:a@192.0.2.1>", to=f"<sip:u{n}@127.0.0.1>"
            )
            for _ in range(20):
                phone.send(request)
                try:
                    if phone.receive(0.3).status == 200:
                        done.append(f"u{n}")
                        break
                except (TimeoutError, OSError):
                    continue

    threads = [threading.Thread(target=phones, args=(first,)) for first in range(2)]
    for thread in threads:
        thread.start()
    dice = random.Random(3)
    for _ in range(12):
        time.sleep(0.15)
        kill(dice.choice(server.workers()), signal.SIGKILL)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(done) > 50
    wait_until(lambda: set(done) <= set(users(path)), 4, "all who are registered to be written")


def test_write_back_writes_by_the_timer(start: Start, path: Path, phone: SipSocket) -> None:
    server = start(2, 'modparam("usrloc", "timer_interval", 1)')
    register(phone, "a")
    register(phone, "b", expires=1)
    wait_until(lambda: users(path) == ["a"], 5, "a to be written and b to expire")
    dumped = server.rpc("ul.lookup", "location", "a")["Contacts"][0]["Contact"]
    assert dumped["State"] == "CS_SYNC"
    register(phone, "a")
    assert server.rpc("ul.lookup", "location", "a")["Contacts"][0]["Contact"]["State"] == "CS_DIRTY"


def test_write_back_writes_at_the_end_and_by_command(start: Start, path: Path, phone: SipSocket) -> None:
    server = start(2)
    register(phone, "a")
    register(phone, "b")
    assert users(path) == []
    server.rpc("ul.flush")
    assert users(path) == ["a", "b"]
    register(phone, "c")
    register(phone, "a", "*", 0)
    server.stop()
    assert users(path) == ["b", "c"]
    assert not path.with_name(path.name + "-wal").exists()
    start(2)
    assert [found(phone, user) for user in "abc"] == [404, 302, 302]


def test_write_back_loses_what_was_not_written_unless_memory_is_kept(
    start: Start, path: Path, phone: SipSocket
) -> None:
    server = start(2)
    register(phone, "a")
    kill_tree(server)
    server = start(2)
    assert found(phone, "a") == 404 and users(path) == []


def test_kept_memory_goes_on_being_written(start: Start, path: Path, phone: SipSocket, tmp_path: Path) -> None:
    cfg = tmp_path / "same.cfg"
    more = 'debug=2\nlisten=udp:127.0.0.1:5060\nmodparam("usrloc", "timer_interval", 600)\n'
    cfg.write_text("#!KAMAILIO\n" + CONFIG.format(path=path, mode=2, more=more))
    first = Server(cfg, tmp_path / "first", "--keep-shm")
    second = Server(cfg, tmp_path / "second", "--keep-shm")
    try:
        first.start()
        register(phone, "a")
        kill_tree(first)
        second.start()
        assert found(phone, "a") == 302 and "is not read from the database" in second.log
        second.rpc("ul.flush")
        assert users(path) == ["a"]
    finally:
        second.close()
        segment.remove(kept_name(str(cfg)))


def test_database_only_is_shared_by_two_servers(start: Start, path: Path, phone: SipSocket) -> None:
    one = start(3)
    other = start(3, "listen=udp:127.0.0.1:5070")
    assert register(phone, "a", "<sip:a@192.0.2.1>;q=0.3") == 200
    there = ("127.0.0.1", 5070)
    for server in (("127.0.0.1", 5060), there):
        phone.send(phone.request("OPTIONS", "sip:a@127.0.0.1"), server)
        assert phone.receive().status == 302
        phone.send(phone.request("SUBSCRIBE", "sip:a@127.0.0.1"), server)
        assert phone.receive().status == 200
    phone.send(phone.request("REGISTER", "sip:127.0.0.1", "Contact: *", "Expires: 0", to="<sip:a@127.0.0.1>"), there)
    assert phone.receive().status == 200
    assert found(phone, "a") == 404 and users(path) == []
    assert one.rpc("ul.db_contacts", "location") == other.rpc("ul.db_contacts", "location") == 0


def test_database_only_says_when_it_cannot(start: Start, path: Path, phone: SipSocket) -> None:
    server = start(3)
    register(phone, "a")
    with sqlite3.connect(path) as con:
        con.execute("alter table location rename to elsewhere")
    assert register(phone, "b") == 500 and found(phone, "a") == 404
    assert "could not be" in server.log
    with sqlite3.connect(path) as con:
        con.execute("alter table elsewhere rename to location")
    con.close()
    assert register(phone, "b") == 200 and found(phone, "a") == 302


def test_load_only_never_writes(start: Start, path: Path, phone: SipSocket) -> None:
    server = start(1)
    register(phone, "a")
    server.stop()
    server = start(4)
    register(phone, "b")
    register(phone, "a", "*", 0)
    assert (found(phone, "a"), found(phone, "b")) == (404, 302)
    server.rpc("ul.flush")
    server.stop()
    assert users(path) == ["a"]


def test_load_may_be_left_out(start: Start, path: Path, phone: SipSocket) -> None:
    server = start(1)
    register(phone, "a")
    server.stop()
    start(1, 'modparam("usrloc", "db_load", 0)')
    assert found(phone, "a") == 404


def test_memory_only_contact_is_not_written(start_server: Start, path: Path, phone: SipSocket) -> None:
    text = CONFIG.format(path=path, mode=1, more="").replace('save("location")', 'save("location", "0x01")')
    start_server(text)
    register(phone, "a")
    assert found(phone, "a") == 302 and users(path) == []


def test_counts_by_the_database(start: Start, path: Path, phone: SipSocket) -> None:
    server = start(1)
    register(phone, "a", "<sip:1@192.0.2.1>")
    register(phone, "a", "<sip:2@192.0.2.1>")
    register(phone, "b")
    assert (server.rpc("ul.db_users", "location"), server.rpc("ul.db_contacts", "location")) == (2, 3)
    assert server.rpc("ul.db_expired_contacts", "location") == 0
    assert "db_sqlite:driver_errors = 0" in server.rpc("stats.get_statistics", "db_sqlite:")


def refused(start: Start, *args: object) -> str:
    with pytest.raises(ServerError) as raised:
        start(*args)
    return str(raised.value)


def test_wrong_version_stops_the_start_where_the_table_is_named(start: Start, path: Path) -> None:
    with sqlite3.connect(path) as con:
        con.execute("update version set table_version = 8 where table_name = 'location'")
    con.close()
    log = refused(start, 1)
    assert 'invalid version 8 for table location found, expected 9 (check table structure and table "version")' in log
    assert 'save("location")' in log and "^" in log and "Traceback" not in log


def test_version_table_names_another_table(start: Start, path: Path, phone: SipSocket) -> None:
    with sqlite3.connect(path) as con:
        con.execute("create table `my versions` as select * from version")
        con.execute("update version set table_version = 8 where table_name = 'location'")
    con.close()
    start(1, 'version_table="my versions"')
    assert register(phone, "a") == 200
    assert 'querying "nix" for table location' in refused(start, 1, 'version_table="nix"\nlisten=udp:127.0.0.1:5070')


def test_version_of_preloaded_table_is_looked_at(start: Start) -> None:
    log = refused(start, 1, 'modparam("usrloc", "preload", "aliases")')
    assert "invalid version 8 for table aliases found, expected 9" in log


def test_database_that_is_not_there_stops_the_start(start_server: Start, tmp_path: Path) -> None:
    def start(path: Path) -> Server:
        return start_server(CONFIG.format(path=path, mode=1, more=""))

    assert "unable to open database file" in refused(start, tmp_path / "no" / "k.sqlite")
    assert "no such table: version; `kaheactl db create`" in refused(start, tmp_path / "new.sqlite")


def test_driver_that_is_not_loaded_stops_the_start(start: Start) -> None:
    log = refused(start, 1, 'modparam("usrloc", "db_url", "mysql://kamailio:kamailiorw@localhost/kamailio")')
    assert 'loadmodule "db_mysql.so"' in log and "kamailiorw" not in log


def test_checking_a_configuration_needs_no_database(path: Path, tmp_path: Path) -> None:
    cfg = tmp_path / "k.cfg"
    cfg.write_text("#!KAMAILIO\nlisten=udp:127.0.0.1:5060\n" + CONFIG.format(path=tmp_path / "nix", mode=1, more=""))
    done = subprocess.run(
        [sys.executable, "-m", "kahea.core.main", "-c", "-f", str(cfg)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "nix").exists()


def test_slow_statements_are_reported(start: Start, phone: SipSocket) -> None:
    server = start(1, "latency_limit_db=1\nlatency_log=-1")
    register(phone, "a")
    server.wait_log("alert - query execution too long [")
    assert "] for [INSERT INTO `location`" in server.log


def test_default_configuration_with_a_database(start_server: Start, path: Path, phone: SipSocket) -> None:
    cfg = Path(kahea.__file__).parent / "cfg" / "kahea.cfg"
    server = start_server(cfg, "-A", "WITH_USRLOCDB", "-A", f'DBURL="sqlite:///{path}"')
    assert register(phone, "a") == 200
    server.stop()
    assert users(path) == ["a"]
