"""What Debian's Kamailio reads in each message of the corpus, and what we read: equal, or different for a reason.

recorded.json holds what it read (record.py), reasons.json why we differ: a message, or `message: field`. Where kamailio
is installed, what was recorded is also held against the one that runs.
"""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from kahea.tests.parser.differential import ours
from kahea.tests.parser.differential.kamailio import FIELDS, KAMAILIO, running
from kahea.tests.parser.differential.record import CORPUS, RECORDED

THEIRS: dict[str, dict[str, str]] = json.loads(RECORDED.read_text())
REASONS: list[dict[str, Any]] = json.loads((RECORDED.parent / "reasons.json").read_text())
EXPLAINED = [key for reason in REASONS for key in reason["of"]]


def differences(title: str) -> Iterator[tuple[str, str | None, str | None]]:
    """(field, ours, theirs) where the readings differ; field "" when only one reads the message at all."""
    mine, theirs = ours.read(CORPUS[title]), THEIRS[title]
    if not mine or not theirs:
        if mine or theirs:
            yield "", str(bool(mine)), str(bool(theirs))
        return
    for field in FIELDS:
        if mine.get(field) != theirs.get(field):
            yield field, mine.get(field), theirs.get(field)


def test_the_recording_is_of_this_corpus() -> None:
    assert list(THEIRS) == list(CORPUS), "record.py makes it anew"


@pytest.mark.parametrize("title", CORPUS)
def test_kamailio_read_the_same_or_the_difference_has_a_reason(title: str) -> None:
    found = list(differences(title))
    if title not in EXPLAINED:
        assert [difference for difference in found if f"{title}: {difference[0]}" not in EXPLAINED] == []


def test_every_reason_is_still_needed() -> None:
    found = {key for title in CORPUS for field, *_ in differences(title) for key in (title, f"{title}: {field}")}
    assert set(EXPLAINED) - found == set()


@pytest.mark.skipif(KAMAILIO is None, reason="Debian's kamailio is not installed")
def test_kamailio_still_reads_what_was_recorded(isolated: None, tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as kamailio:
        changed = [title for title, data in CORPUS.items() if kamailio.read(data) != THEIRS[title]]
    assert changed == []
