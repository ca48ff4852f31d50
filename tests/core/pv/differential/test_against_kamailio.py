"""Variables, transformations and core functions give what Debian's kamailio gave: a recorded line a case.

`different.tsv` lists the cases where Kahea means to differ, with the reason.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.tests.cfg.differential.oracle import PREAMBLE
from kahea.tests.core.pv.messages import INVITE
from kahea.tests.support.bodies import modules_loaded, rows, run

HERE = Path(__file__).parent
RECORDED = rows(HERE / "recorded.tsv")
DIFFERENT = rows(HERE / "different.tsv")


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    """As the recording's."""
    with modules_loaded("pv", "xlog", "textops", "siputils", "kex", "corex"):
        yield


@pytest.mark.parametrize("body", [body for body in RECORDED if body not in DIFFERENT])
def test_same_as_kamailio(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(PREAMBLE + body, INVITE, monkeypatch) == RECORDED[body]


@pytest.mark.parametrize("body", DIFFERENT)
def test_differences_are_still_there(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(PREAMBLE + body, INVITE, monkeypatch) != RECORDED[body]
