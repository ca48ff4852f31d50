"""The rows of the database follow the contacts in memory, whoever changes them, fails or dies meanwhile."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from kahea.core.db import DbDown, DbError, SqlConnection
from kahea.modules.db_sqlite import connection
from kahea.modules.usrloc import sync
from kahea.modules.usrloc.callbacks import CHANGES, DELETE, EXPIRE, INSERT, UPDATE, callbacks
from kahea.modules.usrloc.contact import DIRTY, GONE, NEW, SYNC, Contact, unpack_contacts
from kahea.modules.usrloc.database import database
from kahea.modules.usrloc.domain import Domain
from kahea.src.native import lib
from kahea.tests.support import shared

Stored = Callable[..., Domain]
WRITERS, CHANGES_EACH, PHONES = 3, 150, 4


def later(seconds: int) -> int:
    return int(lib.kh_ul_now()) + seconds


def contact(uri: bytes, **more: Any) -> Contact:
    return Contact(uri, **{"expires": later(600), "callid": b"c", "ruid": b"r-" + uri, **more})


def states(domain: Domain, aor: bytes = b"alice") -> dict[bytes, int]:
    """Of all contacts in the record, those that are gone too."""
    found = domain.table.get(aor)
    return {} if found is None else {c.contact: c.state for c in unpack_contacts(found[0], gone=True)}


def written(rows: SqlConnection) -> dict[tuple[bytes, bytes], bytes]:
    """(user, contact) -> Call-ID of every row."""
    return {(row[0], row[1]): row[2] for row in rows.query(columns=["username", "contact", "callid"])}


def in_memory(domain: Domain) -> dict[tuple[bytes, bytes], bytes]:
    return {(aor, c.contact): c.callid for aor, contacts in domain.records() for c in contacts}


def test_write_back_writes_when_it_is_told(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=2)
    domain.put(b"alice", contact(b"sip:1@h"))
    domain.put(b"alice", contact(b"sip:2@h"))
    domain.put(b"bob", contact(b"sip:3@h"))
    assert states(domain) == {b"sip:1@h": NEW, b"sip:2@h": NEW} and not written(rows)
    domain.flush()
    assert states(domain) == {b"sip:1@h": SYNC, b"sip:2@h": SYNC}
    assert set(written(rows)) == {(b"alice", b"sip:1@h"), (b"alice", b"sip:2@h"), (b"bob", b"sip:3@h")}
    domain.put(b"alice", contact(b"sip:1@h", callid=b"new"))
    assert states(domain) == {b"sip:1@h": DIRTY, b"sip:2@h": SYNC}
    domain.remove_contact(b"alice", b"sip:2@h")
    domain.remove(b"bob")
    assert states(domain) == {b"sip:1@h": DIRTY, b"sip:2@h": GONE} and domain.get(b"bob") == []
    assert len(written(rows)) == 3
    domain.flush()
    assert written(rows) == {(b"alice", b"sip:1@h"): b"new"}
    assert states(domain) == {b"sip:1@h": SYNC} and states(domain, b"bob") == {}


def test_write_through_writes_at_once(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=1)
    domain.put(b"alice", contact(b"sip:1@h"))
    assert written(rows) == in_memory(domain) and states(domain) == {b"sip:1@h": SYNC}
    domain.put(b"alice", contact(b"sip:1@h", callid=b"new"))
    assert written(rows) == {(b"alice", b"sip:1@h"): b"new"}
    domain.remove(b"alice")
    assert not written(rows) and states(domain) == {}


def test_what_came_and_went_meanwhile_is_never_written(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=2)
    domain.put(b"alice", contact(b"sip:1@h"))
    domain.remove(b"alice")
    assert states(domain) == {} and domain.users() == 0


def test_expired_contact_takes_its_row_along(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=2)
    heard: list[bytes] = []
    callbacks.register(EXPIRE, lambda event, table, aor, c: heard.append(c.contact))
    domain.put(b"alice", contact(b"sip:1@h", expires=later(5)))
    domain.put(b"alice", contact(b"sip:2@h"))
    domain.flush()
    lib.kh_ul_stop_clock(later(6))
    assert domain.expire() == 1 and domain.expire() == 0
    assert heard == [b"sip:1@h"] and len(written(rows)) == 2
    domain.flush()
    assert set(written(rows)) == {(b"alice", b"sip:2@h")}


def test_contact_that_comes_back_before_its_row_is_removed(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=2)
    domain.put(b"alice", contact(b"sip:1@h", ruid=b"first"))
    domain.flush()
    domain.remove(b"alice")
    domain.put(b"alice", contact(b"sip:1@h", ruid=b"second"))
    assert [c.ruid for c in domain.get(b"alice")] == [b"second"]
    domain.flush()
    assert [row[0] for row in rows.query(columns=["ruid"])] == [b"second"]


def test_nobody_hears_twice_of_what_is_gone(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=2)
    heard: list[tuple[int, bytes]] = []
    callbacks.register(CHANGES, lambda event, table, aor, c: heard.append((event, c.contact)))
    domain.watch()
    domain.put(b"alice", contact(b"sip:1@h"))
    domain.put(b"alice", contact(b"sip:2@h"))
    domain.flush()
    assert domain.remove_contact(b"alice", b"sip:1@h") == 1
    assert domain.remove_contact(b"alice", b"sip:1@h") == 0
    assert domain.remove(b"alice") == 1
    domain.flush()
    assert heard == [(INSERT, b"sip:1@h"), (INSERT, b"sip:2@h"), (DELETE, b"sip:1@h"), (DELETE, b"sip:2@h")]
    assert UPDATE not in [event for event, _ in heard]


def test_row_that_somebody_removed_comes_back_with_the_next_change(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=1)
    domain.put(b"alice", contact(b"sip:1@h"))
    rows.delete()
    domain.put(b"alice", contact(b"sip:1@h", callid=b"new"))
    assert written(rows) == {(b"alice", b"sip:1@h"): b"new"}


def test_database_that_fails_gets_all_later(
    stored: Stored, rows: SqlConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = stored(db_mode=1)
    domain.put(b"alice", contact(b"sip:1@h"))
    said: list[object] = []
    monkeypatch.setattr(sync, "log", SimpleNamespace(error=lambda *args: said.append(args)))
    with monkeypatch.context() as down:
        down.setattr(database, "use", fail)
        domain.put(b"alice", contact(b"sip:1@h", callid=b"new"))
        domain.put(b"bob", contact(b"sip:2@h"))
        domain.flush()
        assert len(domain.get(b"alice")) == len(domain.get(b"bob")) == 1
    assert len(said) == 1
    assert written(rows) == {(b"alice", b"sip:1@h"): b"c"}
    domain.flush()
    assert written(rows) == in_memory(domain)


def fail(table: bytes) -> Any:
    raise DbDown("no connection")


def test_one_aor_that_the_database_refuses_stops_no_other(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=2)
    rows.raw_query(
        "create trigger no before insert on location when new.username = 'u7' begin select raise(fail, 'no'); end"
    )
    for n in range(20):
        domain.put(b"u%d" % n, contact(b"sip:%d@h" % n))
    domain.flush()
    assert len(written(rows)) == 19
    rows.raw_query("drop trigger no")
    domain.flush()
    assert written(rows) == in_memory(domain)


def test_batches(stored: Stored, rows: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "BATCH", 7)
    monkeypatch.setattr(sync, "WALK_ROOM", 256)
    domain = stored(db_mode=2)
    for n in range(100):
        domain.put(b"user%d" % n, contact(b"sip:%d@h" % n))
    assert sync.sync_all(domain) == (100, 0)
    assert written(rows) == in_memory(domain)
    assert sync.sync_all(domain) == (0, 0)


def test_change_while_it_is_written_is_written_too(
    stored: Stored, rows: SqlConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the row and the note that it is there, another process refreshes one contact, removes one, adds one."""
    domain = stored(db_mode=2)
    for n in range(3):
        domain.put(b"alice", contact(b"sip:%d@h" % n))
    insert = database.insert
    left = [domain]

    def meanwhile(table: bytes, aor: bytes, c: Contact) -> None:
        insert(table, aor, c)
        if c.contact == b"sip:2@h" and left:
            left.pop()
            domain.put(b"alice", contact(b"sip:0@h", callid=b"new"))
            domain.remove_contact(b"alice", b"sip:1@h")
            domain.put(b"alice", contact(b"sip:3@h"))

    with monkeypatch.context() as patched:
        patched.setattr(database, "insert", meanwhile)
        sync.sync_aor(domain, b"alice")
    assert written(rows) == in_memory(domain)
    assert written(rows)[b"alice", b"sip:0@h"] == b"new" and (b"alice", b"sip:1@h") not in written(rows)
    assert set(states(domain).values()) == {SYNC}


def test_late_writer_does_not_win(stored: Stored, rows: SqlConnection) -> None:
    """One process claims, another changes, writes and settles; then the first one writes what is old by now."""
    domain = stored(db_mode=2)
    domain.put(b"alice", contact(b"sip:1@h", callid=b"old"))
    domain.put(b"alice", contact(b"sip:2@h"))
    first = sync.claim(domain, b"alice")
    assert first is not None
    domain.put(b"alice", contact(b"sip:1@h", callid=b"new"))
    domain.remove_contact(b"alice", b"sip:2@h")
    assert sync.sync_aor(domain, b"alice")
    for c in first.contacts:
        database.update(b"location", b"alice", c)
    assert written(rows)[b"alice", b"sip:1@h"] == b"old"
    assert sync.settle(domain, first)
    assert written(rows) == {(b"alice", b"sip:1@h"): b"new"}


def change(domain: Domain, dice: random.Random) -> None:
    aor = b"u%d" % dice.randrange(PHONES)
    uri = b"sip:%d@h" % dice.randrange(3)
    if dice.random() < 0.7:
        domain.put(aor, contact(uri, callid=b"%d" % dice.getrandbits(60), ruid=b""))
    else:
        domain.remove_contact(aor, uri)


def work(domain: Domain, seed: int, count: int) -> Callable[[], None]:
    def run() -> None:
        lib.kh_ul_start(seed, os.getpid())
        dice = random.Random(seed)
        for _ in range(count):
            change(domain, dice)
        database.close()

    return run


@pytest.mark.parametrize("mode", [1, 2])
def test_many_processes_change_the_same_phones(stored: Stored, rows: SqlConnection, mode: int) -> None:
    domain = stored(db_mode=mode)
    children = [shared.Child(work(domain, seed, CHANGES_EACH)) for seed in range(WRITERS)]
    for _ in range(10):
        domain.flush()
        time.sleep(0.01)
    assert [child.join() for child in children] == [0] * WRITERS
    if mode == 2:
        domain.flush()
    assert written(rows) == in_memory(domain)
    assert all(state == SYNC for n in range(PHONES) for state in states(domain, b"u%d" % n).values())


def test_killed_processes_leave_nothing_unwritten(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=1)
    dice = random.Random(7)
    for seed in range(12):
        child = shared.Child(work(domain, seed, 10**9))
        time.sleep(0.02 + dice.random() * 0.03)
        child.kill()
        assert os.WTERMSIG(child.join()) == signal.SIGKILL
    domain.flush()
    assert in_memory(domain).items() <= written(rows).items()
    assert all(state == SYNC for n in range(PHONES) for state in states(domain, b"u%d" % n).values())


def test_contacts_of_memory_only(stored: Stored, rows: SqlConnection) -> None:
    """save("location", "1"): such a contact has state SYNC from the start."""
    domain = stored(db_mode=2)
    domain.put_loaded(b"alice", contact(b"sip:1@h"))
    domain.flush()
    assert not written(rows)
    domain.remove(b"alice")
    domain.flush()
    assert states(domain) == {}


def test_load_brings_back_what_was_written(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=2, fetch_rows=7)
    for n in range(50):
        more = {"path": b"<sip:p@h>", "instance": b"<urn:x>", "reg_id": n, "methods": n, "q": 10 * n, "cflags": 1 << 31}
        domain.put(b"u%d" % n, contact(b"sip:%d@h" % n, user_agent=b"ua", received=b"sip:r@h", cseq=2**32 - 1, **more))
    domain.put(b"forever", contact(b"sip:f@h", expires=0))
    domain.flush()
    before = dict(domain.records())
    domain.table.clear()
    domain.load()
    assert dict(domain.records()) == before
    assert sync.sync_all(domain) == (0, 0)


def test_load_leaves_out_what_is_no_contact(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=1, skip_remote_socket=1)
    rows.insert({"ruid": b"1", "username": b"a", "contact": b"sip:a@h"})
    rows.insert({"ruid": b"2", "username": b"", "contact": b"sip:a@h"})
    rows.insert({"ruid": b"3", "username": b"b", "contact": b"sip:a@h", "expires": b"tomorrow"})
    rows.insert({"ruid": b"4", "username": b"c", "contact": b"sip:a@h", "socket": b"udp:192.0.2.77:5060"})
    domain.load()
    assert [aor for aor, _ in domain.records()] == [b"a"]


def test_load_of_own_rows_only(stored: Stored, rows: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """server_id_filter"""
    domain = stored(db_mode=1, server_id_filter=1)
    monkeypatch.setattr(lib.kh_ul_settings_get(), "server_id", 2)
    for n in range(4):
        rows.insert({"ruid": b"%d" % n, "username": b"u%d" % n, "contact": b"sip:a@h", "server_id": n})
    domain.load()
    assert [aor for aor, _ in domain.records()] == [b"u2"]
    lib.kh_ul_settings_get().server_id = 0


def test_contacts_of_connections_are_removed_at_the_start(stored: Stored, rows: SqlConnection) -> None:
    """db_clean_tcp"""
    domain = stored(db_mode=1, db_clean_tcp=1)
    for n, socket in enumerate((b"udp:h:1", b"tcp:h:1", b"tls:h:1", b"ws:h:1", None)):
        rows.insert({"ruid": b"%d" % n, "username": b"u%d" % n, "contact": b"sip:a@h", "socket": socket})
    domain.load()
    assert sorted(aor for aor, _ in domain.records()) == [b"u0", b"u4"] and len(written(rows)) == 2


def test_expired_rows_of_others_are_cleaned(stored: Stored, rows: SqlConnection) -> None:
    """db_timer_clean"""
    domain = stored(db_mode=1)
    domain.put(b"mine", contact(b"sip:a@h"))
    domain.put(b"forever", contact(b"sip:a@h", ruid=b"f", expires=0))
    rows.raw_query("insert into location (ruid, username, expires) values ('o', 'other', julianday('now', '-1 hour'))")
    domain.clean()
    assert len(written(rows)) == 3
    domain = stored(db_mode=1, db_timer_clean=1)
    domain.clean()
    assert {user for user, _ in written(rows)} == {b"mine", b"forever"}


@pytest.mark.parametrize(
    "parameters",
    [{"db_ops_ruid": 0}, {"db_insert_null": 1}, {"db_insert_update": 1}, {"expires_type": 1}, {"use_domain": 1},
     {"use_domain": 1, "db_ops_ruid": 0, "db_insert_null": 1}],
)  # fmt: skip
def test_ways_to_write(stored: Stored, rows: SqlConnection, parameters: dict[str, int]) -> None:
    domain = stored(db_mode=1, **parameters)
    domain.put(b"alice@example.com", contact(b"sip:1@h"))
    domain.put(b"alice@example.com", contact(b"sip:1@h", cseq=5))
    domain.put(b"alice@example.com", contact(b"sip:2@h", cseq=5))
    domain.remove_contact(b"alice@example.com", b"sip:2@h")
    found = rows.query(columns=["username", "domain", "contact", "cseq"]).rows
    user = (b"alice", b"example.com") if parameters.get("use_domain") else (b"alice@example.com", None)
    assert found == [(*user, b"sip:1@h", 5)]
    domain.table.clear()
    domain.load()
    assert [c.cseq for c in domain.get(b"alice@example.com")] == [5]


def test_columns_of_other_names(stored: Stored, rows: SqlConnection) -> None:
    rows.raw_query("alter table location rename column username to login")
    rows.raw_query("alter table location rename column callid to `call id`")
    from kahea.modules.usrloc.settings import settings

    settings.set_column("user", b"login")
    settings.set_column("callid", b"call id")
    domain = stored(db_mode=1)
    domain.put(b"alice", contact(b"sip:1@h", callid=b"x"))
    assert rows.query(columns=["login", "call id"]).rows == [(b"alice", b"x")]


def test_counts_of_the_database(stored: Stored, rows: SqlConnection) -> None:
    domain = stored(db_mode=1)
    domain.put(b"a", contact(b"sip:1@h"))
    domain.put(b"a", contact(b"sip:2@h", expires=0))
    domain.put(b"b", contact(b"sip:3@h", expires=0))
    domain.put(b"b", contact(b"sip:4@h", expires=later(5)))
    lib.kh_ul_stop_clock(later(6))
    table = b"location"
    assert (database.count(table, "user"), database.count(table), database.count(table, expired=True)) == (2, 3, 1)


class TestWrongTable:
    """A start with a table that is not what it should be."""

    @pytest.fixture
    def start(self, stored: Stored) -> Callable[[], Domain]:
        return lambda: stored(db_mode=1)

    def test_wrong_version(self, start: Callable[[], Domain], rows: SqlConnection) -> None:
        rows.use_table("version")
        rows.update(["table_name"], None, [b"location"], ["table_version"], [8])
        with pytest.raises(ValueError, match="invalid version 8 for table location found, expected 9"):
            start()

    def test_version_is_not_looked_at(self, stored: Stored, rows: SqlConnection) -> None:
        rows.raw_query("drop table version")
        assert stored(db_mode=1, version_table=0)

    def test_no_table(self, start: Callable[[], Domain], rows: SqlConnection) -> None:
        rows.raw_query("drop table location")
        with pytest.raises(ValueError, match="no such table: location; `kaheactl db create`"):
            start()

    def test_empty_database(self, start: Callable[[], Domain], rows: SqlConnection) -> None:
        for table in rows.tables():
            rows.raw_query(f"drop table {table}")
        with pytest.raises(ValueError, match='querying "version" for table location: no such table: version; `kahea'):
            start()


class TestDatabaseOnly:
    """db_mode 3"""

    @pytest.fixture
    def domain(self, stored: Stored) -> Domain:
        return stored(db_mode=3)

    def test_everything_is_in_the_database(self, domain: Domain, rows: SqlConnection) -> None:
        assert domain.put(b"alice", contact(b"sip:1@h", q=500))
        assert domain.put(b"alice", contact(b"sip:2@h", q=900))
        assert domain.put(b"alice", contact(b"sip:1@h", callid=b"new", q=500))
        assert len(domain.table) == 0 and len(written(rows)) == 2
        assert [(c.contact, c.callid) for c in domain.get(b"alice")] == [(b"sip:2@h", b"c"), (b"sip:1@h", b"new")]
        assert domain.remove_contact(b"alice", b"sip:2@h") == 1
        assert domain.remove_ruid(b"alice", b"nix") == 0
        assert [c.contact for c in domain.get(b"alice")] == [b"sip:1@h"]
        assert domain.remove(b"alice") == 1 and not written(rows) and domain.get(b"alice") == []
        assert (domain.users(), domain.contacts(), list(domain.records())) == (0, 0, [])

    def test_what_another_server_has_written_is_seen(self, domain: Domain, rows: SqlConnection) -> None:
        rows.raw_query(
            "insert into location (ruid, username, contact, expires) values ('x', 'bob', 'sip:b@h', 2500000)"
        )
        assert [c.contact for c in domain.get(b"bob")] == [b"sip:b@h"]
        assert domain.begin(b"uloc-1-2-3") and domain.end(b"uloc-1-2-3", False)

    def test_temporary_gruu_finds_its_row(self, domain: Domain) -> None:
        domain.put(b"alice", contact(b"sip:1@h", ruid=b"uloc-1-2-3"))
        assert domain.begin(b"uloc-1-2-3-abc")
        assert [item.key for item in domain.table.items()] == [b"alice"]
        domain.end(b"", False)
        assert len(domain.table) == 0

    def test_database_that_does_not_answer(self, domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
        domain.put(b"alice", contact(b"sip:1@h"))
        said: list[object] = []
        monkeypatch.setattr(sync, "log", SimpleNamespace(error=lambda *args: said.append(args)))

        def down(*args: object) -> Any:
            raise DbError("down")

        with monkeypatch.context() as patched:
            patched.setattr(database, "use", down)
            assert not domain.begin(b"alice") and domain.get(b"alice") == []
            assert not domain.put(b"alice", contact(b"sip:2@h")) and domain.remove(b"alice") == 0
        assert len(said) == 1
        with monkeypatch.context() as patched:
            patched.setattr(database, "insert", down)
            assert not domain.put(b"alice", contact(b"sip:2@h"))
        assert [c.contact for c in domain.get(b"alice")] == [b"sip:1@h"]

    def test_expired_rows_go_after_a_delay(self, stored: Stored, rows: SqlConnection) -> None:
        domain = stored(db_mode=3, rm_expired_delay=10)
        domain.put(b"alice", contact(b"sip:1@h", expires=later(5)))
        lib.kh_ul_stop_clock(later(12))
        assert domain.expire() == 0
        lib.kh_ul_stop_clock(later(10))
        assert domain.expire() == 1 and not written(rows)

    def test_each_process_has_a_table_of_its_own(self, domain: Domain, rows: SqlConnection) -> None:
        def run() -> None:
            before = domain.c
            domain.watch()
            assert domain.c != before
            work(domain, os.getpid(), 60)()

        children = [shared.Child(run) for _ in range(WRITERS)]
        assert [child.join() for child in children] == [0] * WRITERS
        assert sum(len(domain.get(b"u%d" % n)) for n in range(PHONES)) == len(rows.query()) > 0


def test_locked_database_does_not_stop_the_phones(
    stored: Stored, rows: SqlConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.05)
    domain = stored(db_mode=1)
    other = sqlite3.connect(rows.url.database, isolation_level=None)
    other.execute("begin immediate")
    assert domain.put(b"alice", contact(b"sip:1@h"))
    assert [c.contact for c in domain.get(b"alice")] == [b"sip:1@h"]
    other.execute("rollback")
    other.close()
    assert not written(rows)
    domain.flush()
    assert written(rows) == in_memory(domain)
