"""Runtime values: declared once, set for all processes, taken over between two messages."""

import os
from collections.abc import Callable

import pytest

from kahea.core import runtime


def in_another_process(function: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        function()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def test_another_process_takes_the_new_value_over() -> None:
    seen: list[runtime.Value] = []
    number = runtime.declare("unit", "number", 5, "a number", seen.append)
    text = runtime.declare("unit", "text", b"old")
    in_another_process(lambda: runtime.set_values({("unit", "number"): -7, ("unit", "text"): b"new"}))
    assert (number.value, text.value) == (5, b"old")
    runtime.sync()
    assert (number.value, text.value, seen) == (-7, b"new", [-7])


def test_group_is_told_once_after_all_its_values() -> None:
    told: list[tuple[runtime.Value, runtime.Value]] = []
    a, b = runtime.declare("unit2", "a", 1), runtime.declare("unit2", "b", 1)
    runtime.on_group_change("unit2", lambda: told.append((a.value, b.value)))
    runtime.set_values({("unit2", "a"): 2, ("unit2", "b"): 3})
    runtime.set_values({("unit2", "a"): 2})
    assert told == [(2, 3)]


@pytest.mark.parametrize("value", [5, b"x" * (runtime.TEXT_MAX + 1)])
def test_wrong_type_or_size_changes_nothing(value: runtime.Value) -> None:
    variable = runtime.declare("unit", "name", b"kept")
    with pytest.raises((TypeError, ValueError)):
        runtime.set_values({("unit", "name"): value})
    assert variable.value == b"kept"


@pytest.mark.parametrize("value", [0, 11, b"5"])
def test_limits_are_kept(value: runtime.Value) -> None:
    variable = runtime.declare("unit", "limited", 5, limits=(1, 10))
    with pytest.raises((TypeError, ValueError)):
        runtime.set_values({("unit", "limited"): value})
    assert variable.value == 5


def test_nothing_changes_when_the_record_gets_too_big() -> None:
    variable = runtime.declare("unit", "big", b"small")
    with pytest.raises(ValueError, match="no room"), runtime.changing() as state:
        state.values["unit", None, "big"] = b"x" * runtime.STATE_MAX
    runtime.sync()
    assert variable.value == b"small"


def test_writer_that_dies_changes_nothing_and_stops_nobody() -> None:
    variable = runtime.declare("unit", "cut", 1)
    pid = os.fork()
    if pid == 0:
        with runtime.changing() as state:
            state.values["unit", None, "cut"] = 2
            os._exit(0)
    os.waitpid(pid, 0)
    runtime.sync()
    assert variable.value == 1
    runtime.set_values({("unit", "cut"): 3})
    assert variable.value == 3


def test_writers_take_turns() -> None:
    variable = runtime.declare("unit", "turns", 0)

    def add() -> None:
        for _ in range(50):
            with runtime.changing() as state:
                state.values["unit", None, "turns"] = int(state.value(variable)) + 1

    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            add()
            os._exit(0)
        children.append(pid)
    add()
    for pid in children:
        os.waitpid(pid, 0)
    runtime.sync()
    assert variable.value == 200


def test_instance_holds_until_the_next_message() -> None:
    seen: list[runtime.Value] = []
    variable = runtime.declare("unit3", "n", 1, on_change=seen.append)
    other = runtime.declare("unit3", "m", 10)
    with runtime.changing() as state:
        state.instances.add(("unit3", 5))
        state.values["unit3", 5, "n"] = 2
    assert not runtime.select("unit3", 6)
    assert runtime.select("unit3", 5)
    assert (variable.value, other.value, runtime.selected("unit3")) == (2, 10, 5)
    runtime.sync()
    assert (variable.value, runtime.selected("unit3"), seen) == (1, None, [2, 1])
    assert runtime.select("unit3", 5) and runtime.unselect("unit3") and not runtime.unselect("unit3")
    assert seen == [2, 1, 2, 1]


def test_declaring_again_forgets_what_was_set() -> None:
    runtime.declare("unit", "again", 1)
    runtime.set_values({("unit", "again"): 2})
    again = runtime.declare("unit", "again", 3)
    runtime.sync()
    assert again.value == 3
