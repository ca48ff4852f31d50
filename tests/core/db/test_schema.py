"""The standard tables are those of Kamailio's tools; making them twice changes nothing."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kahea.core.db import DbError, Dialect, SqlConnection, db_table_version
from kahea.core.db.schema import SchemaError, create, create_table, drop, present, standard_tables
from kahea.core.db.schema.tables import parse_tables


def shape(path: str) -> dict[str, tuple[list[Any], set[Any]]]:
    """Of each table: columns with type, null, default; keys."""
    with sqlite3.connect(path) as con:
        names = [row[0] for row in con.execute("select name from sqlite_master where type = 'table'")]
        found = {}
        for name in names:
            columns = [row[1:6] for row in con.execute(f"pragma table_info({name})")]
            columns = [(*row[:3], None if row[3] == "NULL" else row[3], row[4]) for row in columns]
            keys = set()
            for _, key, unique, *_ in con.execute(f"pragma index_list({name})"):
                on = tuple(row[2] for row in con.execute(f"pragma index_info({key})"))
                keys.add((unique, on, "" if key.startswith("sqlite_auto") else key))
            found[name] = (columns, keys)
    con.close()
    return found


def versions(path: str) -> list[tuple[str, int]]:
    with sqlite3.connect(path) as con:
        found = con.execute("select table_name, table_version from version order by table_name").fetchall()
    con.close()
    return found


@pytest.mark.skipif(shutil.which("kamdbctl") is None, reason="kamdbctl of Debian's package kamailio is not installed")
def test_tables_are_those_of_kamdbctl(sqlite: SqlConnection, tmp_path: Path) -> None:
    theirs = tmp_path / "kamailio.sqlite"
    settings = "DBENGINE=SQLITE\nINSTALL_EXTRA_TABLES=no\nINSTALL_PRESENCE_TABLES=no\nINSTALL_DBUID_TABLES=no\n"
    (tmp_path / ".kamctlrc").write_text(f"{settings}DB_PATH={theirs}\nDBNAME={theirs}\n")
    done = subprocess.run(
        ["kamdbctl", "create"],
        env={**os.environ, "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if not theirs.exists():
        pytest.skip(f"kamdbctl cannot make SQLite databases here: {done.stderr!r}")
    create(sqlite)
    assert shape(sqlite.url.database) == shape(str(theirs))
    assert versions(sqlite.url.database) == versions(str(theirs))


def test_twice_is_once(sqlite: SqlConnection) -> None:
    assert create(sqlite) == list(standard_tables())
    before = shape(sqlite.url.database)
    sqlite.use_table("location")
    sqlite.insert({"ruid": b"x"})
    assert create(sqlite) == []
    assert shape(sqlite.url.database) == before
    assert present(sqlite) == {name: table.version for name, table in standard_tables().items()}
    sqlite.use_table("location")
    assert len(sqlite.query()) == 1


def test_missing_tables_are_added(sqlite: SqlConnection) -> None:
    create(sqlite)
    for name in ("location", "acc"):
        sqlite.raw_query(f"drop table {name}")
        sqlite.use_table("version")
        sqlite.delete(["table_name"], None, [name])
    assert sorted(create(sqlite)) == ["acc", "location"]
    assert db_table_version(sqlite, "location") == 9


def test_table_of_another_version_stops_all(sqlite: SqlConnection) -> None:
    create(sqlite)
    sqlite.raw_query("drop table acc")
    sqlite.use_table("version")
    sqlite.update(["table_name"], None, [b"location"], ["table_version"], [8])
    with pytest.raises(SchemaError, match="table location is there with version 8, not 9"):
        create(sqlite)
    assert "acc" not in present(sqlite)


def test_table_of_somebody_else_with_that_name_stops_all(sqlite: SqlConnection) -> None:
    sqlite.raw_query("create table location (a int)")
    with pytest.raises(SchemaError, match="table location is there with version 0"):
        create(sqlite)
    assert sqlite.tables() == {"location"}


def test_drop_leaves_what_is_not_ours(sqlite: SqlConnection) -> None:
    sqlite.raw_query("create table mine (a int)")
    create(sqlite)
    assert len(drop(sqlite)) == len(standard_tables())
    assert sqlite.tables() == {"mine"}
    assert drop(sqlite) == []


def test_defaults_are_values_of_their_type(sqlite: SqlConnection) -> None:
    create(sqlite)
    sqlite.use_table("location")
    sqlite.insert({"username": b"alice"})
    row = dict(zip((result := sqlite.query()).names, result.rows[0], strict=True))
    assert row["callid"] == b"Default-Call-ID" and row["q"] == 1.0 and row["cseq"] == 1 and row["domain"] is None
    assert row["expires"].year == 2030
    with pytest.raises(DbError, match="UNIQUE"):
        sqlite.insert({"username": b"bob"})


def test_another_dialect_gets_its_own_ddl() -> None:
    class Mine(Dialect):
        quote = "`"
        serial = "INT AUTO_INCREMENT PRIMARY KEY"
        types = {**Dialect.types, "uint": "INT UNSIGNED", "datetime": "DATETIME"}

    version, *indexes = create_table(Mine(), standard_tables()["location_attrs"])
    assert "`id` INT AUTO_INCREMENT PRIMARY KEY," in version
    assert "`last_modified` DATETIME DEFAULT '2000-01-01 00:00:01' NOT NULL" in version
    assert "CREATE INDEX `location_attrs_last_modified_idx` ON `location_attrs` (`last_modified`)" in indexes


@pytest.mark.parametrize("line", ["a int", "table x", "table t 1\n a int = ", "table t 1\n k (a)"])
def test_bad_description_names_its_line(line: str) -> None:
    with pytest.raises(ValueError, match=r"^line \d"):
        parse_tables(line)
