"""The old line protocol, on bytes."""

from collections.abc import Iterator

import pytest

from kahea.core.rpc import registry
from kahea.modules.ctl import lines


@pytest.fixture(autouse=True)
def commands() -> Iterator[None]:
    registry.register_rpc("unit.echo", lambda *values: list(values), "")
    registry.register_rpc("unit.none", lambda: None, "")
    registry.register_rpc("unit.deep", lambda: {"a": {"b": 1, "c": [{"d": 2}, {"d": 3}]}, "n": None, "f": 0.5}, "")
    yield
    for name in ("unit.echo", "unit.none", "unit.deep"):
        registry.unregister_rpc(name)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b":unit.none:\n\n", b"200 OK\n"),
        (b":unit.echo:x\na\nb c\n\n", b"200 OK\na\nb c\n"),
        (b":unit.echo:x\r\na:b,c\\\tt\r\n\r\n", b"200 OK\na\\ob\\cc\\\\\\tt\n"),
        (b":unit.deep:\n\n", b"200 OK\na.b:1,a.c.d:2,a.c.d:3,n:,f:0.500000\n"),
        (b":unit.nosuch:\n\n", b"500 Command 'unit.nosuch' not found\n"),
        (b":unit.none:\nx\n\n", b"200 OK\n"),
        (b"nonsense\n\n", b""),
    ],
)
def test_requests(request_: bytes, answer: bytes) -> None:
    assert lines.take(bytearray(request_ + b":next")) == (answer, len(request_))


def test_unfinished_request_waits() -> None:
    assert lines.take(bytearray(b":unit.echo:\na\n")) == (b"", 0)


def test_endless_request_ends_the_connection() -> None:
    with pytest.raises(lines.Closing):
        lines.take(bytearray(b"x" * (lines.REQUEST_MAX + 1)))
