"""textops, textopsx and siputils return what Debian's kamailio returned, and make of the message what it made."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.tests.core.pv.messages import INVITE
from kahea.tests.support.bodies import modules_loaded, rows, run

HERE = Path(__file__).parent
RECORDED = rows(HERE / "recorded.tsv")
DIFFERENT = rows(HERE / "different.tsv")


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    """As the recording's."""
    with modules_loaded("pv", "xlog", "textops", "textopsx", "siputils", "kex", "corex"):
        yield


def shown(text: str) -> str:
    """A message in hexadecimal digits made readable."""
    digits = text.strip("[]")
    return bytes.fromhex(digits).decode("latin-1") if len(digits) > 100 else text


@pytest.mark.parametrize("body", [body for body in RECORDED if body not in DIFFERENT])
def test_same_as_kamailio(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(run(body, INVITE, monkeypatch)) == shown(RECORDED[body])


@pytest.mark.parametrize("body", DIFFERENT)
def test_differences_are_still_there(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(body, INVITE, monkeypatch) != RECORDED[body]
