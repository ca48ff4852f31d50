"""A location table in shared memory of the test process."""

from collections.abc import Iterator

import pytest

from kahea.modules.usrloc import callbacks, domain
from kahea.modules.usrloc.settings import settings
from kahea.src.native import lib
from kahea.tests.support import shared

shared.attach()


@pytest.fixture
def location(monkeypatch: pytest.MonkeyPatch) -> Iterator[domain.Domain]:
    monkeypatch.setattr(domain, "_domains", {})
    monkeypatch.setattr(domain.Phase, "open", True)
    monkeypatch.setattr(domain.Phase, "frozen", False)
    monkeypatch.setattr(callbacks.callbacks, "listeners", [])
    settings.apply()
    made = domain.find_domain(b"location")
    made.table.clear()
    yield made
    lib.kh_ul_stop_clock(0)
    assert made.table.check() == 0
    made.table.clear()
