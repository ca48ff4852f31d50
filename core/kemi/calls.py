"""The calls `KSR.function(...)` and `KSR.module.function(...)` in a Python file: found without running it."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .functions import Functions


@dataclass(frozen=True)
class Call:
    """One of them. `module` is "" for a function of KSR itself; `constants` the arguments when all are constant."""

    line: int
    module: str
    name: str
    count: int
    constants: tuple[Any, ...] | None

    def resolve(self, ksr: Any) -> None:
        """Is there such a function, with so many arguments? AttributeError or TypeError with a sentence."""
        shown = f"KSR.{self.module}.{self.name}" if self.module else f"KSR.{self.name}"
        holder = getattr(ksr, self.module) if self.module else ksr
        if isinstance(holder, Functions) and not holder.has(self.name):
            holder.find(self.name, self.count)
            return
        function = getattr(holder, self.name, None)
        if function is None or isinstance(function, Functions):
            raise AttributeError(f"{shown}: there is no such function")
        try:
            inspect.signature(function).bind(*[None] * self.count)
        except TypeError:
            raise TypeError(f"{shown} does not take {self.count} argument(s)") from None


def calls(tree: ast.AST) -> Iterator[Call]:
    """All in a file whose arguments can be counted."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            continue
        root, *path = ast.unparse(node.func).split(".")
        if root != "KSR" or not 1 <= len(path) <= 2 or not all(part.isidentifier() for part in path):
            continue
        values = [a.value for a in node.args if isinstance(a, ast.Constant)]
        constants = tuple(values) if len(values) == len(node.args) else None
        yield Call(node.lineno, path[0] if len(path) == 2 else "", path[-1], len(node.args), constants)
