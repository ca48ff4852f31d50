"""SQL is written from names and values in one place; values never become part of the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.db import DbError, DbType, DbVal, Dialect, sql

D = Dialect()


def test_select() -> None:
    found = sql.select(D, "location", ["a", "b", "c"], ["=", "<", "!="], [b"x", 5, 1.5], ["p", "q"], "q desc, p")
    text = 'SELECT "p", "q" FROM "location" WHERE "a" = %s AND "b" < %s AND "c" <> %s ORDER BY "q" DESC, "p"'
    assert found == (text, (b"x", 5, 1.5))


def test_without_keys_and_columns_everything_is_meant() -> None:
    assert sql.select(D, "t", [], None, [], [], "") == ('SELECT * FROM "t"', ())
    assert sql.delete(D, "t", [], None, []) == ('DELETE FROM "t"', ())


def test_operators_default_to_equal() -> None:
    assert sql.delete(D, "t", ["a", "b"], None, [1, 2]).text == 'DELETE FROM "t" WHERE "a" = %s AND "b" = %s'


def test_null_is_asked_for_by_is() -> None:
    found = sql.select(D, "t", ["a", "b", "c"], ["=", "<>", "="], [None, DbVal(DbType.STR, None), 1], [], "")
    assert found == ('SELECT * FROM "t" WHERE "a" IS NULL AND "b" IS NOT NULL AND "c" = %s', (1,))
    with pytest.raises(DbError, match="null cannot be compared by <"):
        sql.select(D, "t", ["a"], ["<"], [None], [], "")


def test_bits() -> None:
    assert sql.select(D, "t", ["a"], ["&"], [4], [], "").text == 'SELECT * FROM "t" WHERE ("a" & %s) <> 0'


def test_changes() -> None:
    assert sql.insert(D, "t", ["a", "b"], [1, None]) == ('INSERT INTO "t" ("a", "b") VALUES (%s, %s)', (1, None))
    found = sql.update(D, "t", ["k"], None, [b"x"], ["a", "b"], [1, 2])
    assert found == ('UPDATE "t" SET "a" = %s, "b" = %s WHERE "k" = %s', (1, 2, b"x"))
    assert sql.replace(D, "t", ["a"], [1]).text == 'REPLACE INTO "t" ("a") VALUES (%s)'
    text = 'INSERT INTO "t" ("a", "b") VALUES (%s, %s) ON CONFLICT DO UPDATE SET "a" = excluded."a", "b" = excluded."b"'
    assert sql.insert_update(D, "t", ["a", "b"], [1, 2]).text == text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((["a"], ["; drop"], [1], [], ""), "is not an operator"),
        ((["a"], None, [1, 2], [], ""), "1 keys, 1 operators, 2 values"),
        ((["a", "b"], ["="], [1, 2], [], ""), "2 keys, 1 operators, 2 values"),
        (([], None, [], [], "a; drop table t"), "is not an order"),
        (([], None, [], [], "a desc desc"), "is not an order"),
        (([], None, [], ['a"b'], ""), "cannot be a name"),
        (([""], None, [1], [], ""), "cannot be a name"),
    ],
)
def test_what_is_refused(arguments: tuple[list[str], list[str], list[int], list[str], str], reason: str) -> None:
    with pytest.raises(DbError, match=reason):
        sql.select(D, "t", *arguments)


def test_table_must_be_chosen() -> None:
    with pytest.raises(DbError, match="use_table"):
        sql.select(D, "", [], None, [], [], "")


@given(st.text(min_size=1))
def test_name_is_one_quoted_word_or_refused(name: str) -> None:
    try:
        quoted = D.name(name)
    except DbError:
        assert '"' in name or "\0" in name
    else:
        assert quoted[0] == quoted[-1] == '"' and '"' not in quoted[1:-1]
