"""Proves a structure of shared memory repairable: an operation is killed at every step n = 1, 2, ... of the kernel.

Runs in the fault-injection build (src/fault.h), a scenario a process: `python -m kahea.tests.fault.steps NAME`. Each
step has a fresh segment, unless the scenario leaves it as it found it. The dead process is either reaped by main at
once, or another process uses the structure first and finds the locks of the dead; and whoever repairs may be killed as
well.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from typing import Any

from kahea.src.native import ffi, lib
from kahea.tests.support.segment import SIZE, Child, run_isolated

STEPS_MAX = 5000  # an operation with more kernel steps than this is a loop
NESTED_STRIDE = 7  # every so many times the other process is killed too


class Scenario:
    """One operation on one structure. Subclasses fill a segment, act in a child, and judge what is left."""

    other_stride = 1  # every so many steps another process comes before the reaper
    fresh = True  # a segment a step; False: `judge` sees to it that nothing is left, so one serves all

    def prepare(self) -> None:
        """Main process, fresh segment."""

    def act(self) -> None:
        """The child that is killed somewhere inside."""
        raise NotImplementedError

    def again(self) -> None:
        """Another process, before the dead one is reaped: uses the same structure. By default it acts too."""
        self.act()

    def judge(self, completed: bool) -> None:
        """Main process, all dead reaped: assert that nothing is lost or stuck. `completed`: it was not killed."""
        raise NotImplementedError


def child_of(body: Callable[[], Any], fatal: int) -> Child:
    def run() -> None:
        lib.kh_fault_after(fatal)
        body()
        lib.kh_fault_after(0)

    return Child(run)


def one_step(make: Callable[[], Scenario], n: int, other: bool, nested: int) -> bool:
    """Kill at step n; whether the operation was through before. In the process of a fresh segment."""
    scenario = make()
    scenario.prepare()
    victims = [child_of(scenario.act, n)]
    code = victims[0].wait()
    assert code in (0, -9), f"the operation itself failed with {code}"
    if other and code:
        for fatal in (nested, 0) if nested else (0,):
            victims.append(child_of(scenario.again, fatal))
            assert victims[-1].wait() in ((0, -9) if fatal else (0,))
    for victim in victims:
        victim.reap()
    scenario.judge(completed=code == 0 and len(victims) == 1)
    assert lib.kh_shm_check(ffi.NULL) == 0
    assert all(lib.kh_shm_owned(victim.slot) == 0 for victim in victims)
    return code == 0


def variants(n: int, stride: int) -> Iterator[tuple[bool, int]]:
    yield False, 0
    if n % stride:
        return
    yield True, 0
    if n // stride % NESTED_STRIDE == 1:
        for nested in (1, 2, 3, 5, 8, 13, 21):
            yield True, nested


def every_step(make: Callable[[], Scenario]) -> int:
    """The number of steps of the operation, each survived."""
    scenario = make()
    survived = killed_in_fresh if scenario.fresh else killed_here
    for n in range(1, STEPS_MAX):
        for other, nested in variants(n, scenario.other_stride):
            if not survived(make, n, other, nested):
                return n - 1
    raise AssertionError(f"no end after {STEPS_MAX} steps")


class KilledError(Exception):
    """How the process of one step says that the operation did not get through; all is well."""


def killed_here(make: Callable[[], Scenario], n: int, other: bool, nested: int) -> bool:
    """As killed_in_fresh, in this process and its segment."""
    lib.kh_shm_init(-1, SIZE, lib.KH_SHM_FRESH)
    try:
        return not one_step(make, n, other, nested)
    except AssertionError as error:
        raise AssertionError(f"step {n}, other={other}, nested={nested}: {error}") from error


def killed_in_fresh(make: Callable[[], Scenario], n: int, other: bool, nested: int) -> bool:
    """False when the operation got through: the last step is behind us."""

    def run() -> None:
        if not one_step(make, n, other, nested):
            raise KilledError

    try:
        run_isolated(run)
    except BaseException as error:
        if KilledError.__name__ in str(error).rstrip().splitlines()[-1]:
            return True
        raise AssertionError(f"step {n}, other={other}, nested={nested}: {error}") from None
    return False


def main() -> None:
    from . import scenarios

    name = sys.argv[1]
    gc.disable()
    gc.freeze()  # children share the pages
    assert lib.kh_fault_after(0) == lib.KH_OK
    steps = every_step(scenarios.ALL[name])
    assert steps > 0, "the operation has no step: is this the fault-injection build?"
    print(f"{name}: {steps} steps survived")


if __name__ == "__main__":
    main()
