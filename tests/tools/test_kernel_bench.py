"""The kernel's benchmark builds, and its output is understood."""

import os
import shutil
from pathlib import Path

import pytest

from kahea.tools.bench.kernel import run


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_program_builds_from_the_kernel_s_files(tmp_path: Path) -> None:
    assert os.access(run.build(tmp_path), os.X_OK)


def test_lines_become_a_table() -> None:
    found = run.figures("lock: kahea 17.4\nlock: pthread-shared 14.5\ntimer moved: kahea 14.0\n")
    assert found == {"lock": {"kahea": 17.4, "pthread-shared": 14.5}, "timer moved": {"kahea": 14.0}}
    assert "1.20x" in run.table(found)
