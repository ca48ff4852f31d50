"""The dialect of Kamailio's JSON-RPC: what is answered, how, and what is not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kahea.core.rpc import registry
from kahea.modules.jsonrpcs import document


@pytest.fixture(autouse=True)
def commands() -> Iterator[None]:
    def fail() -> None:
        raise registry.RpcError(404, "nothing there")

    registry.register_rpc("unit.echo", lambda *values: list(values), "")
    registry.register_rpc("unit.none", lambda: None, "")
    registry.register_rpc("unit.bytes", lambda: {"aor": b"al\xc3\xadce", "raw": b"\xff"}, "")
    registry.register_rpc("unit.fail", fail, "")
    yield
    for name in ("unit.echo", "unit.none", "unit.bytes", "unit.fail"):
        registry.unregister_rpc(name)


def ask(**request: Any) -> Any:
    reply = document.handle(json.dumps({"jsonrpc": "2.0", **request}).encode())
    assert reply is not None
    return reply.document


def test_result_and_id_come_back() -> None:
    assert ask(method="unit.echo", params=["a", 1, 2.5], id=7) == {"jsonrpc": "2.0", "result": ["a", 1, 2.5], "id": 7}


def test_object_members_are_positional() -> None:
    assert ask(method="unit.echo", params={"x": "a", "y": 2})["result"] == ["a", 2]


def test_booleans_null_and_structures_are_not_passed_on() -> None:
    assert ask(method="unit.echo", params=[True, None, [1], {"a": 1}, "kept"])["result"] == ["kept"]


def test_command_that_adds_nothing_answers_an_empty_object() -> None:
    assert ask(method="unit.none")["result"] == {}


def test_request_without_id_is_answered_without_id() -> None:
    assert "id" not in ask(method="unit.none")


@pytest.mark.parametrize(
    ("method", "code", "message"),
    [("unit.fail", 404, "nothing there"), ("unit.nosuch", 500, "Method Not Found"), (5, 400, "Invalid Request")],
)
def test_fault_carries_the_rpc_code(method: Any, code: int, message: str) -> None:
    answer = ask(method=method, id="x")
    assert answer == {"jsonrpc": "2.0", "error": {"code": code, "message": message}, "id": "x"}


def test_bytes_become_text() -> None:
    assert ask(method="unit.bytes")["result"] == {"aor": "alíce", "raw": "ÿ"}


@pytest.mark.parametrize("data", [b"", b"{", b"nonsense", b"5", b"[]", b"[" * 100_000])
def test_what_is_no_request_gets_no_answer(data: bytes) -> None:
    assert document.handle(data) is None


def test_batch_is_answered_as_a_batch() -> None:
    reply = document.handle(b'[{"method":"unit.none","id":1},{"method":"unit.fail","id":2}]')
    assert reply is not None and isinstance(reply.document, list)
    assert [entry["id"] for entry in reply.document] == [1, 2]


def test_pretty_form_uses_tabs_as_kamailio() -> None:
    reply = document.handle(b'{"method":"unit.echo","params":["a"],"id":1}')
    assert reply is not None
    assert reply.encode(True) == b'{\n\t"jsonrpc":\t"2.0",\n\t"result":\t[\n\t\t"a"\n\t],\n\t"id":\t1\n}\n'
    assert reply.encode(False) == b'{"jsonrpc":"2.0","result":["a"],"id":1}'
