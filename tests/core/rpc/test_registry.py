"""Commands are found, checked and called; nothing they raise reaches a transport unexplained."""

from collections.abc import Iterator
from typing import Any

import pytest

from kahea.core.rpc import registry


@pytest.fixture
def add() -> Iterator[Any]:
    names: list[str] = []

    def register(name: str, function: Any, mi_names: tuple[str, ...] = ()) -> None:
        registry.register_rpc(name, function, "for a test", mi_names)
        names.append(name)

    yield register
    for name in names:
        registry.unregister_rpc(name)


def test_command_gets_its_parameters(add: Any) -> None:
    add("unit.sum", lambda a, b=1: a + b)
    assert (registry.call("unit.sum", [2, 3]), registry.call("unit.sum", [2])) == (5, 3)


def test_missing_parameters_are_400(add: Any) -> None:
    add("unit.sum", lambda a, b=1: a + b)
    with pytest.raises(registry.RpcError) as caught:
        registry.call("unit.sum", [])
    assert caught.value.code == 400


def test_further_parameters_are_ignored(add: Any) -> None:
    add("unit.sum", lambda a, b=1: a + b)
    assert registry.call("unit.sum", [1, 2, 3]) == 3


def test_unknown_command_is_500_as_in_kamailio() -> None:
    with pytest.raises(registry.RpcError) as caught:
        registry.call("unit.nosuch")
    assert (caught.value.code, caught.value.text) == (500, "Method Not Found")


def test_bug_in_a_command_becomes_a_fault(add: Any, capfd: pytest.CaptureFixture[str]) -> None:
    add("unit.broken", lambda: 1 // 0)
    with pytest.raises(registry.RpcError, match="ZeroDivisionError"):
        registry.call("unit.broken")
    assert "Traceback" in capfd.readouterr().err


def test_name_can_be_taken_once(add: Any) -> None:
    add("unit.once", lambda: None, ("unit_once",))
    with pytest.raises(ValueError):
        add("unit.once", lambda: None)
    assert registry.find_mi("unit_once") is registry.find_rpc("unit.once")


def typed(number: int, name: str = "", *more: int) -> list[Any]:
    return [number, name, *more]


def test_annotated_parameters_get_their_type(add: Any) -> None:
    add("unit.typed", typed)
    assert registry.call("unit.typed", ["5", 1001, 2.0]) == [5, "1001", 2]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (["x"], "error at parameter 0: expected integer type but record doesn't match type"),
        ([1, "a", 2.5], "error at parameter 2: expected integer type but record doesn't match type"),
    ],
)
def test_what_has_not_the_type_is_the_callers_fault(add: Any, params: list[Any], text: str) -> None:
    add("unit.typed", typed)
    with pytest.raises(registry.RpcError) as caught:
        registry.call("unit.typed", params)
    assert (caught.value.code, caught.value.text) == (400, text)
