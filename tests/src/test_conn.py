"""The table of connections: slots, numbers, the index by address, times."""

import os
import select
from collections.abc import Callable
from typing import Any

import pytest

from kahea.core.net.addr import TCP, TLS
from kahea.src.native import ffi, lib
from kahea.tests.src.connections import KEEPER, RECEIVERS, find, new, options, table
from kahea.tests.support.segment import run_isolated


def isolated_table(function: Callable[[], None], **more: Any) -> None:
    def run() -> None:
        table(**more)
        function()
        assert lib.kh_conn_check() == 0

    run_isolated(run)


def test_connection_is_found_by_number_and_by_address() -> None:
    def check() -> None:
        number = new(40000)
        assert number > 0 and lib.kh_conn_get(number).id == number
        assert find(40000) == number
        assert [find(40001), find(40000, TLS), find(40000, ip=b"192.0.2.2")] == [0, 0, 0]
        assert lib.kh_conn_free(number) == lib.KH_OK
        assert lib.kh_conn_get(number) == ffi.NULL and find(40000) == 0
        assert lib.kh_conn_free(number) == lib.KH_ENOTFOUND

    isolated_table(check)


def test_numbers_are_not_used_again_soon_and_never_zero() -> None:
    def check() -> None:
        seen = []
        for _ in range(100):
            seen.append(new())
            lib.kh_conn_free(seen[-1])
        assert len(set(seen)) == 100 and 0 not in seen and all(0 < number < 1 << 31 for number in seen)

    isolated_table(check)


def test_limits_are_kept_and_counted() -> None:
    """tcp_max_connections, tls_max_connections"""

    def check() -> None:
        numbers = [new(40000 + n, proto=TLS if n < 2 else TCP) for n in range(8)]
        assert new(50000) == lib.KH_ETOOBIG
        assert (lib.kh_conn_count(0), lib.kh_conn_count(TLS), lib.kh_conn_count(TCP)) == (8, 2, 6)
        lib.kh_conn_free(numbers[7])
        assert new(50000, proto=TLS) == lib.KH_ETOOBIG
        assert new(50000) > 0
        assert lib.kh_counter_sum(lib.KH_CNT_TCP_LOCAL_REJECT) == 2
        assert {lib.kh_conn_count_of(place) for place in range(RECEIVERS)} == {4}

    isolated_table(check, max_tls=2)


def test_aliases_find_the_connection_too() -> None:
    def check() -> None:
        number = new(40000)
        for port in (5060, 5061, 5060, 40000, 5062):
            assert lib.kh_conn_alias(number, port) == lib.KH_OK
        assert lib.kh_conn_alias(number, 5063) == lib.KH_ETOOBIG
        assert [find(port) for port in (40000, 5060, 5061, 5062, 5063)] == [number] * 4 + [0]
        other = new(40001)
        lib.kh_conn_alias(other, 5060)
        assert find(5060) == other
        lib.kh_conn_free(other)
        assert find(5060) == number

    isolated_table(check)


def test_connection_that_takes_no_more_is_not_found() -> None:
    def check() -> None:
        for end in (lambda n: lib.kh_conn_finish(n), lambda n: lib.kh_conn_close(n, lib.KH_WHY_COMMAND)):
            number = new(40000)
            assert end(number) == lib.KH_OK
            assert find(40000) == 0
            assert lib.kh_conn_put(number, b"x", 1, 0) == lib.KH_ENOTFOUND
            lib.kh_conn_free(number)

    isolated_table(check)


def test_marks_ring_the_owner_once_and_name_the_slot() -> None:
    def check() -> None:
        number = new()
        place = lib.kh_conn_get(number).owner
        bell = lib.kh_chan_bell_fd(place)
        for _ in range(3):
            assert lib.kh_conn_put(number, b"x", 1, 0) == lib.KH_OK
        assert not select.select([bell], [], [], 0)[0]
        lib.kh_chan_ring_out()
        assert select.select([bell], [], [], 0)[0]
        lib.kh_chan_heard(place)
        assert not select.select([bell], [], [], 0)[0]
        assert lib.kh_conn_marked(1 - place) == lib.KH_ENOTFOUND
        assert lib.kh_conn_marked(place) == lib.kh_conn_index(number)
        assert lib.kh_conn_marked(place) == lib.KH_ENOTFOUND
        lib.kh_conn_free(number)
        assert lib.kh_conn_marked(KEEPER) == lib.kh_conn_index(number)

    isolated_table(check)


def why(number: int) -> int:
    lib.kh_conn_sweep()
    found = lib.kh_conn_get(number)
    return -1 if found == ffi.NULL else int(found.why)


def test_times_that_are_over() -> None:
    """Idle, not established, not read: each closes the connection for its reason, and none before its time."""

    def check() -> None:
        idle, early, stalled, fresh = (new(port) for port in (1, 2, 3, 4))
        for number in (idle, early, stalled, fresh):
            lib.kh_conn_get(number).holder = 1  # a receiver has it
        for number in (idle, stalled, fresh):
            lib.kh_conn_established(number, -1)
        assert lib.kh_conn_put(stalled, b"x", 1, 0) == lib.KH_OK
        assert [why(n) for n in (idle, early, stalled, fresh)] == [0, 0, 0, 0]
        lib.kh_clock_skew(10_500)
        assert [why(n) for n in (idle, early, stalled)] == [0, lib.KH_WHY_DEADLINE, lib.KH_WHY_STALLED]
        lib.kh_clock_skew(119_000)
        lib.kh_conn_get(fresh).active_ms = lib.kh_now_ms()
        lib.kh_clock_skew(120_500)
        assert [why(n) for n in (idle, fresh)] == [lib.KH_WHY_IDLE, 0]

    isolated_table(check)


def test_connection_that_nobody_takes_is_freed() -> None:
    def check() -> None:
        number = new()
        lib.kh_clock_skew(lib.KH_CONN_HANDOVER_MS - 500)
        assert why(number) == 0
        lib.kh_clock_skew(lib.KH_CONN_HANDOVER_MS + 500)
        assert why(number) == -1
        assert lib.kh_counter_sum(lib.KH_CNT_TCP_LOST) == 1

    isolated_table(check)


def test_sum_of_all_queues_is_mended() -> None:
    def check() -> None:
        conn = lib.kh_conn_get(new())
        lib.kh_conn_put(conn.id, b"x" * 10, 10, 0)
        conn.queued += 100  # as if somebody had died before the sum knew
        lib.kh_conn_sweep()
        assert lib.kh_conn_queued() == 10
        lib.kh_conn_sweep()
        assert lib.kh_conn_queued() == 110
        conn.queued -= 100
        for _ in range(3):
            lib.kh_conn_sweep()
        assert lib.kh_conn_queued() == 10

    isolated_table(check)


def test_descriptors_and_notes_reach_a_place_in_order() -> None:
    def check() -> None:
        number, fd = ffi.new("uint32_t *"), ffi.new("int *")
        read, write = os.pipe()
        assert lib.kh_chan_recv(0, number, fd) == lib.KH_EINCOMPLETE
        lib.kh_chan_send(0, lib.KH_CHAN_CONN, 77, write)
        lib.kh_chan_send(0, lib.KH_CHAN_DONE, 0, -1)
        assert (lib.kh_chan_recv(0, number, fd), number[0]) == (lib.KH_CHAN_CONN, 77)
        os.write(fd[0], b"hello")
        assert os.read(read, 9) == b"hello"
        assert (lib.kh_chan_recv(0, number, fd), fd[0]) == (lib.KH_CHAN_DONE, -1)
        assert lib.kh_chan_send(9, lib.KH_CHAN_DONE, 0, -1) == lib.KH_EINVAL
        sent = 0
        while (code := lib.kh_chan_send(1, lib.KH_CHAN_DONE, 0, -1)) == lib.KH_OK:
            sent += 1
        assert code == lib.KH_EBUSY and sent >= 100

    isolated_table(check)


def test_killed_receivers_connections_are_freed_when_nobody_sends_them() -> None:
    def check() -> None:
        kept, lost, on_its_way = new(1), new(3), new(5)
        for number in (kept, lost, on_its_way):
            lib.kh_conn_get(number).owner = 0
        lib.kh_conn_get(kept).holder = lib.kh_proc_get(lib.kh_proc_self()).id
        lib.kh_conn_get(lost).holder = 0x7F0001
        assert lib.kh_conn_disown(0) == 1
        assert [lib.kh_conn_get(n) != ffi.NULL for n in (kept, lost, on_its_way)] == [True, False, True]

    def run() -> None:
        table()
        check()

    run_isolated(run)


@pytest.mark.parametrize("bad", [{"max": 0}, {"max": 1 << 21}])
def test_table_of_no_size_is_refused(bad: dict[str, int]) -> None:
    run_isolated(lambda: assert_code(lib.kh_conn_setup(options(**bad), RECEIVERS), lib.KH_EINVAL))


def test_table_without_memory_is_refused_and_leaves_nothing() -> None:
    def check() -> None:
        lib.kh_proc_attach(lib.kh_proc_alloc(1, b"test"))
        info = ffi.new("kh_shm_info *")
        lib.kh_shm_info_get(info)
        before = info.blocks
        assert lib.kh_conn_setup(options(max=1 << 20), RECEIVERS) == lib.KH_ENOMEM
        lib.kh_shm_info_get(info)
        assert info.blocks == before and lib.kh_conn_opts() == ffi.NULL

    run_isolated(check)


def assert_code(code: int, wanted: int) -> None:
    assert code == wanted
