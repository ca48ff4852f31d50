"""Every variable in every kind of route block gives what Debian's kamailio gave there, one call through all of them.

`different.tsv` lists where Kahea means to differ: variable, routes, what it gives, why.
"""

from collections.abc import Iterator

import pytest

from kahea.core.scripttest import ScriptTest
from kahea.tests.core.pv.routes.script import HERE, ROUTES, VARIABLES, call, configuration, entries


def table(name: str) -> list[list[str]]:
    """Rows of a file."""
    lines = (HERE / name).read_text("latin-1").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


RECORDED = {
    (row[0], route): value for row in table("recorded.tsv") for route, value in zip(ROUTES, row[1:], strict=True)
}
DIFFERENT = {(row[0], route): row[2] for row in table("different.tsv") for route in row[1].split()}


@pytest.fixture(scope="module")
def logged() -> Iterator[dict[tuple[str, str], str]]:
    """What Kahea logged."""
    with ScriptTest(configuration()) as script:
        call(script.push)
        yield entries(script.log)


@pytest.mark.parametrize("name", VARIABLES)
def test_same_as_kamailio(name: str, logged: dict[tuple[str, str], str]) -> None:
    wanted = {route: DIFFERENT.get((name, route), RECORDED[name, route]) for route in ROUTES}
    assert {route: logged.get((name, route), "(nothing)") for route in ROUTES} == wanted


def test_the_list_of_differences_names_only_what_differs() -> None:
    assert [key for key, value in DIFFERENT.items() if RECORDED[key] == value] == []
