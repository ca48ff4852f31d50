"""The benchmark of a full memory fills it as far as it says, and calls succeed beside."""

import shutil
import sys

import pytest
from rich.progress import Progress

from kahea.tools.bench import fill


@pytest.mark.skipif(shutil.which("sipp") is None, reason="no sipp")
def test_memory_is_filled_and_calls_are_made(isolated: None) -> None:
    command = f"{sys.executable} -m kahea.core.main -DD -E -m 16 -f {{cfg}}"
    with Progress(disable=True) as bar:
        servers = fill.measure({"kahea": command}, 200, bar, calls=100, windows=2, shares=(0.1, 0.8))
    for server, share in zip(servers, (0.1, 0.8), strict=True):
        assert server.failed == 0 and len(server.cpu_us) == 2
        assert share <= server.used[0] < share + 0.2
