"""`parse_spec`: one occurrence of a pseudo-variable in the script, made into a getter and a setter at load.

$name   $name(inner)   $(name)   $(name(inner)[index]{class.transformation,param}...)
"""

from collections.abc import Callable, Sequence
from typing import Any

from ..log import logger
from .exports import ALL, ITERATE, Accessors, Getter, PvExport, Setter, Value
from .registry import find_pv

log = logger(__name__)
NAME_CHARS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.?")
MAX_NESTING = 32  # variables inside inner names and parameters of variables

Index = Any  # None, an int, ALL, ITERATE, or the PvSpec that gives it


class PvError(Exception):
    """A variable refuses a value; the sentence is logged, the script goes on."""


class PvSpec:
    """A parsed pseudo-variable. `get(msg)`; `set(msg, value)` or None; `values(msg)` all values, None without index.

    `type` is "int" or "str" when `get` never returns anything else. `cell` and `undefined` are those of `Accessors`.
    `name` is the text it was made from.
    """

    __slots__ = ("cell", "export", "get", "inner", "name", "set", "transformed", "type", "undefined", "values")

    def __init__(self, name: bytes, export: PvExport, inner: bytes | None, access: Accessors) -> None:
        self.name = name
        self.export = export
        self.inner = inner
        self.get: Getter = access.get
        self.set: Setter | None = _logged(name, access.set) if access.set is not None else None
        self.values = access.values
        self.type = access.kind
        self.cell, self.undefined = access.cell, access.undefined
        self.transformed = False

    def count(self, msg: Any) -> int:
        """How many values there are."""
        return len(self.values(msg)) if self.values is not None else int(self.get(msg) is not None)

    def __repr__(self) -> str:
        return f"PvSpec({self.name!r})"


def parse_spec(text: bytes) -> PvSpec:
    """The whole of `text` as one variable. ValueError or LookupError with a sentence."""
    text = text.strip()
    spec, end = spec_at(text, 0)
    if end != len(text):
        raise ValueError(f'"{text.decode("latin-1")}" is not one variable')
    return spec


def spec_at(text: bytes, at: int) -> tuple[PvSpec, int]:
    """The variable that begins at `text[at] == "$"`, and where it ends."""
    if text[at : at + 1] != b"$":
        raise ValueError(f'a variable begins with $: "{text[at:].decode("latin-1")}"')
    if Nesting.depth >= MAX_NESTING:
        raise ValueError("variables are nested too deeply")
    Nesting.depth += 1
    try:
        return _spec_at(text, at)
    finally:
        Nesting.depth -= 1


class Nesting:
    """How many variables are being parsed inside one another."""

    depth = 0


def _spec_at(text: bytes, at: int) -> tuple[PvSpec, int]:
    start, bracket = at, text[at + 1 : at + 2] == b"("
    name, at = _name(text, at + (2 if bracket else 1))
    export = find_pv(name)
    inner: bytes | None = None
    if text[at : at + 1] == b"(":
        inner, at = enclosed(text, at)
    index: Index = None
    if bracket and text[at : at + 1] == b"[":
        index, at = _index(text, at)
    access = _accessors(export, name, inner, index)
    spec = PvSpec(text[start:at] + (b")" if bracket else b""), export, inner, access)
    if bracket:
        at = _transformations(spec, text, at)
        spec.name = text[start:at]
    return spec, at


def _name(text: bytes, at: int) -> tuple[bytes, int]:
    end = at
    while end < len(text) and text[end] in NAME_CHARS:
        end += 1
    if end == at:
        raise ValueError(f'no name behind $ in "{text.decode("latin-1")}" (a single $ is written $$)')
    return text[at:end], end


def enclosed(text: bytes, at: int) -> tuple[bytes, int]:
    """What stands between the parenthesis at `at` and its counterpart, and the index behind that."""
    depth = 0
    for i in range(at, len(text)):
        c = text[i]
        if c == 0x28:
            depth += 1
        elif c == 0x29:
            depth -= 1
            if depth == 0:
                return text[at + 1 : i], i + 1
    raise ValueError(f'unclosed ( in "{text.decode("latin-1")}"')


def _index(text: bytes, at: int) -> tuple[Index, int]:
    end = at + 1
    if text[end : end + 1] == b"$":
        index: Index
        index, end = spec_at(text, end)
    else:
        end = text.find(b"]", at)
        index = parse_index(text[at + 1 : end]) if end > 0 else None
    if text[end : end + 1] != b"]":
        raise ValueError(f'unclosed [ in "{text.decode("latin-1")}"')
    return index, end + 1


def parse_index(text: bytes) -> Index:
    """The inside of `[...]`: an int, ALL, ITERATE, or a PvSpec."""
    text = text.strip()
    if text == b"*":
        return ALL
    if text == b"+":
        return ITERATE
    if text[:1] == b"$":
        return parse_spec(text)
    if not text.removeprefix(b"-").isdigit():
        raise ValueError(f'"[{text.decode("latin-1")}]" is not an index')
    return int(text)


def _transformations(spec: PvSpec, text: bytes, at: int) -> int:
    """Put the transformations that follow around `spec.get`; the index behind the closing parenthesis."""
    from .transform import transformation_at

    while True:
        c = text[at : at + 1]
        if c == b")":
            return at + 1
        if c == b"{":
            apply, at = transformation_at(text, at)
            spec.get, spec.set, spec.values, spec.type = apply(spec.get), None, None, ""
            spec.cell = None
            spec.transformed = True
        elif c in (b" ", b"\t") and spec.transformed:
            at += 1
        else:
            raise ValueError(f'")" is missing in "{text.decode("latin-1")}"')


# from an export to functions


def _accessors(export: PvExport, name: bytes, inner: bytes | None, index: Index) -> Accessors:
    shown = "$" + name.decode("latin-1")
    takes_inner = export.parse_name is not None or export.choices is not None
    if inner is not None and not takes_inner:
        raise ValueError(f"{shown} takes no inner name")
    if inner is None and takes_inner and not export.inner_optional:
        raise ValueError(f"{shown} needs an inner name: {shown}(...)")
    if inner is not None and not inner.strip():
        raise ValueError(f"the inner name of {shown}() is empty")
    if index is not None and export.values is None and export.bind is None:
        raise ValueError(f"{shown} takes no index")
    if export.choices is not None:
        return _chosen(export, shown, inner)
    param = export.parse_name(inner) if inner is not None and export.parse_name is not None else None
    if export.bind is not None:
        return export.bind(param, index)
    return _plain(export, param, index, takes_inner)


def _chosen(export: PvExport, shown: str, inner: bytes | None) -> Accessors:
    assert export.choices is not None
    key = (inner or b"").strip().decode("latin-1")
    choice = export.choices.get(key)
    if choice is None:
        names = ", ".join(export.choices)
        raise ValueError(f"{shown}({key}) does not exist; there are: {names}")
    get, put = choice if isinstance(choice, tuple) else (choice, None)
    return Accessors(get, put, kind=export.kind)


def _plain(export: PvExport, param: Any, index: Index, takes_inner: bool) -> Accessors:
    get, put, values = export.get, export.set, export.values
    if takes_inner:
        get = _with_param(get, param)
        put = _set_with_param(put, param)
        values = _with_param(values, param)
    if values is not None and (index is not None or get is None):
        get = indexed(values, index, export.join)
    assert get is not None
    return Accessors(get, put, values, export.kind)


def _with_param(function: Any, param: Any) -> Any:
    return None if function is None else lambda msg: function(msg, param)


def _set_with_param(function: Any, param: Any) -> Any:
    return None if function is None else lambda msg, value: function(msg, param, value)


def indexed(values: Callable[[Any], Sequence[Value]], index: Index, join: bytes) -> Getter:
    """A getter of one value of a list, or of all joined."""
    if index == ALL:

        def get_all(msg: Any) -> Value:
            found = values(msg)
            return (
                join.join(v if isinstance(v, bytes) else b"%d" % v for v in found if v is not None) if found else None
            )

        return get_all
    fixed = index_of(index)

    def get(msg: Any) -> Value:
        found = values(msg)
        n = fixed(msg)
        return found[n] if n is not None and -len(found) <= n < len(found) else None

    return get


def index_of(index: Index) -> Callable[[Any], int | None]:
    """A function of the message that gives the number of an index; None when its variable holds no number."""
    if isinstance(index, PvSpec):
        read = index.get

        def number(msg: Any) -> int | None:
            value = read(msg)
            return value if isinstance(value, int) else None

        return number
    constant = index if isinstance(index, int) else 0
    return lambda msg: constant


def _logged(name: bytes, put: Setter) -> Setter:
    def set_value(msg: Any, value: Value) -> int:
        try:
            put(msg, value)
        except PvError as error:
            log.error("%s: %s", name.decode("latin-1"), error)
            return -1
        return 1

    return set_value
