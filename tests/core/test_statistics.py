"""Counters of several processes are summed; computed ones are asked; names are found in Kamailio's spellings."""

import os
from collections.abc import Callable, Iterator

import pytest

from kahea.core import statistics
from kahea.src.native import ffi, lib


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(statistics, "_stats", {})
    yield


def in_child(function: Callable[[], None]) -> None:
    """Run in a process with shared memory of its own."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            lib.kh_shm_done()
            assert lib.kh_shm_init(-1, 8 << 20, lib.KH_SHM_FRESH) >= 0
            function()
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_counts_of_a_child_are_in_the_sum() -> None:
    def check() -> None:
        stat = statistics.register_stat("unit", "seen")
        stat.inc()
        slot = lib.kh_proc_alloc(1, b"child")
        pid = os.fork()
        if pid == 0:
            lib.kh_proc_attach(slot)
            stat.inc(4)
            os._exit(0)
        os.waitpid(pid, 0)
        assert stat.value == 5
        assert stat.reset() and stat.value == 0
        stat.inc(2)
        assert stat.value == 2

    in_child(check)


def test_kernel_counters_have_kamailios_names() -> None:
    def check() -> None:
        statistics.adopt_kernel_stats()
        assert [stat.name for stat in statistics.stats_of("core")][:2] == ["bad_URIs_rcvd", "bad_msg_hdr"]
        lib.kh_counter_add(lib.KH_CNT_RCV_REQUESTS, 3)
        found = statistics.get_stat("core:rcv_requests")
        assert found is not None and found.value == 3
        assert ffi.string(lib.kh_counter_group(found.ident)) == b"core"

    in_child(check)


def test_computed_statistic_is_asked_and_never_reset() -> None:
    stat = statistics.register_stat("unit", "size", lambda: 42)
    assert (stat.value, stat.reset()) == (42, False)
    stat.inc()
    assert stat.value == 42


def test_selection_by_all_group_and_name() -> None:
    for group, name in (("b", "x"), ("a", "y"), ("a", "x")):
        statistics.register_stat(group, name, lambda: 1)

    def names(what: str) -> list[str] | None:
        found = statistics.select(what)
        return None if found is None else [f"{stat.group}:{stat.name}" for stat in found]

    assert names("all") == ["a:x", "a:y", "b:x"]
    assert names("a:") == ["a:x", "a:y"]
    assert names("b:x") == names("b.x") == ["b:x"]
    assert names("y") == ["a:y"]
    assert names("nosuch") is None and names("c:") is None
