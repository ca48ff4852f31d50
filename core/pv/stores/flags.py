"""Flags: of the message ($mf, kept by the transaction), of the first branch ($bf), of this run of the script ($sf).

Each in decimal, as 8 hexadecimal digits ($mF $bF $sF), and one by one ($Mf(n) $Bf(n) $Sf(n)).
"""

from collections.abc import Callable
from typing import Any

from ..exports import PvExport, Value
from ..spec import PvError

ALL_BITS = 0xFFFFFFFF
FLAG_COUNT = 32


class ScriptFlags:
    """Flags of the top-level block that runs; who starts one zeroes them."""

    __slots__ = ("bits",)

    def __init__(self) -> None:
        self.bits = 0


script_flags = ScriptFlags()  # of this process


def _get_message(msg: Any) -> int:
    return msg.flags


def _put_message(msg: Any, bits: int) -> None:
    msg.flags = bits


def _get_branch(msg: Any) -> int:
    return int(msg.edits.bflags)


def _put_branch(msg: Any, bits: int) -> None:
    msg.edits.bflags = bits


def _get_script(msg: Any) -> int:
    return script_flags.bits


def _put_script(msg: Any, bits: int) -> None:
    script_flags.bits = bits


def parse_flag(text: bytes) -> int:
    """The number of a flag."""
    if not text.strip().isdigit() or int(text) >= FLAG_COUNT:
        raise ValueError("flags have the numbers 0 to 31")
    return int(text)


def _family(letter: str, get: Callable[[Any], int], put: Callable[[Any, int], None]) -> tuple[PvExport, ...]:
    def set_all(msg: Any, value: Value) -> None:
        if not isinstance(value, int):
            raise PvError("flags take numbers only")
        put(msg, value & ALL_BITS)

    def get_one(msg: Any, flag: int) -> Value:
        return get(msg) >> flag & 1

    def set_one(msg: Any, flag: int, value: Value) -> None:
        if not isinstance(value, int):
            raise PvError("flags take numbers only")
        put(msg, get(msg) | 1 << flag if value else get(msg) & ~(1 << flag))

    return (
        PvExport(f"{letter}f", get=get, set=set_all, kind="int"),
        PvExport(f"{letter}F", get=lambda msg: b"%08x" % get(msg), set=set_all, kind="str"),
        PvExport(f"{letter.upper()}f", parse_name=parse_flag, get=get_one, set=set_one, kind="int"),
    )


FLAGS = (
    *_family("m", _get_message, _put_message),
    *_family("b", _get_branch, _put_branch),
    *_family("s", _get_script, _put_script),
)
