"""Builds the kernel with fault injection, once for all processes of a test run."""

import fcntl
import os
from pathlib import Path

import pytest

from kahea.tests.support.variant import build_variant

FLAGS = "-DKH_FAULT -O0 -g0"


@pytest.fixture(scope="session")
def fault_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder to put on PYTHONPATH."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return build_variant(tmp_path_factory.mktemp("fault"), FLAGS)
    top = tmp_path_factory.getbasetemp().parent / f"fault-{run}"
    with open(f"{top}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (top / "built").exists():
            top.mkdir()
            build_variant(top, FLAGS)
            (top / "built").touch()
    return top
