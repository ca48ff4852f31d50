"""Runtime values: declared once, set for all processes, taken over between two messages."""

import os

import pytest

from kahea.core import runtime


def test_another_process_takes_the_new_value_over() -> None:
    seen: list[runtime.Value] = []
    number = runtime.declare("unit", "number", 5, "a number", seen.append)
    text = runtime.declare("unit", "text", b"old")
    pid = os.fork()
    if pid == 0:
        runtime.set_values({("unit", "number"): -7, ("unit", "text"): b"new"})
        os._exit(0)
    os.waitpid(pid, 0)
    assert (number.value, text.value) == (5, b"old")
    runtime.sync()
    assert (number.value, text.value, seen) == (-7, b"new", [-7])


def test_wrong_type_or_size_changes_nothing() -> None:
    variable = runtime.declare("unit", "name", b"kept")
    for value in (5, b"x" * 300):
        with pytest.raises((TypeError, ValueError)):
            runtime.set_values({("unit", "name"): value})
    assert variable.value == b"kept"


def test_nothing_is_taken_over_while_somebody_writes() -> None:
    variable = runtime.declare("unit", "half", 1)
    runtime.generation[0] += 1
    runtime.store(variable, 2)
    runtime.sync()
    assert variable.value == 1
    runtime.generation[0] += 1
    runtime.sync()
    assert variable.value == 2
