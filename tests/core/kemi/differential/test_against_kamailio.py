"""Every function of the KSR object gives what Kamailio's gave to the same script: recorded.tsv, a line an expression.

`different.tsv` lists what Kahea means to give instead, with the reason.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.core.scripttest import ScriptTest
from kahea.tests.core.kemi.differential.script import HERE, configuration, expressions, script
from kahea.tests.core.pv.messages import INVITE


def table(name: str) -> list[list[str]]:
    """Rows of a file."""
    lines = (HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


RECORDED = [(row[0], row[1]) for row in table("recorded.tsv")]
DIFFERENT = {row[0]: row[1] for row in table("different.tsv")}
NUMBERS = range(len(RECORDED))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What the script got here, in order."""
    folder: Path = tmp_path_factory.mktemp("kemi")
    python, out = folder / "r.py", folder / "out"
    python.write_text(script(str(out)))
    with ScriptTest(configuration(str(python), leave_out=("kemix",)), folder=folder) as server:
        server.push(INVITE, ("127.0.0.1", 5099))
    *found, end = out.read_text().splitlines()
    assert end == "end"
    yield found


def test_the_recording_is_of_these_expressions() -> None:
    assert [row[0] for row in RECORDED] == expressions()


@pytest.mark.parametrize("number", NUMBERS, ids=[f"{n}-{row[0]}" for n, row in enumerate(RECORDED)])
def test_same_as_kamailio(number: int, answers: list[str]) -> None:
    expression, recorded = RECORDED[number]
    assert answers[number] == DIFFERENT.get(expression, recorded)
