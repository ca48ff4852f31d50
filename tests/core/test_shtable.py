"""The shared table: a dict that many processes change, and that survives whoever dies in it."""

import os
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kahea.core import shtable
from kahea.core.shtable import ABSENT, Changed, SharedTable, TableFull
from kahea.src.native import ffi, lib
from kahea.tests.support import shared

shared.attach()


@pytest.fixture
def table() -> Iterator[SharedTable]:
    before = shared.blocks()
    made = SharedTable("test", 6, kept=False)
    yield made
    assert made.check() == 0
    made.delete()
    assert shared.blocks() == before


def test_get_returns_value_and_version(table: SharedTable) -> None:
    version = table.set(b"k", b"v")
    assert table.get(b"k") == (b"v", version)
    assert table.get(b"other") is None


def test_empty_key_and_empty_value_are_values(table: SharedTable) -> None:
    table.set(b"", b"")
    assert table.get(b"")[0] == b""  # type: ignore[index]
    assert len(table) == 1


def test_store_with_an_old_version_is_refused(table: SharedTable) -> None:
    first = table.set(b"k", b"1")
    table.set(b"k", b"2", version=first)
    with pytest.raises(Changed):
        table.set(b"k", b"3", version=first)
    assert table.get(b"k")[0] == b"2"  # type: ignore[index]


def test_store_of_what_must_be_absent(table: SharedTable) -> None:
    table.set(b"k", b"1", version=ABSENT)
    with pytest.raises(Changed):
        table.set(b"k", b"2", version=ABSENT)


def test_a_version_is_never_given_again(table: SharedTable) -> None:
    version = table.set(b"k", b"1")
    assert table.remove(b"k")
    table.set(b"k", b"1")
    with pytest.raises(Changed):
        table.set(b"k", b"2", version=version)
    assert not table.remove(b"k", version)


def test_large_value_comes_back_whole(table: SharedTable) -> None:
    value = bytes(range(256)) * 400
    table.set(b"k", value)
    assert table.get(b"k")[0] == value  # type: ignore[index]


def test_limits_of_key_and_value(table: SharedTable) -> None:
    with pytest.raises(TableFull):
        table.set(b"k" * (lib.KH_SHT_KEY_MAX + 1), b"")
    with pytest.raises(TableFull):
        table.set(b"k", bytes(lib.KH_SHT_VALUE_MAX + 1))
    assert table.stats()["refused"] == 1 and len(table) == 0


def test_max_records_refuses_new_keys_only() -> None:
    table = SharedTable("test", 4, max_records=10, kept=False)
    for n in range(10):
        table.set(b"%d" % n, b"")
    with pytest.raises(TableFull):
        table.set(b"more", b"")
    table.set(b"3", b"changed")
    table.delete()


def test_out_of_memory_changes_nothing(table: SharedTable) -> None:
    table.set(b"k", b"old")
    lib.kh_shm_fail_after(0)
    with pytest.raises(TableFull):
        table.set(b"k", b"new" * 1000)
    lib.kh_shm_fail_after(-1)
    assert table.get(b"k")[0] == b"old"  # type: ignore[index]


def test_expired_record_is_not_seen_and_is_reaped(table: SharedTable, monkeypatch: pytest.MonkeyPatch) -> None:
    table.set(b"short", b"s", ttl=5)
    table.set(b"long", b"l", ttl=500)
    later = int(time.time()) + 6
    monkeypatch.setattr(shtable, "now", lambda: later)
    assert table.get(b"short") is None and len(table) == 2
    assert [item.key for item in table.items()] == [b"long"]
    assert [item.key for item in table.reap()] == [b"short"]
    assert len(table) == 1


def test_expired_record_counts_as_absent(table: SharedTable, monkeypatch: pytest.MonkeyPatch) -> None:
    table.set(b"k", b"1", ttl=5)
    later = int(time.time()) + 6
    monkeypatch.setattr(shtable, "now", lambda: later)
    table.set(b"k", b"2", version=ABSENT)
    assert table.get(b"k")[0] == b"2"  # type: ignore[index]


def test_counter_adds_and_refuses_other_values(table: SharedTable) -> None:
    assert table.add(b"n", 1, initial=10) == 11
    assert table.add(b"n", -20) == -9
    table.set(b"text", b"abc")
    with pytest.raises(TypeError):
        table.add(b"text", 1)


def test_update_retries_until_it_wins(table: SharedTable) -> None:
    def bump(old: bytes | None) -> bytes:
        if old == b"1":
            table.set(b"k", b"7")  # somebody is faster, once
        return b"%d" % (int(old or 0) + 1)

    table.set(b"k", b"1")
    assert table.update(b"k", bump) == b"8"
    assert table.update(b"k", lambda old: None) is None
    assert b"k" not in table


def test_walk_sees_what_stays_exactly_once_while_others_change(
    table: SharedTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shtable, "SCAN_START", 64)
    stay = {b"stay%d" % n for n in range(300)}
    for key in stay:
        table.set(key, b"x" * 50)
    seen: list[bytes] = []
    for n, item in enumerate(table.items()):
        seen.append(item.key)
        table.set(b"new%d" % n, b"")
        table.set(b"stay%d" % (n % 300), b"y" * 70)
        table.remove(b"new%d" % (n - 5))
    assert sorted(key for key in seen if key in stay) == sorted(stay)


def restart(size: int, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Run `before` in one server, kill it, and `after` in a later one that keeps the memory."""
    fd = os.memfd_create("kahea-test")
    os.ftruncate(fd, lib.kh_shm_bytes(size))

    def main(how: int, work: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                lib.kh_shm_done()
                assert lib.kh_shm_init(fd, size, how) == 0
                work()
                code = 0
            except BaseException as error:
                print(f"main: {error!r}", flush=True)
            finally:
                os._exit(code)
        return os.waitpid(pid, 0)[1]

    assert main(lib.KH_SHM_FRESH, before) == 0
    assert main(lib.KH_SHM_ADOPT, after) == 0
    os.close(fd)


def test_later_start_takes_tables_over() -> None:
    def before() -> None:
        for name in ("kept", "forgotten", "other version"):
            table = SharedTable(name, 4, version=1)
            assert not table.adopted
            for n in range(500):
                table.set(b"%d" % n, b"x" * n)

    def after() -> None:
        kept = SharedTable("kept", 8, version=1)
        assert kept.adopted and len(kept) == 500 and kept.check() == 0
        assert kept.get(b"77")[0] == b"x" * 77  # type: ignore[index]
        assert not SharedTable("other version", 4, version=2).adopted
        assert lib.kh_shm_adopt_done() > 1000  # the records of the other two
        kept.set(b"new", b"1")
        assert shared.blocks() == 501 + 2 + 2

    restart(16 << 20, before, after)


def hundred() -> Any:
    """A table of 100 records; its words: magic and version, log2 and groups, limit, seed, the buckets' address."""
    table = SharedTable("kept", 4)
    for n in range(100):
        table.set(b"%d" % n, b"x" * n)
    return ffi.cast("uint64_t *", table.c)


def test_chain_with_a_broken_pointer_ends_there_in_a_later_start() -> None:
    def before() -> None:
        buckets = ffi.cast("uint64_t *", hundred()[4])
        record = ffi.cast("uint64_t *", buckets[3] or buckets[5])
        record[0] = 0x1234

    def after() -> None:
        table = SharedTable("kept", 4)
        assert table.adopted and table.cut == 1 and table.check() == 0 and 70 < len(table) <= 100
        lib.kh_shm_adopt_done()
        assert shared.blocks() == len(table) + 2

    restart(16 << 20, before, after)


def test_chain_that_bites_its_tail_ends_in_a_later_start() -> None:
    def before() -> None:
        buckets = ffi.cast("uint64_t *", hundred()[4])
        record = ffi.cast("uint64_t *", buckets[3] or buckets[5])
        record[0] = int(ffi.cast("uintptr_t", record))

    def after() -> None:
        table = SharedTable("kept", 4)
        assert table.adopted and table.cut == 1 and table.check() == 0

    restart(16 << 20, before, after)


@pytest.mark.parametrize("word", [0, 1, 4])
def test_table_with_a_broken_head_is_not_taken_over(word: int) -> None:
    def before() -> None:
        hundred()[word] ^= 0x3

    def after() -> None:
        table = SharedTable("kept", 4)
        assert not table.adopted and len(table) == 0
        assert lib.kh_shm_adopt_done() > 100

    restart(16 << 20, before, after)


def test_same_name_in_one_start_is_the_same_table() -> None:
    first = SharedTable("one.table", 4)
    first.set(b"k", b"v")
    assert SharedTable("one.table", 4).get(b"k")[0] == b"v"  # type: ignore[index]
    assert SharedTable("one.table", 4, version=2).get(b"k") is None


KEYS = st.sampled_from([b"a", b"b", b"c", b"longer key", b""])
STEPS = st.tuples(st.sampled_from(["set", "cas", "remove", "get", "add"]), KEYS, st.binary(max_size=40))


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_behaves_as_a_dict(steps: list[tuple[str, bytes, bytes]]) -> None:
    table, model = SharedTable("test", 1, kept=False), dict[bytes, bytes]()
    for what, key, value in steps:
        if what == "set":
            table.set(key, value)
            model[key] = value
        elif what == "cas":
            found = table.get(key)
            table.set(key, value, version=found[1] if found else ABSENT)
            model[key] = value
        elif what == "remove":
            assert table.remove(key) == (model.pop(key, None) is not None)
        elif what == "get":
            assert (table.get(key) or (None,))[0] == model.get(key)
        elif len(model.get(key, bytes(8))) == 8:
            old = int.from_bytes(model.get(key, bytes(8)), "little", signed=True)
            total = (old + 3 + (1 << 63)) % (1 << 64) - (1 << 63)
            assert table.add(key, 3) == total
            model[key] = total.to_bytes(8, "little", signed=True)
    assert {item.key: item.value for item in table.items()} == model
    assert table.check() == 0
    table.delete()


def test_processes_count_together(table: SharedTable) -> None:
    def work() -> None:
        for _ in range(3000):
            table.add(b"atomic", 1)
            table.update(b"cas", lambda old: b"%d" % (int(old or 0) + 1))

    children = [shared.Child(work) for _ in range(3)]
    assert [child.join() for child in children] == [0, 0, 0]
    assert table.add(b"atomic", 0) == 9000
    assert table.get(b"cas")[0] == b"9000"  # type: ignore[index]


def churn(table: SharedTable, seed: int) -> None:
    """Change records for ever; every value says which key it belongs to."""
    rng = random.Random(seed)
    while True:
        key = b"key%d" % rng.randrange(50)
        if rng.random() < 0.3:
            table.remove(key)
        else:
            table.set(key, key * rng.randrange(1, 40))


def test_table_is_whole_after_processes_were_killed_in_it(table: SharedTable) -> None:
    for round_ in range(40):
        children = [shared.Child(partial(churn, table, round_ * 2 + n)) for n in range(2)]
        time.sleep(random.uniform(0.002, 0.02))
        for child in children:
            child.kill()
        for child in children:
            child.join()
        assert table.check() == 0
    for key, value, _, _ in table.items():
        assert value == key * (len(value) // len(key))
