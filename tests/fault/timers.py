"""Timer wheel: no armed timer is lost, none fires at a time nobody gave it, the lists are whole."""

from collections.abc import Callable
from typing import Any

from kahea.src.native import ffi, lib

from .steps import Scenario

NOW = (400 * 256 + 250) * 10  # 6 ticks before a bucket of the second level is spread over the first
SOON = NOW + 80  # later than any expire of the child: what it had in hand is due at the next tick
FAR = NOW + 60_000


class Wheel(Scenario):
    """Timers 0-2 are armed near, 3-5 far, 6 and 7 idle. The child does something to one of them."""

    other_stride = 2
    near, far, idle = range(3), range(3, 6), range(6, 8)

    def __init__(self, body: Callable[["Wheel"], Any], touched: int = -1, ends: tuple[str, ...] = ()) -> None:
        self.body = body
        self.touched = touched
        self.ends = ends  # what may have become of the touched timer: "old", "new", "idle"

    def prepare(self) -> None:
        self.wheel = lib.kh_wheel_new(NOW - 5000)
        self.timers = [ffi.cast("kh_timer *", lib.kh_shm_mallocz(ffi.sizeof("kh_timer"))) for _ in range(8)]
        self.arm_far()
        assert self.expire(NOW) == []
        for number in self.near:
            self.add(number, NOW + 20)

    def arm_far(self) -> None:
        for number in self.far:
            self.add(number, FAR)

    def add(self, number: int, deadline: int) -> None:
        lib.kh_timer_add(self.wheel, self.timers[number], deadline)

    def expire(self, now: int, most: int = 16) -> list[int]:
        out = ffi.new("kh_timer *[]", most)
        n = lib.kh_wheel_expire(self.wheel, now, out, most)
        return [self.timers.index(out[i]) for i in range(n)]

    def act(self) -> None:
        self.body(self)

    def again(self) -> None:
        self.add(7, NOW + 30)
        lib.kh_timer_del(self.wheel, self.timers[7])

    def fired(self, until: int) -> list[int]:
        found = []
        while numbers := self.expire(until):
            for number in numbers:
                found.append(number)
                lib.kh_timer_done(self.wheel, self.timers[number])
        return found

    def judge(self, completed: bool) -> None:
        assert lib.kh_wheel_check(self.wheel) == 0
        near, late = self.fired(SOON), self.fired(FAR + 50)
        outcome = "old" if self.touched in near else "new" if self.touched in late else "idle"
        if self.touched >= 0:
            assert outcome in self.ends, outcome
            assert not completed or outcome == self.ends[-1]
        rest = {self.touched, 7}
        assert sorted(set(near) - rest) == sorted(set(self.near) - rest)
        assert sorted(set(late) - rest) == sorted(set(self.far) - rest)
        assert len(near + late) == len(set(near + late))
        assert lib.kh_wheel_count(self.wheel) == 0 and lib.kh_wheel_check(self.wheel) == 0


class Fire(Wheel):
    """The timer process dies with timers in hand: they fire again, unless it had done with them."""

    def judge(self, completed: bool) -> None:
        assert lib.kh_wheel_check(self.wheel) == 0
        near = self.fired(SOON)
        assert set(near) <= set(self.near) | {7} and len(near) == len(set(near))
        assert completed or set(self.near) - {self.touched} <= set(near)
        late = self.fired(FAR + 50)
        assert set(self.far) <= set(late)
        assert self.touched not in near or self.touched not in late
        assert not self.ends or self.touched in near + late
        assert lib.kh_wheel_check(self.wheel) == 0


class Spread(Wheel):
    """Far timers come near while the child looks for due ones: their bucket is spread over the level below."""

    def arm_far(self) -> None:
        for number in self.far:
            self.add(number, NOW + 100)

    def judge(self, completed: bool) -> None:
        assert lib.kh_wheel_check(self.wheel) == 0
        assert sorted(set(self.fired(NOW + 200)) - {7}) == [*self.near, *self.far]
        assert lib.kh_wheel_check(self.wheel) == 0


def fire_and_finish(scenario: Wheel) -> None:
    for number in scenario.expire(NOW + 50):
        if number == scenario.touched:
            lib.kh_timer_done(scenario.wheel, scenario.timers[number])


def fire_and_rearm(scenario: Wheel) -> None:
    for number in scenario.expire(NOW + 50):
        if number == scenario.touched:
            scenario.add(number, FAR)
            lib.kh_timer_done(scenario.wheel, scenario.timers[number])


def stop(number: int) -> Callable[[Wheel], Any]:
    return lambda scenario: lib.kh_timer_del(scenario.wheel, scenario.timers[number])


WHEEL: dict[str, Callable[[], Scenario]] = {
    "wheel: arm": lambda: Wheel(lambda w: w.add(6, FAR), 6, ("idle", "new")),
    "wheel: move farther": lambda: Wheel(lambda w: w.add(1, FAR), 1, ("old", "new")),
    "wheel: move nearer": lambda: Wheel(lambda w: w.add(4, NOW + 20), 4, ("new", "old")),
    "wheel: stop": lambda: Wheel(stop(1), 1, ("old", "idle")),
    "wheel: fire": lambda: Fire(lambda w: w.expire(NOW + 50)),
    "wheel: fire and finish": lambda: Fire(fire_and_finish, 1),
    "wheel: fire and arm again": lambda: Fire(fire_and_rearm, 1, ("old", "new")),
    "wheel: far timers come near": lambda: Spread(lambda w: w.expire(NOW + 150)),
}
