"""`kaheactl db`: kamdbctl's commands for a database without a server."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kahea.tools.kaheactl.kamctlrc import SettingsError, database_url, read


def ctl(folder: Path, *args: str, answer: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kahea.tools.kaheactl.main", *args]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DB")}
    return subprocess.run(
        command, env={**clean, "HOME": str(folder), **env}, cwd=folder, input=answer, capture_output=True, text=True,
        timeout=30, check=False,
    )  # fmt: skip


def tables(path: Path) -> set[str]:
    with sqlite3.connect(path) as con:
        found = {row[0] for row in con.execute("select name from sqlite_master where type = 'table'")}
    con.close()
    return found


def test_life_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite"
    env = {"DBENGINE": "SQLITE", "DB_PATH": str(path)}
    assert "29 tables created, 0 were there" in ctl(tmp_path, "db", "create", **env).stdout
    assert "0 tables created, 29 were there" in ctl(tmp_path, "db", "create", **env).stdout
    shown = json.loads(ctl(tmp_path, "--json", "db", "show", **env).stdout)
    assert {"table": "location", "version": 9, "expected": 9} in shown
    with sqlite3.connect(path) as con:
        con.execute("insert into location (ruid, contact) values ('r', cast(x'ff0a' as text))")
    con.close()

    assert ctl(tmp_path, "db", "backup", "saved.sql", **env).returncode == 0
    assert "copy" not in ctl(tmp_path, "db", "copy", "other.sqlite", **env).stderr
    refused = ctl(tmp_path, "db", "restore", "saved.sql", **env)
    assert refused.returncode == 1 and "has tables already" in refused.stderr
    third = {**env, "DB_PATH": str(tmp_path / "third.sqlite")}
    assert ctl(tmp_path, "db", "restore", "saved.sql", **third).returncode == 0
    for copy in ("other.sqlite", "third.sqlite"):
        with sqlite3.connect(tmp_path / copy) as con:
            assert con.execute("select hex(contact) from location").fetchall() == [("FF0A",)]
        con.close()
    assert ctl(tmp_path, "db", "copy", "other.sqlite", **env).returncode == 1

    assert "Aborted" in ctl(tmp_path, "db", "drop", answer="n\n", **env).stderr and "location" in tables(path)
    assert "29 tables created anew" in ctl(tmp_path, "db", "reinit", "-y", **env).stdout
    assert "29 tables dropped" in ctl(tmp_path, "db", "drop", answer="y\n", **env).stdout
    assert tables(path) == set()


def test_restore_is_all_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.sql").write_text("create table a (x int);\ncreate tabel b (x int);\n")
    result = ctl(tmp_path, "db", "--url", f"sqlite:///{tmp_path}/x.sqlite", "restore", "bad.sql")
    assert result.returncode == 1 and "syntax error" in result.stderr
    assert tables(tmp_path / "x.sqlite") == set()


def test_kamctlrc_says_which_database(tmp_path: Path) -> None:
    (tmp_path / ".kamctlrc").write_text(f'# comment\nDBENGINE=SQLITE\nDB_PATH="{tmp_path}/from rc.sqlite"\n')
    assert ctl(tmp_path, "db", "create").returncode == 0
    assert "location" in tables(tmp_path / "from rc.sqlite")


def test_dbonly_makes_a_database_without_tables(tmp_path: Path) -> None:
    assert ctl(tmp_path, "db", "dbonly", "x.sqlite").returncode == 0
    assert tables(tmp_path / "x.sqlite") == set()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["db", "show", "nix.sqlite"], "there is no database"),
        (["db", "--url", "mysql://a:secret@c/d", "create"], "no driver for mysql: only sqlite"),
        (["db", "--url", "nonsense", "create"], "is not the URL of a database"),
        (["db", "create", "no/such/folder/x.sqlite"], "unable to open database file"),
    ],
)
def test_errors_are_one_line(tmp_path: Path, args: list[str], said: str) -> None:
    result = ctl(tmp_path, *args)
    assert result.returncode == 1 and said in result.stderr
    assert result.stderr.count("\n") == 1 and "secret" not in result.stderr


def test_settings_as_the_shell_reads_them() -> None:
    text = """
    DBENGINE=MYSQL   # the engine
    # DBHOST=elsewhere
    DBNAME="kamailio"
    DBRWPW='a b'
    ALIASES_TYPE="DB"
    broken="
    """
    assert read(text) == {"DBENGINE": "MYSQL", "DBNAME": "kamailio", "DBRWPW": "a b"}


def test_url_of_settings() -> None:
    assert database_url({"DBENGINE": "sqlite", "DB_PATH": "/x/y"}) == "sqlite:////x/y"
    assert database_url({"DBENGINE": "MYSQL"}) == "mysql://kamailio:kamailiorw@localhost/kamailio"
    settings = {"DBENGINE": "PGSQL", "DBHOST": "h", "DBPORT": "1", "DBRWUSER": "u", "DBRWPW": "p", "DBNAME": "d"}
    assert database_url(settings) == "postgres://u:p@h:1/d"
    for bad in ({}, {"DBENGINE": "SQLITE"}, {"DBENGINE": "PUNCHCARDS"}):
        with pytest.raises(SettingsError):
            database_url(bad)
