"""The native kernel built with other compiler flags, in a folder of its own: all but `src` are links there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN = {"src", "build", "var", ".git", ".venv"}


def build_variant(top: Path, cflags: str, ldflags: str = "") -> Path:
    """Build below `top`, which is to be put on PYTHONPATH and is returned."""
    package = top / "kahea"
    package.mkdir(parents=True)
    for entry in ROOT.iterdir():
        if entry.name not in OWN:
            (package / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "src", package / "src", ignore=shutil.ignore_patterns("_native*", "__pycache__"))
    built = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=package,
        env={**os.environ, "KAHEA_CFLAGS": cflags, "KAHEA_LDFLAGS": ldflags},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return top
