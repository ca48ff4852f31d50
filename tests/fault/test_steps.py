"""Every structure of shared memory survives a kill at every step of every operation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .scenarios import ALL


@pytest.mark.parametrize("name", ALL)
def test_killed_at_every_step(name: str, fault_build: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "kahea.tests.fault.steps", name],
        env={**os.environ, "PYTHONPATH": str(fault_build)},
        cwd=fault_build,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "steps survived" in ran.stdout
    print(ran.stdout)
