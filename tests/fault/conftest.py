"""Builds the kernel with fault injection into a folder of its own; the other folders of the package are links there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = "-DKH_FAULT -O0 -g0"


@pytest.fixture(scope="session")
def fault_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder to put on PYTHONPATH."""
    top = tmp_path_factory.mktemp("fault")
    package = top / "kahea"
    package.mkdir()
    skip = {"src", "build", "var", ".git", ".venv"}
    for entry in ROOT.iterdir():
        if entry.name not in skip:
            (package / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "src", package / "src", ignore=shutil.ignore_patterns("_native*", "__pycache__"))
    built = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=package,
        env={**os.environ, "KAHEA_CFLAGS": FLAGS},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return top
