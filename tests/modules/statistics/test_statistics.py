"""Statistics of the script."""

import pytest

from kahea.core.statistics import get_stat
from kahea.modules.statistics import statistics
from kahea.tests.support import shared

shared.attach()


def test_declared_statistics_count() -> None:
    statistics.declare(b"one")
    statistics.declare(b"kept/no_reset")
    statistics.start()
    assert statistics.update_stat(None, b"one", 3) == 1
    assert statistics.update_stat(None, b"one", -1) == 1
    assert statistics.update_stat(None, b"kept", 1) == 1
    one, kept = get_stat("script:one"), get_stat("script:kept")
    assert one is not None and kept is not None
    assert one.value == 2
    assert statistics.reset_stat(None, b"one") == 1
    assert statistics.reset_stat(None, b"kept") == -1
    assert (one.value, kept.value) == (0, 1)
    assert statistics.update_stat(None, b"nope", 1) == -1


@pytest.mark.parametrize("text", [b"", b"a/other"])
def test_bad_declarations(text: bytes) -> None:
    with pytest.raises(ValueError):
        statistics.declare(text)
