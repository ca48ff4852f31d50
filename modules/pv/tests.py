"""Questions about the value of a variable, and removing it."""

from collections.abc import Callable
from typing import Any

from ...core.pv import PvSpec, parse_format

_DIGITS = frozenset(b"0123456789")
_TYPES: dict[bytes, Callable[[Any], bool]] = {
    b"int": lambda value: isinstance(value, int),
    b"str": lambda value: isinstance(value, bytes),
    b"null": lambda value: value is None,
}


def pv_isset(msg: Any, pv: PvSpec) -> int:
    """Has it a value?"""
    return -1 if pv.get(msg) is None else 1


def pv_unset(msg: Any, pv: PvSpec) -> int:
    """As an assignment of $null."""
    assert pv.set is not None
    pv.set(msg, None)
    return 1


def is_int(msg: Any, pv: PvSpec) -> int:
    """Is it a number, or a text that is one?"""
    value = pv.get(msg)
    if isinstance(value, int):
        return 1
    digits = (value or b"").removeprefix(b"-")
    return 1 if digits and _DIGITS.issuperset(digits) else -1


def typeof(msg: Any, pv: PvSpec, kind: bytes) -> int:
    """Is it an int, a str, or null?"""
    test = _TYPES.get(kind)
    return 1 if test is not None and test(pv.get(msg)) else -1


def type_test(pv: PvSpec, kind: bytes) -> Callable[[Any], int]:
    """The same with the type looked up at load."""
    test = _TYPES.get(kind)
    if test is None:
        raise ValueError("the type is int, str or null")
    read = pv.get
    return lambda msg: 1 if test(read(msg)) else -1


def not_empty(msg: Any, pv: PvSpec) -> int:
    """Is it a text of at least one byte?"""
    value = pv.get(msg)
    return 1 if isinstance(value, bytes) and value else -1


def pv_evalx(msg: Any, pv: PvSpec, text: bytes) -> int:
    """Evaluate the text once more and store the result; -1 when it holds no valid variables."""
    assert pv.set is not None
    try:
        value = parse_format(text).eval(msg)
    except (ValueError, LookupError):
        return -1
    pv.set(msg, value)
    return 1
