"""Processes die while they allocate: nothing is lost, nothing is given out twice."""

import os
import random
import time

from kahea.mem import report
from kahea.mem.shm import ShmBlock, shm_free, shm_info, shm_malloc, shm_mallocxz, shm_realloc
from kahea.src.native import ffi, lib
from kahea.tests.support.segment import Child, forever, until

SIZES = (1, 30, 100, 400, 1500, 5000, 9000, 40_000)


def churn(seed: int, held_only: bool = False) -> None:
    """Allocate, resize and free without end."""
    dice = random.Random(seed)
    blocks: list[ShmBlock] = []
    while True:
        size = dice.choice(SIZES)
        if len(blocks) > 60 or (blocks and dice.random() < 0.4):
            block = blocks.pop(dice.randrange(len(blocks)))
            if not held_only and dice.random() < 0.3:
                blocks.append(shm_realloc(block, size))
            else:
                shm_free(block)
            continue
        pointer = lib.kh_shm_malloc_held(size) if held_only else shm_malloc(size).pointer
        if pointer != ffi.NULL:
            blocks.append(ShmBlock(int(ffi.cast("uintptr_t", pointer)), size))


def test_killed_at_random_accounting_equals_a_walk() -> None:
    for turn in range(40):
        children = [Child(lambda seed=turn * 2 + i: churn(seed)) for i in range(2)]  # type: ignore[misc]
        time.sleep(0.002 + turn % 7 * 0.001)
        for child in children:
            child.kill()
        for child in children:
            child.wait()
        for child in children:
            child.reap()
        assert report.check() == 0
        assert all(lib.kh_shm_owned(child.slot) == 0 for child in children)
    assert lib.kh_shm_check(ffi.NULL) == 0


def test_blocks_that_were_only_held_come_back() -> None:
    keep = [shm_malloc(size) for size in SIZES]
    before = shm_info()
    for turn in range(40):
        child = Child(lambda turn=turn: churn(turn, held_only=True))  # type: ignore[misc]
        time.sleep(0.002 + turn % 7 * 0.001)
        child.kill()
        child.finish()
        now = shm_info()
        assert (now.used, now.blocks) == (before.used, before.blocks)
        assert report.check() == 0
    for block in keep:
        shm_free(block)


def test_kept_blocks_stay_when_their_maker_dies() -> None:
    box = shm_mallocxz(16)

    def make() -> None:
        kept, held = lib.kh_shm_malloc_held(100), lib.kh_shm_malloc_held(100)
        lib.kh_shm_keep(kept)
        box[:8] = int(ffi.cast("uintptr_t", kept)).to_bytes(8, "little")
        box[8:] = int(ffi.cast("uintptr_t", held)).to_bytes(8, "little")
        forever()

    child = Child(make)
    until(lambda: any(box[8:]))
    child.kill()
    child.wait()
    assert lib.kh_shm_owned(child.slot) > 0
    assert child.reap() > 0
    kept, held = (ffi.cast("void *", int.from_bytes(box[i : i + 8], "little")) for i in (0, 8))
    assert lib.kh_shm_size_of(kept) >= 100
    assert lib.kh_shm_size_of(held) == 0
    assert shm_info().blocks == 2


def test_magazine_of_the_dead_comes_back() -> None:
    total = shm_info().free

    def fill_magazine() -> None:
        for block in [shm_malloc(100) for _ in range(200)]:
            shm_free(block)
        forever()

    child = Child(fill_magazine)
    until(lambda: shm_info().cached > 0 and shm_info().blocks == 0)
    child.kill()
    child.wait()
    assert child.reap() > 0
    assert shm_info().cached == 0
    assert shm_info().free == total


def test_block_of_one_process_is_freed_by_another() -> None:
    box = shm_mallocxz(8 * 300)

    def make() -> None:
        for i in range(300):
            box[8 * i : 8 * i + 8] = shm_malloc(50).address.to_bytes(8, "little")

    assert Child(make).finish() == 0
    for i in range(300):
        shm_free(ShmBlock(int.from_bytes(box[8 * i : 8 * i + 8], "little"), 50))
    assert shm_info().blocks == 1
    assert report.check() == 0


def test_child_that_died_before_it_attached_takes_nothing_with_it() -> None:
    keep = shm_malloc(100)
    before = shm_info()
    for _ in range(3):
        slot = lib.kh_proc_alloc(1, b"stillborn")
        assert lib.kh_proc_reap(slot) == 0
        lib.kh_proc_free(slot)
    assert shm_info() == before
    assert report.check() == 0
    shm_free(keep)


def test_slot_serves_the_replacement_under_a_new_identity() -> None:
    first = Child(forever)
    until(lambda: lib.kh_proc_get(first.slot).state == lib.KH_PROC_ALIVE)
    identity = lib.kh_proc_get(first.slot).id
    assert lib.kh_proc_alive(identity)
    first.kill()
    first.wait()
    assert lib.kh_proc_gone(identity)
    lib.kh_proc_reap(first.slot)
    assert not lib.kh_proc_alive(identity)
    second = Child(lambda: None, slot=first.slot)
    assert second.wait() == 0
    assert lib.kh_proc_get(first.slot).id != identity
    assert lib.kh_proc_get(first.slot).starts == 2
    second.reap()


def test_child_that_has_not_attached_can_do_nothing() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0 if lib.kh_shm_malloc(10) == ffi.NULL and lib.kh_proc_self() < 0 else 1)
    assert os.waitpid(pid, 0)[1] == 0
