"""Counters: per process, summed on read."""

import pytest

from kahea.src.native import ffi, lib
from kahea.tests.support.segment import Child, forever, until


def test_fixed_counters_have_their_names() -> None:
    assert lib.kh_counter_count() == lib.KH_CNT_FIXED
    for ident in range(lib.KH_CNT_FIXED):
        group, name = lib.kh_counter_group(ident), lib.kh_counter_name(ident)
        assert lib.kh_counter_find(group, name) == ident
    assert ffi.string(lib.kh_counter_name(lib.KH_CNT_RCV_REQUESTS)) == b"rcv_requests"


def test_same_name_is_the_same_counter() -> None:
    ident = lib.kh_counter_register(b"g", b"n")
    assert ident == lib.KH_CNT_FIXED
    assert lib.kh_counter_register(b"g", b"n") == ident
    assert lib.kh_counter_register(b"h", b"n") == ident + 1


@pytest.mark.parametrize(("group", "name"), [(b"", b"n"), (b"g", b""), (b"g" * 24, b"n"), (b"g", b"n" * 40)])
def test_bad_names_are_refused(group: bytes, name: bytes) -> None:
    assert lib.kh_counter_register(group, name) == lib.KH_EINVAL


def test_table_has_a_limit() -> None:
    for i in range(lib.KH_COUNTER_MAX - lib.KH_CNT_FIXED):
        assert lib.kh_counter_register(b"g", b"n%d" % i) >= 0
    assert lib.kh_counter_register(b"g", b"one more") == lib.KH_ETOOBIG


def test_unknown_id_is_nothing() -> None:
    lib.kh_counter_add(-1, 5)
    lib.kh_counter_add(5000, 5)
    assert lib.kh_counter_sum(5000) == 0
    assert lib.kh_counter_reset(-1) == lib.KH_EINVAL
    assert lib.kh_counter_name(5000) == ffi.NULL


def test_sum_is_over_all_processes_the_dead_included() -> None:
    ident = lib.kh_counter_register(b"g", b"n")

    def add() -> None:
        for _ in range(1000):
            lib.kh_counter_add(ident, 2)

    assert [child.finish() for child in [Child(add) for _ in range(3)]] == [0] * 3
    lib.kh_counter_add(ident, -5)
    assert lib.kh_counter_sum(ident) == 5995
    assert lib.kh_counter_reset(ident) == lib.KH_OK
    assert lib.kh_counter_sum(ident) == 0


def test_replacement_goes_on_counting_where_the_dead_one_stopped() -> None:
    ident = lib.kh_counter_register(b"g", b"n")
    child = Child(lambda: (lib.kh_counter_add(ident, 7), forever()))
    until(lambda: lib.kh_counter_sum(ident) == 7)
    child.kill()
    child.wait()
    lib.kh_proc_reap(child.slot)
    assert Child(lambda: lib.kh_counter_add(ident, 1), slot=child.slot).finish() == 0
    assert lib.kh_counter_sum(ident) == 8
