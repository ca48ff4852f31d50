"""binrpc on the wire: what Kamailio and kamcmd have sent, and anything that can be said."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.modules.ctl import packet

KINDS = {"request": packet.REQUEST, "reply": packet.REPLY, "fault": packet.FAULT}
CAPTURED = [
    line.split("\t")
    for line in (Path(__file__).parent / "packets.tsv").read_text().splitlines()
    if not line.startswith("#")
]


def plain(value: Any) -> Any:
    """Structs as dicts."""
    if isinstance(value, packet.Struct):
        return {name: plain(item) for name, item in value}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("kind", "data", "values"), CAPTURED)
def test_captured_packets_are_read_and_written(kind: str, data: str, values: str) -> None:
    raw = bytes.fromhex(data)
    found, used = packet.cut(raw)
    assert found is not None and used == len(raw)
    assert found.kind == KINDS[kind]
    assert [plain(value) for value in packet.decode(found.body)] == json.loads(values)
    body = b"".join(map(packet.encode_value, json.loads(values)))
    assert packet.encode(KINDS[kind], found.cookie, body) == raw


texts = st.text(st.characters(codec="utf-8"), max_size=300)
scalars = st.one_of(
    st.none(), texts, st.integers(packet.INT_MIN, packet.INT_MAX), st.binary(max_size=300),
    st.integers(-(1 << 20), 1 << 20).map(lambda n: n / 8),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(texts, inner), max_size=4).map(packet.Struct),
    max_leaves=20,
)


@given(st.lists(values, max_size=5), st.binary(min_size=1, max_size=4), st.sampled_from(list(KINDS.values())))
def test_what_is_written_is_read_again(items: list[Any], cookie: bytes, kind: int) -> None:
    data = packet.encode(kind, cookie, b"".join(map(packet.encode_value, items)))
    for cut in {0, 1, 2, 3, len(data) - 1}:
        assert packet.cut(data[:cut]) == (None, 0)
    found, used = packet.cut(data + b"more")
    assert found is not None and used == len(data) and (found.kind, found.cookie) == (kind, cookie)
    assert packet.decode(found.body) == items


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (packet.decode, packet.decode_call):
        try:
            read(body)
        except packet.BadPacket as error:
            assert str(error)


def test_numbers_that_kamcmd_cannot_read_are_texts() -> None:
    for value in (1 << 31, -(1 << 31) - 1, 4294967295, float("inf"), 3e6):
        assert packet.decode(packet.encode_value(value)) == [str(value)]
    assert packet.decode(packet.encode_value(0.0015)) == [0.001]


def test_long_integers_are_read() -> None:
    assert packet.decode(bytes.fromhex("500102030405")) == [0x0102030405]
    assert packet.decode(bytes.fromhex("9008fffffffffffffffe")) == [-2]


def test_depth_has_a_limit() -> None:
    deep: Any = []
    for _ in range(packet.DEPTH_MAX):
        deep = [deep]
    with pytest.raises(ValueError, match="within one another"):
        packet.encode_value(deep)
    with pytest.raises(packet.BadPacket, match="within one another"):
        packet.decode(b"\x04" * 100_000)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", "bad request method: end of packet encountered"),
        ("1005", "bad request method: record doesn't match type"),
        ("216100 03 83", "error at parameter 0: a parameter is no structure"),
        ("216100 84", "error at parameter 0: a parameter is no array"),
        ("21610036616263", "error at parameter 0: a parameter is no bytes array"),
        ("216100100539616263", "error at parameter 1: bad record"),
        ("216100716162", "error at parameter 0: end of packet encountered"),
    ],
)
def test_the_caller_is_told_what_is_wrong_with_a_request(body: str, text: str) -> None:
    with pytest.raises(packet.BadPacket) as caught:
        packet.decode_call(bytes.fromhex(body))
    assert str(caught.value) == text
