"""Expressions and statements give what Debian's kamailio gave when record.py asked it."""

import pytest

from kahea.cfg.errors import ConfigError
from kahea.tests.cfg.differential import kahea_side, oracle, record

#: expressions where Kahea answers otherwise on purpose: (expression, why)
DIFFERENT = dict(line.split("\t") for line in (record.FOLDER / "different.tsv").read_text("latin-1").splitlines())
EXPRESSIONS = [row for row in record.read_expressions() if row[1] != "refused" and row[0] not in DIFFERENT]
STATEMENTS = [case for case in record.read_statements() if case[2] != ["refused"] and case[0] not in DIFFERENT]


@pytest.mark.parametrize(("expression", "answer"), EXPRESSIONS, ids=[e for e, _ in EXPRESSIONS])
def test_an_expression_has_the_value_that_kamailio_gives_it(expression: str, answer: str) -> None:
    assert " / ".join(kahea_side.run(record.expression_body(expression))) == answer


@pytest.mark.parametrize(("title", "body", "answer"), STATEMENTS, ids=[t for t, _, _ in STATEMENTS])
def test_a_body_logs_what_it_logs_in_kamailio(title: str, body: str, answer: list[str]) -> None:
    assert kahea_side.run(body) == answer


def test_what_kamailio_refuses_never_ends_in_a_traceback() -> None:
    bodies = [record.expression_body(e) for e, answer in record.read_expressions() if answer == "refused"]
    for body in bodies + [body for _, body, answer in record.read_statements() if answer == ["refused"]]:
        try:
            kahea_side.run(body)
        except ConfigError as error:
            assert str(error).startswith("case.cfg:")


@pytest.mark.skipif(oracle.KAMAILIO is None, reason="no kamailio to compare with (apt-get install kamailio)")
def test_the_recorded_answers_are_those_of_the_installed_kamailio() -> None:
    rows = EXPRESSIONS[::3]
    plain = [case for case in STATEMENTS if "\n---\n" not in case[1]]  # the others define routes: one start each
    answers = record.answers([record.expression_body(e) for e, _ in rows] + [body for _, body, _ in plain])
    assert [" / ".join(a) for a in answers[: len(rows)]] == [answer for _, answer in rows]
    assert answers[len(rows) :] == [answer for _, _, answer in plain]


def test_there_are_enough_of_them() -> None:
    assert len(EXPRESSIONS) >= 300 and len(STATEMENTS) >= 100
