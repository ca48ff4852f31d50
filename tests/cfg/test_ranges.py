"""Bounds hold whatever the numbers within them are."""

import contextlib
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from kahea.cfg.compile.emit_ops import ARITHMETIC, RELATIONS
from kahea.cfg.compile.ranges import ANY_INT, I32, OPPOSITE, RESULTS, Range, compared, hull, widened
from kahea.cfg.compile.values import EvalError, add

EDGES = (0, 1, -1, 2, 31, 32, -32, 99, 100, I32[0], I32[0] + 1, I32[1] - 1, I32[1], I32[1] + 1, 1 << 40)
FUNCTIONS: dict[str, Any] = {op: function for op, (_, function) in ARITHMETIC.items()} | {"+": add}
COMPARED: dict[str, Any] = RELATIONS | {"==": lambda a, b: a == b, "!=": lambda a, b: a != b}
INTS = st.sampled_from(EDGES) | st.integers(-200, 200) | st.integers(*I32)


@st.composite
def within(draw: Any) -> tuple[Range, int]:
    """Bounds, and a number within them."""
    low, value, high = sorted(draw(st.tuples(INTS, INTS, INTS)))
    return (low, high), value


@given(st.sampled_from(sorted(RESULTS)), within(), within())
def test_a_result_is_within_the_bounds_that_its_operator_gives(op: str, left: Any, right: Any) -> None:
    with contextlib.suppress(EvalError):
        result = FUNCTIONS[op](left[1], right[1])
        low, high = RESULTS[op](left[0], right[0])
        assert low <= result <= high


@given(st.sampled_from(sorted(OPPOSITE)), within(), within())
def test_a_true_comparison_keeps_the_numbers_that_make_it_true(op: str, left: Any, right: Any) -> None:
    assume(COMPARED[op](left[1], right[1]))
    sides = compared(left[0], op, right[0])
    assert sides is not None
    for (low, high), (_, value) in zip(sides, (left, right), strict=True):
        assert low <= value <= high


@given(st.sampled_from(sorted(OPPOSITE)), INTS, INTS)
def test_opposites_are_true_in_turn(op: str, left: int, right: int) -> None:
    assert COMPARED[op](left, right) != COMPARED[OPPOSITE[op]](left, right)


@given(within(), st.lists(within(), min_size=1, max_size=9))
def test_widening_holds_everything_and_comes_to_rest_after_four_steps(start: Any, more: list[Any]) -> None:
    known, changes = start[0], 0
    for bounds, value in more:
        wider = widened(known, hull(known, bounds))
        changes += wider != known
        known = wider
        assert known[0] <= value <= known[1]
    assert changes <= 4
    assert ANY_INT[0] <= known[0] and known[1] <= ANY_INT[1]
