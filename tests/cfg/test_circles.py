"""Which routes may reach themselves: only those count their depth."""

import pytest

from kahea.cfg.compile.compiler import in_circles


@pytest.mark.parametrize(
    ("graph", "wanted"),
    [
        ({"a": {"b"}, "b": set()}, set()),
        ({"a": {"a"}}, {"a"}),
        ({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}, {"b", "c"}),
        ({"a": {"*"}, "*": {"a"}}, {"a", "*"}),
        ({"main": {"*"}, "*": {"a"}, "a": set()}, set()),
        ({"a": {"a", "b"}, "b": {"c"}, "c": {"c"}}, {"a", "c"}),  # b lies between two circles
    ],
)
def test_what_lies_in_a_circle(graph: dict[str, set[str]], wanted: set[str]) -> None:
    assert in_circles(graph) == wanted
