"""The parser's benchmark builds from the parser's files, and its messages are clean."""

import os
import shutil
from pathlib import Path

import pytest

from kahea.parser.msg import SipMsg
from kahea.tools.bench.parser import main
from kahea.tools.bench.parser.messages import MESSAGES


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_program_builds_with_another_way_of_finding_lines(tmp_path: Path) -> None:
    assert os.access(main.build(tmp_path, "plain", main.VARIANTS["plain"]), os.X_OK)


@pytest.mark.parametrize("title", MESSAGES)
def test_messages_are_clean(title: str) -> None:
    assert SipMsg.from_bytes(MESSAGES[title]).bad == 0


def test_invite_and_ims_invite_have_the_sizes_they_are_known_by() -> None:
    assert 580 <= len(MESSAGES["INVITE"]) <= 620
    assert 1900 <= len(MESSAGES["IMS INVITE"]) <= 2100
