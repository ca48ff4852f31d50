"""Files of SQLite: many writers, killed writers, journal modes, files that cannot be opened."""

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from kahea.core import loader
from kahea.core.db import DbDown, DbError, SqlConnection, db_bind_mod
from kahea.core.errors import ModuleError
from kahea.modules.db_sqlite import connection
from kahea.modules.db_sqlite.settings import settings

WRITERS = 4
ROWS = 100


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "readonly", set())
    monkeypatch.setattr(settings, "journal_modes", {})


def param(name: str, value: bytes) -> None:
    loader.set_modparam("db_sqlite", name, value)


def table(con: SqlConnection) -> None:
    con.raw_query("create table t (a int)")
    con.use_table("t")


def write(con: SqlConnection, rows: int) -> int:
    """In a child; its process id."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            for n in range(rows):
                con.insert(["a"], [n])
            code = 0
        finally:
            os._exit(code)
    return pid


def test_many_processes_write_at_once(sqlite: SqlConnection) -> None:
    table(sqlite)
    children = [write(sqlite, ROWS) for _ in range(WRITERS)]
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * WRITERS
    assert sqlite.raw_query("select count(*) from t").rows == [(WRITERS * ROWS,)]


def test_killed_writer_leaves_what_it_wrote_and_no_lock(sqlite: SqlConnection) -> None:
    table(sqlite)
    pid = write(sqlite, 10**9)
    while sqlite.raw_query("select count(*) from t").rows[0][0] < 20:
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    before = sqlite.raw_query("select count(*) from t").rows[0][0]
    sqlite.insert(["a"], [-1])
    assert sqlite.raw_query("select count(*) from t").rows == [(before + 1,)]
    assert sqlite.raw_query("pragma integrity_check").rows == [(b"ok",)]


def test_writer_that_waits_too_long_is_told(sqlite: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.05)
    table(sqlite)
    other = db_bind_mod("sqlite").init(f"sqlite:///{sqlite.url.database}")
    other.use_table("t")
    with sqlite.transaction():
        with pytest.raises(DbError, match="database is locked"):
            other.insert(["a"], [1])
        assert other.query().rows == []
    other.insert(["a"], [1])
    other.close()


def test_journal_is_wal_unless_said_otherwise(sqlite: SqlConnection) -> None:
    assert sqlite.raw_query("pragma journal_mode").rows == [(b"wal",)]
    sqlite.close()
    param("db_set_journal_mode", f"{sqlite.url.database}=delete".encode())
    assert sqlite.raw_query("pragma journal_mode").rows == [(b"delete",)]


def test_readonly(sqlite: SqlConnection) -> None:
    table(sqlite)
    sqlite.close()
    param("db_set_readonly", sqlite.url.database.encode())
    assert sqlite.query().rows == []
    with pytest.raises(DbError, match="readonly database"):
        sqlite.insert(["a"], [1])


@pytest.mark.parametrize(
    ("name", "value"),
    [("db_set_journal_mode", b"WAL"), ("db_set_journal_mode", b"/x=FAST"), ("db_set_journal_mode", b"=WAL"),
     ("db_set_readonly", b"")],
)  # fmt: skip
def test_bad_parameters(sqlite: SqlConnection, name: str, value: bytes) -> None:
    with pytest.raises(ModuleError):
        param(name, value)


def test_file_that_cannot_be_opened(sqlite: SqlConnection, tmp_path: Path) -> None:
    con = db_bind_mod("sqlite").init(f"sqlite:///{tmp_path}/no folder/x.sqlite")
    with pytest.raises(DbDown, match=r"unable to open database file: .*/no folder/x.sqlite"):
        con.raw_query("select 1")


def test_file_of_something_else(sqlite: SqlConnection, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, but some text\n" * 100)
    con = db_bind_mod("sqlite").init(f"sqlite:///{tmp_path}/text")
    with pytest.raises(DbDown, match="file is not a database"):
        con.raw_query("select 1")


def test_path_may_hold_anything(sqlite: SqlConnection, tmp_path: Path) -> None:
    con = db_bind_mod("sqlite").init(f"sqlite:///{tmp_path}/50% of #1.sqlite")
    table(con)
    con.close()
    assert (tmp_path / "50% of #1.sqlite").exists()


def test_database_in_a_folder_that_is_not_ours_can_be_read(sqlite: SqlConnection, tmp_path: Path) -> None:
    """Not as root: who may do everything sees no difference."""
    path = tmp_path / "their" / "x.sqlite"
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("create table t (a int)")
    other.close()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    con = db_bind_mod("sqlite").init(f"sqlite:///{path}")
    con.use_table("t")
    assert con.query().rows == []
    con.close()
    path.parent.chmod(0o755)
