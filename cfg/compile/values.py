"""Values of the script at run time: int32, bytes, None (undefined). The compiled routes call what is here.

Rules: cfg language of Kamailio 5.6; strings convert to int when they are a whole decimal or hexadecimal number in 32
bits, else to 0; undefined is 0 or the empty string.
"""

import functools
import re
from typing import Any, NoReturn

from ..regex import Regex, compile_regex

EXIT, RETURN, DROP, BREAK = 1, 2, 4, 8  # bits of `msg.act`
DROPPED = -0x80000000  # result of a route block that ended with drop

DYNAMIC_REGEXES = 256  # compiled patterns kept for `=~` with a pattern computed at run time

Value = bytes | int | None

_DECIMAL = re.compile(rb"[+-]?[0-9]{1,10}\Z")
_HEX = re.compile(rb"0[xX][0-9A-Fa-f]{1,8}\Z")


class ScriptExit(Exception):
    """Leaves the whole script from inside an expression; `code` is the result of the block."""

    def __init__(self, code: int) -> None:
        self.code = code


class EvalError(Exception):
    """An expression has no value: division by zero, a bad regex. The statement is skipped, the script goes on."""


class ScriptLog:
    """Where the running script reports; `core.script` replaces the functions. Never per packet above debug."""

    error: Any = staticmethod(lambda message: None)
    debug: Any = staticmethod(lambda message: None)
    latency: Any = staticmethod(lambda message: None)


def num(value: Value) -> int:
    """The value as an int."""
    if value.__class__ is int:
        return value
    if not value:
        return 0
    if isinstance(value, int):  # a bool from a sloppy module
        return int(value)
    if _DECIMAL.match(value):
        number = int(value)
        return number if -0x80000000 <= number <= 0x7FFFFFFF else 0
    if _HEX.match(value):
        return i32(int(value, 16))
    ScriptLog.debug(f"the string {value[:64]!r} is used as a number: 0")
    return 0


def text(value: Value) -> bytes:
    """The value as bytes; undefined is empty."""
    if value.__class__ is bytes:
        return value
    return b"" if value is None else str(int(value)).encode()


def show(value: Value) -> bytes:
    """The value inside a formatted string; undefined prints as `<null>`."""
    if value.__class__ is bytes:
        return value
    return b"<null>" if value is None else str(int(value)).encode()


def i32(value: int) -> int:
    """Wrap to 32 bits, as C on the machines Kamailio runs on."""
    return (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000


def add(left: Value, right: Value) -> Value:
    """`+`: the left side decides between addition and concatenation; undefined counts as a string."""
    if left.__class__ is int:
        return i32(left + num(right))
    return text(left) + text(right)


def eq(left: Value, right: Value) -> bool:
    """`==` of values whose types are not known before: the left side decides, if undefined the right side."""
    if left.__class__ is int:
        return left == num(right)
    if left is None and right.__class__ is int:
        return right == 0
    return text(left) == text(right)


def div(left: int, right: int) -> int:
    """`/`: truncates towards zero."""
    if not right:
        raise EvalError("division by zero")
    quotient = abs(left) // abs(right)
    return i32(quotient if (left < 0) == (right < 0) else -quotient)


def mod(left: int, right: int) -> int:
    """`mod`: the sign of the left side."""
    if not right:
        raise EvalError("modulo by zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def shift_left(left: int, right: int) -> int:
    """`<<` of a 32-bit register: the count is taken modulo 32."""
    return i32(left << (right & 31))


def shift_right(left: int, right: int) -> int:
    """`>>`, arithmetic."""
    return left >> (right & 31)


@functools.lru_cache(DYNAMIC_REGEXES)
def _dynamic(pattern: bytes) -> Regex:
    return compile_regex(pattern)


def regex(pattern: bytes) -> Regex:
    """A regex argument computed at run time; EvalError when it is malformed."""
    try:
        return _dynamic(pattern)
    except ValueError as exc:
        raise EvalError(str(exc)) from None


def matches(data: bytes, pattern: bytes) -> bool:
    """`=~` with a pattern computed at run time."""
    return regex(pattern).pattern.search(data) is not None


def iequal(left: Value, right: Value) -> bool:
    """`method == x`, `uri == x`: without case; undefined on the right never equals."""
    return left is not None and right is not None and text(left).lower() == text(right).lower()


class ReadyText:
    """A text computed by the script where a function takes a format."""

    __slots__ = ("text",)

    def __init__(self, value: bytes) -> None:
        self.text = value

    def eval(self, msg: Any) -> bytes:
        """The text."""
        return self.text


def ready(value: bytes) -> ReadyText:
    """Wrap a computed text."""
    return ReadyText(value)


def stop(msg: Any) -> NoReturn:
    """A function returned 0: the script ends. Called as `f(msg) or stop(msg)`."""
    msg.act = EXIT
    raise ScriptExit(0)


def sub(msg: Any, route: Any) -> int:
    """Run a route inside an expression; its exit ends the script at once."""
    code: int = route(msg)
    if msg.act:
        raise ScriptExit(code)
    return code


def rc(msg: Any, code: int) -> int:
    """Remember a return code for `$rc`."""
    msg.rc = code
    return code


def leave(msg: Any, code: int) -> int:
    """`return` of a value computed at run time: 0 ends the whole script."""
    if not code:
        msg.act = EXIT
    return code


def failed(error: EvalError, line: int) -> int:
    """Report an expression that has no value; the result of the statement."""
    ScriptLog.error(f"line {line}: {error}")
    return -1


def runaway(limit: int, line: int) -> int:
    """Report a `while` that was stopped; the result of the statement."""
    ScriptLog.error(f"line {line}: while runs more than max_while_loops={limit} times: stopped")
    return -1


#: what every compiled script finds in its namespace
RUNTIME = {f.__name__: f for f in (
    num, text, show, i32, add, eq, div, mod, shift_left, shift_right, regex, matches, iequal, stop, sub, rc, leave,
    ready, failed, runaway, EvalError,
)}  # fmt: skip
