"""Builds the kernel with fault injection."""

from pathlib import Path

import pytest

from kahea.tests.support.variant import build_variant


@pytest.fixture(scope="session")
def fault_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder to put on PYTHONPATH."""
    return build_variant(tmp_path_factory.mktemp("fault"), "-DKH_FAULT -O0 -g0")
