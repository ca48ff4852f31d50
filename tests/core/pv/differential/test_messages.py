"""Variables that read a message, over the parser's corpus (tests/parser/differential): as Kamailio has them, or
different for a reason: the parser's, or one of messages_different.tsv."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kahea.core.pv import PvSpec, parse_spec
from kahea.parser.msg import SipMsg
from kahea.tests.parser.differential.kamailio import VARIABLES, plain
from kahea.tests.parser.differential.record import CORPUS
from kahea.tests.parser.differential.test_against_kamailio import EXPLAINED, THEIRS
from kahea.tests.support.bodies import rows

DIFFERENT = rows(Path(__file__).parent / "messages_different.tsv")
SPECS: dict[str, PvSpec] = {field: parse_spec(b"$(%b)" % name.encode()) for field, name in VARIABLES.items()}
READ_BY_BOTH = [title for title in CORPUS if title not in EXPLAINED and THEIRS[title]]


def _text(field: str, value: Any) -> str:
    return "" if value is None else plain(field, value if isinstance(value, bytes) else b"%d" % value)


def differences(title: str) -> Iterator[tuple[str, str, str]]:
    """("message: field", ours, theirs)"""
    msg = SipMsg.from_bytes(CORPUS[title])
    for field, spec in SPECS.items():
        ours, theirs = _text(field, spec.get(msg)), THEIRS[title].get(field, "")
        if ours != theirs and f"{title}: {field}" not in EXPLAINED:
            yield f"{title}: {field}", ours, theirs


@pytest.mark.parametrize("title", READ_BY_BOTH)
def test_variables_are_what_kamailio_had(title: str) -> None:
    assert [found for found in differences(title) if found[0] not in DIFFERENT] == []


def test_differences_are_still_there() -> None:
    assert set(DIFFERENT) - {key for title in READ_BY_BOTH for key, *_ in differences(title)} == set()
