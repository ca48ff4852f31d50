"""Which lines of a routing script have run. Route blocks are Python functions with the lines of their configuration."""

import sys
from collections.abc import Callable, Iterable
from types import CodeType, FrameType
from typing import Any

Line = tuple[str, int]  # file, number


class Coverage:
    """Of one loaded script; collects while it is on."""

    def __init__(self) -> None:
        self.seen: set[Line] = set()

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function and note the lines of the script that run."""
        sys.settrace(self._call)
        try:
            return function(*args)
        finally:
            sys.settrace(None)

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename.endswith(".py"):
            return None
        return self._line

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line

    def missing(self, blocks: Iterable[Any]) -> list[Line]:
        """Lines of these compiled route blocks that have not run, in order."""
        there = {line for block in blocks if hasattr(block, "__code__") for line in lines_of(block.__code__)}
        return sorted(there - self.seen)


def lines_of(code: CodeType) -> set[Line]:
    """The lines that hold statements; the block's own line is none."""
    return {
        (code.co_filename, number)
        for _, _, number in code.co_lines()
        if number is not None and number > code.co_firstlineno
    }
