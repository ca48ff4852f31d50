"""The verbs of the DB API on SQLite."""

import math
import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kahea.core.db import DbError, DbType, DbVal, SqlConnection, Value

FAST = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
SCHEMA = """create table t (id integer primary key not null, name varchar(64) default '' not null unique, n int,
    f real, at timestamp without time zone default '2030-05-28 21:32:15', data blob)"""


@pytest.fixture
def con(sqlite: SqlConnection) -> SqlConnection:
    sqlite.raw_query(SCHEMA)
    sqlite.use_table(b"t")
    return sqlite


def names(con: SqlConnection, keys: list[str], ops: list[str], vals: list[Value]) -> list[bytes]:
    return [row[0] for row in con.query(keys, ops, vals, ["name"], "id")]


def fill(con: SqlConnection, count: int) -> None:
    with con.transaction():
        for n in range(count):
            con.insert(["name", "n"], [b"u%d" % n, n])


def test_what_is_inserted_is_read(con: SqlConnection) -> None:
    at = datetime(2026, 11, 28, 12, 30, 1, tzinfo=UTC)
    con.insert({"name": b"alice", "n": 7, "f": 0.5, "at": at, "data": DbVal(DbType.BLOB, b"\0\xff")})
    result = con.query()
    assert result.names == ("id", "name", "n", "f", "at", "data")
    assert result.rows == [(1, b"alice", 7, 0.5, at, b"\0\xff")]
    assert result.types == (DbType.INT, DbType.STR, DbType.INT, DbType.DOUBLE, DbType.DATETIME, DbType.STR)
    assert con.last_inserted_id() == 1


def test_comparisons(con: SqlConnection) -> None:
    fill(con, 6)
    con.insert({"name": b"null"})
    assert names(con, ["n"], ["<"], [2]) == [b"u0", b"u1"]
    assert names(con, ["n", "n"], [">=", "<="], [2, 3]) == [b"u2", b"u3"]
    assert names(con, ["n", "name"], ["!=", ">"], [4, b"u3"]) == [b"u5"]
    assert names(con, ["n"], ["&"], [4]) == [b"u4", b"u5"]
    assert names(con, ["n"], ["="], [None]) == [b"null"]
    assert names(con, ["name"], ["="], [b"' or 1=1 --"]) == []
    ordered = con.query(columns=["n"], order="n desc").rows
    assert [row[0] for row in ordered] == [5, 4, 3, 2, 1, 0, None]


def test_update_and_delete_say_how_many_rows(con: SqlConnection) -> None:
    fill(con, 5)
    con.update(["n"], [">"], [2], ["f"], [1.5])
    assert con.affected_rows() == 2
    assert [row[0] for row in con.query(["f"], None, [1.5], ["n"])] == [3, 4]
    con.delete(["n"], ["<"], [2])
    assert con.affected_rows() == 2
    con.delete(["n"], None, [77])
    assert con.affected_rows() == 0
    con.delete()
    assert con.affected_rows() == 3 and not con.query().rows


def test_same_key(con: SqlConnection) -> None:
    con.insert({"name": b"a", "n": 1, "f": 2.0})
    with pytest.raises(DbError, match="UNIQUE"):
        con.insert({"name": b"a"})
    con.insert_update({"name": b"a", "n": 2})
    assert con.query(columns=["id", "n", "f"]).rows == [(1, 2, 2.0)]
    con.replace(["name", "n"], [b"a", 3])
    assert con.query(columns=["n", "f"]).rows == [(3, None)]
    con.replace(["name", "n"], [b"a", 4], un=1, mode=1)
    con.replace(["name", "n"], [b"b", 5], un=1, mode=1)
    assert con.query(columns=["name", "n"], order="name").rows == [(b"a", 4), (b"b", 5)]


def test_rows_in_pieces(con: SqlConnection) -> None:
    fill(con, 25)
    result = con.query(columns=["n"], order="n", fetch=True)
    assert not result.rows
    sizes, seen = [], []
    while con.fetch_result(result, 10):
        sizes.append(len(result))
        seen += [row[0] for row in result]
    assert sizes == [10, 10, 5] and seen == list(range(25))
    assert not con.fetch_result(result, 10)
    result = con.query(columns=["n"], fetch=True)
    assert con.fetch_result(result, 10) and not con.fetch_result(result, 0)
    con.free_result(result)
    assert not result.rows


def test_writing_while_rows_are_fetched(con: SqlConnection) -> None:
    fill(con, 10)
    result = con.query(columns=["n"], fetch=True)
    con.fetch_result(result, 2)
    con.delete(["n"], None, [9])
    con.free_result(result)
    assert len(con.query()) == 9


def test_unknown_column_is_an_error_not_a_text(con: SqlConnection) -> None:
    con.insert({"name": b"a"})
    with pytest.raises(DbError, match="no such column: nix"):
        con.query(columns=["nix"])


def test_transaction(con: SqlConnection) -> None:
    with pytest.raises(DbError), con.transaction():
        con.insert({"name": b"a"})
        con.insert({"name": b"a"})
    assert not con.query().rows
    with pytest.raises(DbError, match="open already"), con.transaction():
        con.start_transaction()
    assert not con.in_transaction


@FAST
@given(st.binary(max_size=60).filter(lambda value: b"\0" not in value))
def test_any_text_comes_back_and_is_found(con: SqlConnection, value: bytes) -> None:
    con.delete()
    con.insert(["name"], [value])
    assert con.query(["name"], None, [value], ["name"]).rows == [(value,)]
    assert con.raw_query("select typeof(name) from t").rows == [(b"text",)]


@FAST
@given(st.integers(0, 4102444800))
def test_any_second_comes_back(con: SqlConnection, second: int) -> None:
    at = datetime.fromtimestamp(second, UTC)
    con.delete()
    con.insert({"name": b"x", "at": at})
    assert con.query(["at"], None, [at], ["at"]).rows == [(at,)]


@FAST
@given(st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)))
def test_any_number_comes_back(con: SqlConnection, value: float) -> None:
    con.delete()
    con.insert({"name": b"x", "n": value})
    ((found,),) = con.query(columns=["n"]).rows
    assert found == value or math.isclose(found, value)


def test_number_that_does_not_fit_is_an_error(con: SqlConnection) -> None:
    with pytest.raises(DbError):
        con.insert({"n": 2**63})


def test_times_are_julian_days_in_utc_and_texts_are_read_too(con: SqlConnection) -> None:
    tokyo = timezone(timedelta(hours=9))
    con.insert({"name": b"a", "at": datetime(2026, 11, 28, 21, 0, tzinfo=tokyo)})
    con.insert({"name": b"b"})
    con.raw_query("insert into t (name, at) values ('c', 'when the cows come home')")
    assert con.raw_query("select typeof(at + 0.1), datetime(at) from t where name = 'a'").rows == [
        (b"real", b"2026-11-28 12:00:00")
    ]
    found = [row[0] for row in con.query(columns=["at"], order="name")]
    assert found == [
        datetime(2026, 11, 28, 12, tzinfo=UTC), datetime(2030, 5, 28, 21, 32, 15, tzinfo=UTC),
        b"when the cows come home",
    ]  # fmt: skip


def test_library_agrees_with_what_was_written(con: SqlConnection) -> None:
    con.insert({"name": "ärger".encode(), "n": 3})
    with sqlite3.connect(con.url.database) as other:
        assert other.execute("select name, n from t").fetchall() == [("ärger", 3)]
    other.close()
