"""A module checks the version of its table in the table that version_table names."""

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.core.db import SqlConnection, TableVersionError, db_check_table_version, db_table_version, settings
from kahea.core.db.settings import DbSettings


@pytest.fixture
def con(sqlite: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> SqlConnection:
    monkeypatch.setattr(DbSettings, "version_table", "version")
    for table, version in (("version", 9), ("other versions", 7)):
        sqlite.raw_query(f"create table `{table}` (table_name varchar(32), table_version int)")
        sqlite.use_table(table)
        sqlite.insert({"table_name": b"location", "table_version": version})
    sqlite.use_table("mine")
    return sqlite


def test_right_version(con: SqlConnection) -> None:
    assert db_table_version(con, b"location") == 9
    db_check_table_version(con, b"location", 9)
    assert con.table == "mine"


def test_wrong_version_is_said_as_kamailio_says_it(con: SqlConnection) -> None:
    with pytest.raises(TableVersionError) as raised:
        db_check_table_version(con, b"location", 8)
    assert str(raised.value) == (
        'invalid version 9 for table location found, expected 8 (check table structure and table "version")'
    )


def test_table_without_a_row_has_version_0(con: SqlConnection) -> None:
    assert db_table_version(con, b"nobody") == 0
    with pytest.raises(TableVersionError, match="invalid version 0 for table nobody found"):
        db_check_table_version(con, b"nobody", 1)


def test_core_parameter_names_another_table(con: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    params = CoreParams()
    params.set("version_table", b"other versions")
    settings.apply(params)
    assert db_table_version(con, b"location") == 7
    with pytest.raises(TableVersionError, match=r"invalid version 7 .*expected 9.*table \"other versions\""):
        db_check_table_version(con, b"location", 9)


def test_table_of_versions_is_missing(con: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DbSettings, "version_table", "nix")
    with pytest.raises(TableVersionError, match='querying "nix" for table location: no such table: nix'):
        db_check_table_version(con, b"location", 9)


def test_two_rows_for_a_table(con: SqlConnection) -> None:
    con.use_table("version")
    con.insert({"table_name": b"location", "table_version": 9})
    with pytest.raises(TableVersionError, match="2 rows"):
        db_check_table_version(con, b"location", 9)
