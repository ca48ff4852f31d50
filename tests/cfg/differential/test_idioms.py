"""Idioms of routing scripts do what they did in Debian's kamailio when idioms.py asked it."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import ScriptTest
from kahea.tests.cfg.differential import idioms
from kahea.tests.cfg.differential.oracle import KAMAILIO
from kahea.tests.cfg.reference.cases import Case

CASES = idioms.read()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_idiom_does_what_it_does_in_kamailio(case: Case, kahea_script: Callable[..., ScriptTest]) -> None:
    script = kahea_script(idioms.PREAMBLE + idioms.configuration(case))
    assert idioms.answers(case, script) == list(case.lines)


@pytest.mark.skipif(KAMAILIO is None, reason="no kamailio to compare with (apt-get install kamailio)")
def test_the_recorded_answers_are_those_of_the_installed_kamailio() -> None:
    some = CASES[::6]
    answers = idioms.ask([case.key for case in some])
    assert answers == {case.key: list(case.lines) for case in some}
