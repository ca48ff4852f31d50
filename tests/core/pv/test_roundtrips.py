"""Pairs of transformations undo each other, for any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.pv.exports import Value
from kahea.core.pv.registry import find_transformation
from kahea.core.pv.transformations.param import parse_list
from kahea.core.pv.transformations.s import select

PAIRS = [
    (f"s.encode.{name}", f"s.decode.{name}")
    for name in ("hexa", "base64", "base64t", "base64url", "base64urlt", "base58")
] + [("s.escape.user", "s.unescape.user"), ("s.escape.param", "s.unescape.param"),
     ("s.urlencode.param", "s.urldecode.param"), ("s.escape.common", "s.unescape.common")]  # fmt: skip


def apply(name: str, value: Value) -> Value:
    return find_transformation(name.encode()).function(value)


@pytest.mark.parametrize(("encode", "decode"), PAIRS)
@given(value=st.binary(max_size=200))
def test_pairs(encode: str, decode: str, value: bytes) -> None:
    assert apply(decode, apply(encode, value)) == value


@given(st.binary(max_size=100).map(lambda value: bytes(c & 0x7F for c in value)))
def test_seven_bits(value: bytes) -> None:
    back = apply("s.decode.7bit", apply("s.encode.7bit", value))
    assert isinstance(back, bytes)
    assert back.rstrip(b"\0") == value.rstrip(b"\0")


@given(st.lists(st.binary(max_size=5).filter(lambda b: b"," not in b), min_size=1, max_size=8))
def test_fields_of_a_list(fields: list[bytes]) -> None:
    text = b",".join(fields)
    assert [select(text, i, b",") for i in range(len(fields))] == fields
    assert select(text, -1, b",") == fields[-1]
    assert select(text, len(fields), b",") == b""


NAMES = st.from_regex(rb"[a-z]{1,5}", fullmatch=True)
VALUES = st.from_regex(rb"[A-Za-z0-9]{0,6}", fullmatch=True)


@given(st.dictionaries(NAMES, VALUES, min_size=1))
def test_parameter_lists(items: dict[bytes, bytes]) -> None:
    text = b";".join(name + b"=" + value for name, value in items.items())
    assert dict(parse_list(text)) == items
