"""The timer wheel against a model: a timer fires at its last deadline, never before, at most a tick late."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kahea.src.native import ffi, lib
from kahea.tests.support.segment import Child, forever, until

TICK = lib.KH_WHEEL_TICK_MS
START = 1_000_003
MAX = 64


class Wheel:
    """A wheel, its clock, and timers by number."""

    def __init__(self, timers: int = 1, start: int = START) -> None:
        self.wheel = lib.kh_wheel_new(start)
        self.now = start
        self.timers = [ffi.cast("kh_timer *", lib.kh_shm_mallocz(ffi.sizeof("kh_timer"))) for _ in range(timers)]
        for number, timer in enumerate(self.timers):
            lib.kh_timer_init(timer, number % 256)
        self.number = {timer: number for number, timer in enumerate(self.timers)}

    def add(self, number: int, deadline: int) -> int:
        return int(lib.kh_timer_add(self.wheel, self.timers[number], deadline))

    def stop(self, number: int) -> int:
        return int(lib.kh_timer_del(self.wheel, self.timers[number]))

    def expire(self, now: int, most: int = MAX) -> list[int]:
        out = ffi.new("kh_timer *[]", most)
        n = lib.kh_wheel_expire(self.wheel, now, out, most)
        return [self.number[out[i]] for i in range(n)]

    def done(self, number: int) -> int:
        return int(lib.kh_timer_done(self.wheel, self.timers[number]))

    def advance(self, to: int, step: int = TICK) -> list[tuple[int, int]]:
        """(time, number) of all that fires until `to`."""
        fired = []
        while self.now < to:
            self.now = min(self.now + step, to)
            while found := self.expire(self.now):
                for number in found:
                    fired.append((self.now, number))
                    self.done(number)
        return fired

    @property
    def whole(self) -> bool:
        return lib.kh_wheel_check(self.wheel) == 0


@pytest.mark.parametrize("delay", [0, 1, 9, 10, 11, 500, 2559, 2560, 2561, 32_000, 180_000, 700_000])
def test_timer_fires_at_its_deadline(delay: int) -> None:
    wheel = Wheel()
    wheel.add(0, START + delay)
    fired = wheel.advance(START + delay + 3 * TICK)
    assert [number for _, number in fired] == [0]
    assert START + delay <= fired[0][0] <= START + delay + 2 * TICK
    assert lib.kh_wheel_count(wheel.wheel) == 0


def test_nearer_deadline_replaces_a_far_one() -> None:
    wheel = Wheel()
    wheel.add(0, START + 180_000)
    wheel.advance(START + 1000)
    wheel.add(0, START + 1500)
    assert wheel.advance(START + 2000)[0][0] <= START + 1520


def test_farther_deadline_replaces_a_near_one() -> None:
    wheel = Wheel()
    wheel.add(0, START + 500)
    wheel.add(0, START + 180_000)
    assert wheel.advance(START + 179_990) == []
    assert [n for _, n in wheel.advance(START + 180_030)] == [0]


def test_stopped_timer_does_not_fire() -> None:
    wheel = Wheel()
    wheel.add(0, START + 50)
    assert wheel.stop(0) == 1
    assert wheel.stop(0) == 0
    assert wheel.advance(START + 1000) == []


def test_firing_timer_is_the_timer_process_own() -> None:
    wheel = Wheel()
    wheel.add(0, START)
    assert wheel.expire(START + 20) == [0]
    assert wheel.timers[0].state == lib.KH_TIMER_FIRING
    assert wheel.stop(0) == lib.KH_EBUSY
    assert wheel.expire(START + 40) == []
    assert wheel.done(0) == 0
    assert wheel.timers[0].state == lib.KH_TIMER_IDLE


def test_deadline_given_while_firing_counts_afterwards() -> None:
    wheel = Wheel()
    wheel.add(0, START)
    assert wheel.expire(START + 20) == [0]
    wheel.add(0, START + 100)
    assert wheel.timers[0].state == lib.KH_TIMER_REARMED
    assert wheel.expire(START + 200) == []
    assert wheel.done(0) == 1
    assert wheel.expire(START + 220) == [0]


def test_batches_give_everything_once() -> None:
    wheel = Wheel(100)
    for number in range(100):
        wheel.add(number, START + number % 3 * TICK)
    seen = []
    while found := wheel.expire(START + 100, most=7):
        seen += found
    assert sorted(seen) == list(range(100))


def test_clock_that_jumps_far_ahead_loses_nothing() -> None:
    wheel = Wheel(50)
    for number in range(50):
        wheel.add(number, START + number * number * 997)
    assert sorted(n for _, n in wheel.advance(START + 50 * 50 * 1000, step=100_000)) == list(range(50))


def test_deadline_out_of_reach_is_cut() -> None:
    wheel = Wheel()
    wheel.add(0, 2**63)
    assert wheel.timers[0].deadline_ms <= START + lib.KH_WHEEL_MAX_MS
    assert wheel.whole and wheel.stop(0) == 1


def test_timers_of_a_dead_timer_process_fire_again() -> None:
    wheel = Wheel(3)
    for number in range(3):
        wheel.add(number, START)

    def fire() -> None:
        assert len(wheel.expire(START + 20, most=2)) == 2
        forever()

    child = Child(fire)
    until(lambda: sum(timer.state == lib.KH_TIMER_FIRING for timer in wheel.timers) == 2)
    child.kill()
    child.finish()
    assert sorted(wheel.expire(START + 40)) == [0, 1, 2]
    assert wheel.whole


def rearm_forever(wheel: Wheel, seed: int) -> None:
    step = 0
    while True:
        step += 1
        number = (step * 7 + seed) % len(wheel.timers)
        if step % 5:
            wheel.add(number, START + step * 37 % 100_000)
        else:
            wheel.stop(number)


def test_killed_at_random_lists_stay_whole_and_no_armed_timer_is_lost() -> None:
    wheel = Wheel(40)
    for turn in range(30):
        children = [Child(lambda i=i: rearm_forever(wheel, i)) for i in range(2)]  # type: ignore[misc]
        time.sleep(0.002 + turn % 5 * 0.001)
        for child in children:
            child.kill()
        for child in children:
            child.finish()
        armed = sum(timer.state == lib.KH_TIMER_ARMED for timer in wheel.timers)
        assert wheel.whole
        assert lib.kh_wheel_count(wheel.wheel) == armed
    fired = wheel.advance(START + 200_000, step=1000)
    assert len(fired) == armed


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"), st.integers(0, 4), st.sampled_from([0, 7, 100, 2550, 2600, 40_000, 655_360, 900_000])
        ),
        st.tuples(st.just("del"), st.integers(0, 4), st.just(0)),
        st.tuples(st.just("go"), st.just(0), st.sampled_from([5, 10, 300, 2560, 70_000, 660_000])),
    ),
    max_size=40,
)


def run_against_model(steps: list[Any], start: int) -> None:
    wheel, model = Wheel(5, start), {}
    for step, number, amount in steps:
        if step == "add":
            wheel.add(number, wheel.now + amount)
            model[number] = wheel.now + amount
        elif step == "del":
            assert wheel.stop(number) == int(number in model)
            model.pop(number, None)
        else:
            end = wheel.now + amount
            for at, fired in wheel.advance(end, step=max(TICK, amount // 50)):
                assert model.pop(fired) <= at
            assert all(deadline > end - 2 * TICK for deadline in model.values())
        assert wheel.whole
        assert lib.kh_wheel_count(wheel.wheel) == len(model)
    lib.kh_wheel_delete(wheel.wheel)
    for timer in wheel.timers:
        lib.kh_shm_free(timer)


def test_any_order_of_calls_fires_as_the_model_does() -> None:
    @settings(max_examples=150, deadline=None, database=None)
    @given(STEPS, st.sampled_from([0, START, 2**24 * TICK - 50, 2**32 * TICK - 90]))
    def run(steps: list[Any], start: int) -> None:
        run_against_model(steps, start)

    run()
