"""What all drivers have in common: opened late, opened again, not by too many attempts, never by two processes."""

import itertools
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from kahea.core import statistics
from kahea.core.db import DRIVER_STATS, DbDown, DbError, DbLost, SqlConnection, connection, parse_url
from kahea.core.db.settings import DbSettings
from kahea.tests.support import shared

shared.attach()


class Session:
    """The library of a database that does what a test wants."""

    def __init__(self, server: "Fake") -> None:
        self.server = server
        self.closed = False
        self.pid = os.getpid()
        self.description = None
        self.rowcount = 0
        self.lastrowid = 0

    def cursor(self) -> "Session":
        return self

    def execute(self, text: str, values: tuple[Any, ...]) -> None:
        self.server.seen.append(text)
        if self.server.failures:
            raise self.server.failures.pop(0)

    def close(self) -> None:
        pass


class Fake(SqlConnection):
    def __init__(self) -> None:
        super().__init__(parse_url("fake://u:secret@host/db"))
        self.failures: list[Exception] = []
        self.seen: list[str] = []
        self.reachable = True
        self.opened: list[Session] = []
        self.closed = 0

    def connect(self) -> Session:
        if not self.reachable:
            raise DbError("connection refused")
        self.opened.append(Session(self))
        return self.opened[-1]

    def disconnect(self, session: Session) -> None:
        self.closed += 1

    def translate(self, error: Exception) -> DbError | None:
        if isinstance(error, BrokenPipeError):
            return DbLost("gone")
        return DbError(str(error)) if isinstance(error, OSError) else None


@pytest.fixture
def con(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    monkeypatch.setattr(statistics, "_stats", {})
    for stat in DRIVER_STATS:
        statistics.register_stat("db_fake", stat.name).reset()
    made = Fake()
    made.use_table(b"t")
    yield made


class Clock:
    now = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(connection.time, "monotonic", lambda: Clock.now)
    return Clock


def counts() -> dict[str, int]:
    return {stat.name: stat.value for stat in statistics.stats_of("db_fake") if stat.value}


def test_opened_when_first_used_and_once(con: Fake) -> None:
    assert not con.opened
    con.delete()
    con.delete()
    assert len(con.opened) == 1
    assert counts() == {"connects": 1, "queries": 2}


def test_broken_connection_is_replaced_and_the_statement_repeated(con: Fake) -> None:
    con.delete()
    con.failures = [BrokenPipeError()]
    con.delete(["a"], None, [1])
    assert con.seen[1:] == ['DELETE FROM "t" WHERE "a" = %s'] * 2
    assert len(con.opened) == 2 and con.closed == 1
    assert counts() == {"connects": 2, "queries": 2}


def test_statement_is_repeated_once_only(con: Fake) -> None:
    con.failures = [BrokenPipeError(), BrokenPipeError()]
    with pytest.raises(DbLost):
        con.delete()
    assert len(con.seen) == 2 and counts()["driver_errors"] == 1


def test_within_a_transaction_nothing_is_repeated(con: Fake) -> None:
    con.failures = []
    with pytest.raises(DbLost), con.transaction():
        con.failures = [BrokenPipeError()]
        con.delete()
    assert con.seen == ["BEGIN", 'DELETE FROM "t"'] and not con.in_transaction
    con.delete()
    assert len(con.opened) == 2


def test_failed_transaction_is_rolled_back(con: Fake) -> None:
    with pytest.raises(DbError), con.transaction():
        con.failures = [OSError("disk full")]
        con.delete()
    assert con.seen[-1] == "ROLLBACK" and not con.in_transaction


def test_failed_commit_is_rolled_back(con: Fake) -> None:
    with pytest.raises(DbError), con.transaction():
        con.delete()
        con.failures = [OSError("disk full")]
    assert con.seen[-2:] == ["COMMIT", "ROLLBACK"] and not con.in_transaction


def test_errors_say_so_and_are_counted(con: Fake) -> None:
    con.failures = [OSError("no such table: t")]
    with pytest.raises(DbError, match="no such table: t"):
        con.delete()
    assert counts() == {"connects": 1, "queries": 1, "driver_errors": 1}
    assert len(con.opened) == 1


def test_bug_is_not_taken_for_an_error_of_the_database(con: Fake) -> None:
    con.failures = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        con.delete()


def test_attempts_to_connect_get_rarer(con: Fake, clock: type[Clock]) -> None:
    con.reachable = False
    attempts = []
    for _ in range(400):
        before = counts().get("connect_errors", 0)
        with pytest.raises(DbDown, match=r"fake://u:\*\*\*@host/db"):
            con.delete()
        if counts()["connect_errors"] > before:
            attempts.append(clock.now)
        clock.now += 0.25
    gaps = [b - a for a, b in itertools.pairwise(attempts)]
    assert gaps[:6] == [0.5, 1, 2, 4, 8, 16] and set(gaps[6:]) == {30}
    con.reachable = True
    clock.now += 30
    con.delete()
    con.close()
    con.reachable = False
    with pytest.raises(DbDown):
        con.delete()
    clock.now += 0.5
    con.reachable = True
    con.delete()


def test_no_password_in_what_is_said(con: Fake) -> None:
    con.reachable = False
    with pytest.raises(DbDown) as raised:
        con.delete()
    assert "secret" not in str(raised.value)


def test_child_does_not_use_its_parents_connection(con: Fake) -> None:
    con.delete()

    def work() -> None:
        con.delete()
        assert len(con.opened) == 2 and con.opened[1].pid == os.getpid()
        assert con.closed == 0
        con.close()
        assert con.closed == 1

    assert shared.Child(work).join() == 0
    con.delete()
    assert len(con.opened) == 1


def test_slow_statement_is_reported(con: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """latency_limit_db, latency_log."""
    lines: list[tuple[int, str]] = []
    log = SimpleNamespace(log=lambda level, text, *args: lines.append((level, text % args)))
    monkeypatch.setattr(connection, "log", log)
    monkeypatch.setattr(DbSettings, "latency_limit_us", 500)
    monkeypatch.setattr(DbSettings, "latency_level", 0)
    ticks = iter([0, 400_000, 1_000_000, 1_501_000])
    monkeypatch.setattr(connection.time, "perf_counter_ns", lambda: next(ticks))
    con.delete()
    con.delete(["c" * 200], None, [1])
    text = 'DELETE FROM "t" WHERE "' + "c" * 200
    assert lines == [(0, f"alert - query execution too long [501 us] for [{text[:100]}]")]
    assert counts()["slow_queries"] == 1


def test_too_long_sql_is_refused(con: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """sql_buffer_size."""
    monkeypatch.setattr(DbSettings, "sql_buffer_size", 20)
    con.raw_query(b"select 4567890123456")
    with pytest.raises(DbError, match="21 characters, sql_buffer_size is 20"):
        con.raw_query(b"select 45678901234567")
    assert len(con.seen) == 1 and counts()["driver_errors"] == 1
