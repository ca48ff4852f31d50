"""`parse_format`: a text with pseudo-variables, split once at load."""

import re
from typing import Any

from .exports import Accessors, Value
from .spec import PvSpec, spec_at

MAX_VARIABLES = 1000  # in one text
_NAME = re.compile(rb"[A-Za-z_(?]")  # what may follow the $ of a variable


class Format:
    """A parsed text. `parts` are bytes and PvSpec in turn; `constant` when there is no PvSpec.

    Undefined prints as `<null>`, a transformation that failed as nothing.
    """

    __slots__ = ("constant", "eval", "parts", "source")

    def __init__(self, source: bytes, parts: list[Any]) -> None:
        self.source = source
        self.parts = parts
        self.constant = not any(isinstance(part, PvSpec) for part in parts)
        #: eval(msg) -> bytes: the text with the values of `msg` put in
        self.eval = self._eval_constant if self.constant else self._eval_one if len(parts) == 1 else self._eval

    def _eval_constant(self, msg: Any) -> bytes:
        return self.parts[0] if self.parts else b""

    def _eval_one(self, msg: Any) -> bytes:
        return show(self.parts[0].get(msg))

    def _eval(self, msg: Any) -> bytes:
        return b"".join([part if part.__class__ is bytes else show(part.get(msg)) for part in self.parts])

    def __repr__(self) -> str:
        return f"Format({self.source!r})"


def show(value: Value) -> bytes:
    """A value inside a text."""
    if isinstance(value, bytes):
        return value
    return b"<null>" if value is None else b"%d" % value


def parse_format(text: bytes) -> Format:
    """Split `text` at its variables; `$$` is a dollar sign, as is a `$` that begins no name (Kamailio refuses that).

    ValueError or LookupError with a sentence."""
    parts: list[Any] = []
    literal = bytearray()
    at = 0
    while (dollar := text.find(b"$", at)) >= 0:
        literal += text[at:dollar]
        after = text[dollar + 1 : dollar + 2]
        if after == b"$" or not _NAME.match(after):
            literal += b"$"
            at = dollar + (2 if after == b"$" else 1)
            continue
        if len(parts) > 2 * MAX_VARIABLES:
            raise ValueError(f"more than {MAX_VARIABLES} variables in one text")
        spec, at = spec_at(text, dollar)
        if literal:
            parts.append(bytes(literal))
            literal.clear()
        parts.append(_printed(spec) if spec.transformed else spec)
    literal += text[at:]
    if literal:
        parts.append(bytes(literal))
    return Format(text, parts)


def _printed(spec: PvSpec) -> PvSpec:
    """The variable as it shows in a text: nothing where a transformation failed."""
    read = spec.get

    def get(msg: Any) -> Value:
        value = read(msg)
        return b"" if value is None else value

    printed = PvSpec(spec.name, spec.export, spec.inner, Accessors(get))
    printed.transformed = True
    return printed
