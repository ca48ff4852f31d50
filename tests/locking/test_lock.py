"""What every back end must do: the suite runs once for each."""

import os
import signal
import time
from functools import partial
from typing import NoReturn

import pytest

from kahea.locking import (
    LockError,
    LockSet,
    available,
    held,
    lock_alloc,
    lock_dealloc,
    lock_destroy,
    lock_get,
    lock_init,
    lock_release,
    lock_set_alloc,
    lock_set_dealloc,
    lock_set_destroy,
    lock_set_get,
    lock_set_init,
    lock_set_release,
    lock_set_try,
    lock_try,
    set_backend,
)
from kahea.locking.lock import GenLock
from kahea.mem.shm import ShmBlock, shm_mallocxz
from kahea.tests.support.segment import Child, forever, until


@pytest.fixture(params=available())
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def a_lock(backend: str) -> GenLock:
    set_backend(backend)
    return lock_init(lock_alloc())


def hold(held: ShmBlock, lock: GenLock) -> NoReturn:
    """The body of a child that gets the lock, says so and never lets it go."""
    lock_get(lock)
    held[0] = 1
    forever()


def killed_holding(lock: GenLock) -> Child:
    """A child that got the lock and was killed; its parent has not waited for it yet."""
    held = shm_mallocxz(1)
    child = Child(lambda: hold(held, lock))
    until(lambda: held[0])
    child.kill()
    return child


def test_get_and_release_in_one_process(backend: str) -> None:
    lock = a_lock(backend)
    for _ in range(3):
        assert lock_get(lock) is False
        assert lock.holder() == 0
        lock_release(lock)
        assert lock.holder() is None
    lock_destroy(lock)
    lock_dealloc(lock)


def test_with_holds_and_lets_go_on_an_exception(backend: str) -> None:
    lock = a_lock(backend)
    with pytest.raises(KeyError), lock as died:
        assert not died and lock.holder() == 0
        raise KeyError
    assert lock.holder() is None


def test_second_get_by_the_holder_is_refused_instead_of_hanging(backend: str) -> None:
    lock = a_lock(backend)
    lock_get(lock)
    with pytest.raises(LockError, match="already"):
        lock_get(lock)
    lock_release(lock)
    assert lock_try(lock) == 0


def test_release_without_holding_is_refused(backend: str) -> None:
    lock = a_lock(backend)
    with pytest.raises(LockError):
        lock_release(lock)
    assert lock_try(lock) == 0


def test_release_of_anothers_lock_is_refused(backend: str) -> None:
    lock = a_lock(backend)
    lock_get(lock)

    def steal() -> None:
        with pytest.raises(LockError):
            lock_release(lock)
        assert lock_try(lock) == -1

    assert Child(steal).finish() == 0
    lock_release(lock)


def test_use_outside_of_its_life_is_refused(backend: str) -> None:
    set_backend(backend)
    lock = lock_alloc()
    with pytest.raises(LockError):
        lock_get(lock)
    lock_init(lock)
    with pytest.raises(LockError):
        lock_init(lock)
    with pytest.raises(LockError):
        lock_dealloc(lock)
    lock_destroy(lock)
    with pytest.raises(LockError):
        lock_get(lock)


def add_many(lock: GenLock, number: ShmBlock, times: int) -> None:
    for _ in range(times):
        with lock:
            value = int.from_bytes(number[:8], "little")
            number[:8] = (value + 1).to_bytes(8, "little")


def test_processes_exclude_one_another(backend: str) -> None:
    lock, number, times = a_lock(backend), shm_mallocxz(8), 300
    children = [Child(lambda: add_many(lock, number, times)) for _ in range(4)]
    add_many(lock, number, times)
    assert [child.finish() for child in children] == [0] * 4
    assert int.from_bytes(number[:8], "little") == 5 * times


def test_waiter_gets_it_when_it_is_released(backend: str) -> None:
    lock, got = a_lock(backend), shm_mallocxz(1)
    lock_get(lock)

    def take() -> None:
        lock_get(lock)
        got[0] = 1
        lock_release(lock)

    child = Child(take)
    time.sleep(0.1)
    assert got[0] == 0
    lock_release(lock)
    assert child.finish() == 0
    assert got[0] == 1


def test_next_one_gets_the_lock_of_a_killed_holder_and_is_told(backend: str) -> None:
    lock = a_lock(backend)
    child = killed_holding(lock)
    began = time.monotonic()
    assert lock_get(lock) is True  # before anybody waited for the dead: it is a zombie
    assert time.monotonic() - began < 2
    lock_release(lock)
    child.finish()
    assert lock_get(lock) is False  # told once
    lock_release(lock)


def test_try_gets_the_lock_of_a_reaped_holder_and_is_told(backend: str) -> None:
    lock = a_lock(backend)
    killed_holding(lock).finish()
    assert lock_try(lock) == 1
    lock_release(lock)
    assert lock_try(lock) == 0


def test_one_waiter_of_several_is_told_of_the_death(backend: str) -> None:
    lock, told, ready = a_lock(backend), shm_mallocxz(4), shm_mallocxz(1)
    holder = Child(lambda: hold(ready, lock))
    until(lambda: ready[0])

    def wait(index: int) -> None:
        with lock as died:
            told[index] = 2 if died else 1

    waiters = [Child(partial(wait, index)) for index in range(4)]
    time.sleep(0.1)
    holder.kill()
    assert [waiter.finish() for waiter in waiters] == [0] * 4
    holder.finish()
    assert sorted(told[:4]) == [1, 1, 1, 2]


def test_who_is_killed_repairs_nothing_so_the_next_is_told_again(backend: str) -> None:
    lock = a_lock(backend)
    killed_holding(lock).finish()
    killed_holding(lock).finish()
    assert lock_get(lock) is True


def test_killed_waiter_leaves_nothing_behind(backend: str) -> None:
    lock = a_lock(backend)
    lock_get(lock)
    waiter = Child(lambda: lock_get(lock))
    time.sleep(0.1)
    waiter.kill()
    waiter.finish()
    lock_release(lock)
    assert lock_get(lock) is False
    lock_release(lock)


def test_stopped_holder_is_not_taken_for_dead(backend: str) -> None:
    lock, held = a_lock(backend), shm_mallocxz(1)
    child = Child(lambda: hold(held, lock))
    until(lambda: held[0])
    os.kill(child.pid, signal.SIGSTOP)
    assert lock_try(lock) == -1
    waiter = Child(lambda: lock_get(lock))
    time.sleep(0.2)
    assert os.waitpid(waiter.pid, os.WNOHANG) == (0, 0)
    for process in (child, waiter):
        process.kill()
        process.finish()


def test_killed_at_random_nobody_hangs(backend: str) -> None:
    lock, number = a_lock(backend), shm_mallocxz(8)
    for turn in range(15):
        children = [Child(lambda: add_many(lock, number, 10**9)) for _ in range(2)]
        time.sleep(0.003 + turn % 5 * 0.002)
        for child in children:
            child.kill()
        for child in children:
            child.finish()
        lock_get(lock)
        lock_release(lock)


def test_set_by_index(backend: str) -> None:
    set_backend(backend)
    locks = lock_set_init(lock_set_alloc(4))
    assert len(locks) == 4
    lock_set_get(locks, 1)
    lock_set_get(locks, 3)
    assert [locks.holder(i) for i in range(4)] == [None, 0, None, 0]
    with pytest.raises(LockError):
        lock_set_get(locks, 1)
    lock_set_release(locks, 1)
    lock_set_release(locks, 3)
    with locks[2] as died:
        assert not died and locks.holder(2) == 0
    for bad in (-1, 4):
        with pytest.raises(IndexError):
            lock_set_get(locks, bad)
    lock_set_destroy(locks)
    lock_set_dealloc(locks)


def test_set_survives_its_dead(backend: str) -> None:
    set_backend(backend)
    locks = lock_set_init(lock_set_alloc(3))
    held = shm_mallocxz(1)

    def body() -> NoReturn:
        lock_set_get(locks, 0)
        lock_set_get(locks, 2)
        held[0] = 1
        forever()

    child = Child(body)
    until(lambda: held[0])
    assert [lock_set_try(locks, i) for i in (0, 1)] == [-1, 0]
    child.kill()
    child.finish()
    assert [lock_set_try(locks, i) for i in (0, 2)] == [1, 1]


@pytest.mark.parametrize("size", [0, -1, 65537])
def test_set_has_bounds(size: int) -> None:
    with pytest.raises(LockError):
        LockSet(size)


def test_held_locks_are_reported_with_the_line_that_made_them(backend: str) -> None:
    lock = a_lock(backend)
    set_backend(backend)
    locks = lock_set_init(lock_set_alloc(3))
    assert held() == []
    lock_get(lock)
    lock_set_get(locks, 2)
    found = sorted(held(), key=lambda one: one.index)
    assert [(one.index, one.holder) for one in found] == [(0, 0), (2, 0)]
    assert all("test_lock.py:" in one.made for one in found)


def test_unknown_back_end_names_the_known_ones() -> None:
    with pytest.raises(LockError, match="futex, posix, sysv"):
        set_backend("spin")
