"""Parsing and applying `{class.name,param,...}`.

Each parameter is read as its transformation declares it, so that a separator may be any byte, the closing brace too.
Undefined in gives undefined out, without calling the function; a function that raises ValueError gives undefined.
"""

from collections.abc import Callable
from typing import Any

from ..log import logger
from .exports import Char, Getter, Number, TransformationExport, TrParam, Value
from .registry import find_transformation
from .spec import PvSpec, spec_at

log = logger(__name__)
MAX_VALUE = 65536  # bytes of a value that a transformation takes

_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}
_NAME_END = (b",", b"}", b"")

Apply = Callable[[Getter], Getter]


def transformation_at(text: bytes, at: int) -> tuple[Apply, int]:
    """The transformation whose brace opens at `at`: a function from getter to getter, and where it ends."""
    end = at + 1
    while text[end : end + 1] not in _NAME_END:
        end += 1
    export = find_transformation(text[at + 1 : end].rstrip())
    args, end = _params(export, text, end)
    if text[end : end + 1] != b"}":
        raise ValueError(f'"}}" is missing or too many parameters in "{text[at:].decode("latin-1")}"')
    return _apply(export, args), end + 1


def _params(export: TransformationExport, text: bytes, at: int) -> tuple[list[Any], int]:
    args: list[Any] = []
    for i, kind in enumerate(export.params):
        if text[at : at + 1] != b",":
            if len(export.params) - i > export.optional:
                raise ValueError(f"{{{export.name}}} needs {len(export.params) - export.optional} parameter(s)")
            break
        last = i == len(export.params) - 1
        value, at = _param(export, kind, text, at + 1, last)
        args.append(value)
    return args, at


def _param(export: TransformationExport, kind: TrParam, text: bytes, at: int, last: bool) -> tuple[Any, int]:
    if kind is Char:
        return _char(text, at)
    if kind is Number:
        while text[at : at + 1] in (b" ", b"\t"):
            at += 1
    if text[at : at + 1] == b"$":
        value: Any
        value, at = spec_at(text, at)
    else:
        end = _text_end(text, at, last)
        value, at = text[at:end], end
        if kind is Number:
            value = value.strip()
            if not value.removeprefix(b"-").isdigit():
                raise ValueError(f'{{{export.name}}} takes a number, not "{value.decode("latin-1")}"')
            value = int(value)
    while kind is Number and text[at : at + 1] in (b" ", b"\t"):
        at += 1
    return value, at


def _char(text: bytes, at: int) -> tuple[bytes, int]:
    c = text[at : at + 1]
    if c == b"\\" and text[at + 1 : at + 2] in _ESCAPED:
        return _ESCAPED[text[at + 1 : at + 2]], at + 2
    if c == b"$" and text[at + 1 : at + 2] not in (b"}", b""):
        raise ValueError("a separator is one character")
    return c, at + 1


def _text_end(text: bytes, at: int, last: bool) -> int:
    depth = 0
    for i in range(at, len(text)):
        c = text[i]
        if c == 0x7B:
            depth += 1
        elif c == 0x7D:
            if depth == 0:
                return i
            depth -= 1
        elif c == 0x2C and depth == 0 and not last:
            return i
    raise ValueError(f'unclosed {{ in "{text.decode("latin-1")}"')


# applying


def _apply(export: TransformationExport, args: list[Any]) -> Apply:
    constant = not any(isinstance(a, PvSpec) for a in args)
    if export.prepare is not None and constant:
        function: Any = export.prepare(*args)
        args = []
    else:
        function = export.function
    resolve = None if constant else _resolver(export, args)
    fixed = tuple(args)
    wants, with_msg, name = export.wants, export.with_msg, export.name

    def apply(read: Getter) -> Getter:
        def get(msg: Any) -> Value:
            value = read(msg)
            if wants != "any":
                if value is None:
                    return None
                if not isinstance(value, bytes):
                    value = b"%d" % value
                if len(value) >= MAX_VALUE:
                    return None
            try:
                values = fixed if resolve is None else resolve(msg)
                return function(msg, value, *values) if with_msg else function(value, *values)
            except ValueError as error:
                log.debug("{%s} failed: %s", name, error)
                return None

        return get

    return apply


def _resolver(export: TransformationExport, args: list[Any]) -> Callable[[Any], list[Any]]:
    """A function that reads those parameters which are variables."""

    def resolve(msg: Any) -> list[Any]:
        found: list[Any] = []
        for kind, arg in zip(export.params, args, strict=False):
            if isinstance(arg, PvSpec):
                arg = arg.get(msg)
                if kind is Number and not isinstance(arg, int):
                    raise ValueError("a parameter is no number")
                if kind is not Number:
                    arg = b"" if arg is None else arg if isinstance(arg, bytes) else b"%d" % arg
            found.append(arg)
        return found

    return resolve
