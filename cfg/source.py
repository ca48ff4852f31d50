"""Texts of the configuration and places in them. Text is latin-1 decoded: one character is one byte of the file."""

import bisect
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Source:
    """A file, a `#!define` value being expanded, or a command-line text. `origin` is where it was included or used."""

    name: str
    text: str
    origin: "Pos | None" = None
    is_file: bool = True
    _starts: list[int] = field(default_factory=list)

    def line_starts(self) -> list[int]:
        """Offsets of the lines' first characters."""
        if not self._starts:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._starts = starts
        return self._starts


@dataclass(frozen=True, slots=True, eq=False)
class Pos:
    """A place: an offset in a source. In the value of a define it reports the place where the define is used."""

    source: Source
    offset: int

    def in_file(self) -> "Pos":
        """The place in a real file: follows expanded defines outwards."""
        pos = self
        while not pos.source.is_file and pos.source.origin is not None:
            pos = pos.source.origin
        return pos

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.in_file().source.name

    @property
    def line(self) -> int:
        """Line number in the file, from 1."""
        pos = self.in_file()
        return bisect.bisect_right(pos.source.line_starts(), pos.offset)

    @property
    def column(self) -> int:
        """Column in bytes, from 1."""
        pos = self.in_file()
        starts = pos.source.line_starts()
        return pos.offset - starts[bisect.bisect_right(starts, pos.offset) - 1] + 1

    def source_line(self) -> str:
        """The text of the line in the file."""
        pos = self.in_file()
        starts = pos.source.line_starts()
        start = starts[bisect.bisect_right(starts, pos.offset) - 1]
        end = pos.source.text.find("\n", start)
        return pos.source.text[start : end if end >= 0 else len(pos.source.text)].rstrip("\r")

    def trail(self) -> list[str]:
        """How the reader got here: the define expanded, the files that include this one."""
        notes = []
        pos: Pos | None = self
        while pos is not None:
            if not pos.source.is_file:
                notes.append(f"in the expansion of {pos.source.name}")
            elif pos.source.origin is not None:
                notes.append(f"included from {pos.source.origin}")
            pos = pos.source.origin
        return notes

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
