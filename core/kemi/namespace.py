"""What `KSR` and its parts have in common: their functions can be listed (app_python.api_list, the docs)."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

_WORDS = {str: "str", int: "int", bool: "bool", None: "none", type(None): "none"}
Listed = tuple[str, str, str]  # name, types of the parameters, type of the result


def functions_of(holder: Any) -> Iterator[Listed]:
    """The public methods of an object and the functions among its attributes."""
    names = {name for name in (*dir(type(holder)), *vars(holder)) if not name.startswith("_")}
    for name in sorted(names):
        function = getattr(holder, name)
        if inspect.isroutine(function):
            yield name, *signature(function)


def signature(function: Callable[..., Any]) -> tuple[str, str]:
    """Types of the parameters, with optional ones in brackets, and of the result: str int bool xval none."""
    shape = inspect.signature(function)
    words = [
        _word(p.annotation) if p.default is p.empty else f"[{_word(p.annotation)}]" for p in shape.parameters.values()
    ]
    return ", ".join(words) or "none", _word(shape.return_annotation)


def _word(annotation: Any) -> str:
    return _WORDS.get(annotation, "xval")
