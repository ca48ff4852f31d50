"""Counters that the script declares: changed by functions, read over RPC and by $stat."""

from collections.abc import Iterator

import pytest

from kahea.core import statistics
from kahea.core.pv import parse_spec
from kahea.modules.counters import functions, rpc
from kahea.modules.counters.settings import Settings, settings
from kahea.tests.support import shared

shared.attach()


@pytest.fixture
def counters() -> Iterator[None]:
    settings.add_counter(b"calls all calls")
    settings.add_counter(b"acc.tickets: written")
    settings.start()
    yield
    for name in (b"calls", b"acc.tickets"):
        functions.cnt_reset(None, name)
    settings.__dict__.update(Settings().__dict__)


def test_counting(counters: None) -> None:
    assert functions.cnt_inc(None, b"calls") == 1
    assert functions.incrementer(b"calls")(None) == 1
    assert functions.cnt_add(None, b"acc.tickets", 5) == 1
    assert rpc.get("script", "calls") == 2
    assert rpc.get_group("acc") == {"tickets": 5}
    assert parse_spec(b"$stat(tickets)").get(None) == 5
    rpc.reset("script", "calls")
    assert rpc.get("script", "calls") == 0
    assert functions.cnt_reset(None, b"acc.tickets") == 1
    assert rpc.get("acc", "tickets") == 0


def test_unknown_counters(counters: None) -> None:
    assert functions.cnt_inc(None, b"nope") == -1
    assert functions.cnt_reset(None, b"nope") == -1
    with pytest.raises(ValueError, match="script_counter"):
        functions.incrementer(b"nope")
    with pytest.raises(Exception, match="no counter"):
        rpc.get("script", "nope")
    with pytest.raises(Exception, match="no group"):
        rpc.list_names("nope")


def test_descriptions(counters: None) -> None:
    assert rpc.describe("script", "calls") == "all calls"
    assert rpc.describe("acc", "tickets") == "written"
    assert {"script", "acc"} <= set(rpc.list_groups())


def test_a_counter_needs_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        settings.add_counter(b"  ")
    assert statistics.get_stat("script:") is None
