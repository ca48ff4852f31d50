"""What is wrong in a configuration, and where: every complaint carries file, line, column and a caret.

ConfigError            stops the start (or the reload); the message is for the person who wrote the file
Diagnostic             the same as data, with severity "error" or "warning"; `kahea -c` prints a list of them
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from .source import Pos

MAX_MESSAGE = 400  # characters
MAX_LINE_SHOWN = 160  # characters of the source line shown under a message


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in the configuration. `pos` is None for what has no place in a file (`-A`, `--modparam`)."""

    severity: str
    message: str
    pos: Pos | None = None
    hint: str = ""

    def format(self) -> str:
        """The finding as text: `file:line:column: error: message`, the source line, a caret, and the hint."""
        message = self.message if len(self.message) <= MAX_MESSAGE else self.message[:MAX_MESSAGE] + "..."
        if self.pos is None:
            return f"{self.severity}: {message}" + (f"\n  {self.hint}" if self.hint else "")
        lines = [f"{self.pos}: {self.severity}: {message}", *_show(self.pos)]
        if self.hint:
            lines.append("  " + self.hint)
        lines += [f"  {note}" for note in self.pos.trail()]
        return "\n".join(lines)


class ConfigError(Exception):
    """A configuration that cannot be used. `str()` is the complete text for the user, never a traceback."""

    def __init__(self, message: str, pos: Pos | None = None, hint: str = "") -> None:
        self.diagnostic = Diagnostic("error", message, pos, hint)
        super().__init__(message)

    @property
    def message(self) -> str:
        """The sentence alone, without file and caret."""
        return self.diagnostic.message

    @property
    def pos(self) -> Pos | None:
        """Where, or None."""
        return self.diagnostic.pos

    def __str__(self) -> str:
        return self.diagnostic.format()


class ConfigErrors(ConfigError):
    """Several errors found by one check; `str()` shows them one after the other."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        first = self.diagnostics[0]
        super().__init__(first.message, first.pos, first.hint)

    def __str__(self) -> str:
        return "\n".join(d.format() for d in self.diagnostics)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known word, or the empty string."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f'did you mean "{close[0]}"?' if close else ""


def _show(pos: Pos) -> list[str]:
    text, column = pos.source_line(), pos.column
    start = max(0, column - MAX_LINE_SHOWN // 2) if len(text) > MAX_LINE_SHOWN else 0
    part = text[start : start + MAX_LINE_SHOWN]
    pad = "".join("\t" if c == "\t" else " " for c in part[: column - 1 - start])
    return ["  " + "".join(c if c == "\t" or c.isprintable() else "?" for c in part), f"  {pad}^"]
