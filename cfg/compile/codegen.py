"""Building blocks of the compiler: lines of Python, the lines of kamailio.cfg they stand for, the names they use."""

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from ..errors import ConfigError
from ..source import Pos
from .values import RUNTIME

# static types: int, bytes, one of these two, those or None, a Python condition
INT, STRING, SOME, ANY, BOOL = "int", "str", "some", "any", "bool"


@dataclass(frozen=True, slots=True)
class Code:
    """A Python expression. `type` is what it yields; `const` is its value when that is known at load."""

    text: str
    type: str
    const: Any = None
    is_const: bool = False


def constant(value: bytes | int | None) -> Code:
    """A literal."""
    if value is None:
        return Code("None", ANY, None, True)
    return Code(repr(value), INT if isinstance(value, int) else STRING, value, True)


@dataclass
class Namespace:
    """Globals of the compiled script. Equal objects share a name."""

    names: dict[str, Any] = field(default_factory=lambda: dict(RUNTIME))
    _by_id: dict[tuple[str, int], str] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)  # the last number given to a stem

    def bind(self, stem: str, value: Any) -> str:
        """A name for an object, made from `stem`. The namespace keeps the object, so its id stands for no other."""
        key = (stem, id(value))
        if key not in self._by_id:
            self._by_id[key] = self.reserve(stem, value)
        return self._by_id[key]

    def reserve(self, stem: str, value: Any = None) -> str:
        """A name that nothing else has: of a function that is still to be compiled, or of a local variable."""
        clean = re.sub(r"\W+", "_", stem).strip("_") or "x"
        if clean[0].isdigit():
            clean = "_" + clean
        name, n = clean, self._last.get(clean, 1)
        while name in self.names or name in _LOCALS:
            n += 1
            name = f"{clean}_{n}"
        self._last[clean] = n
        self.names[name] = value
        return name


_LOCALS = frozenset({"msg", "r", "c", "v", "w", "e", "k", "and", "or", "not", "if", "is", "in", "for", "while", "def",
                     "return", "from", "import", "range", "b", "abs", "len", "bytes", "int"})  # fmt: skip


@dataclass
class Lines:
    """A Python function being written; each line remembers its line in the configuration."""

    indent: int = 1
    lines: list[tuple[str, int]] = field(default_factory=list)

    def add(self, text: str, line: int) -> None:
        """One line at the present indentation."""
        self.lines.append(("    " * self.indent + text, line))

    def text(self) -> str:
        """The Python source."""
        return "\n".join(text for text, _ in self.lines) + "\n"


def compile_function(name: str, lines: Lines, pos: Pos, namespace: Namespace) -> None:
    """Compile `lines` (a complete def) with the configuration's file name and line numbers into the namespace."""
    try:
        tree = ast.parse(lines.text(), pos.file)
        numbers = [line for _, line in lines.lines]
        for node in ast.walk(tree):
            if isinstance(node, (ast.stmt, ast.expr, ast.excepthandler)):
                node.lineno = node.end_lineno = numbers[node.lineno - 1]
                node.col_offset = node.end_col_offset = 0
        exec(compile(tree, pos.file, "exec"), namespace.names)
    except (SyntaxError, RecursionError, MemoryError) as exc:
        raise ConfigError(f"this route is nested too deeply to be compiled ({exc})", pos) from None
    namespace.names[name].__qualname__ = name
