"""Where single values of header lists, and parameters of them, stand in the message.

A target is written `Name[index].param`: the index counts from 1, from the end below 0, `*` means all, the default is 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...parser.msg import SipMsg
from ...src.native import lib

ALL = 0
_TARGET = re.compile(rb"\s*([^\s\[\].]+)\s*(?:\[\s*(-?[0-9]+|\*)\s*\])?\s*(?:\.\s*([^\s.]+))?\s*\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """What an operation is about; index ALL is every value, None not given."""

    name: bytes
    index: int | None
    param: bytes | None

    @property
    def number(self) -> int:
        """The index, the first when none is given."""
        return 1 if self.index is None else self.index


@dataclass(frozen=True, slots=True)
class Place:
    """A value: where it stands in the message, and where its header line does."""

    start: int
    end: int
    line: int  # number in hdr[]
    alone: bool  # the only value of its line
    last: bool  # of its line


def parse_target(text: bytes) -> Target | None:
    """None when it is malformed."""
    m = _TARGET.match(text)
    if m is None or m[2] == b"0":
        return None
    return Target(m[1], None if m[2] is None else ALL if m[2] == b"*" else int(m[2]), m[3])


def spans(data: bytes, separator: int) -> Iterator[tuple[int, int]]:
    """(start, end) of the items of a list without blanks around; separators in quotes or < > do not count."""
    start, quoted, angle, i = 0, False, False, 0
    while i <= len(data):
        c = data[i] if i < len(data) else separator
        if i < len(data) and quoted:
            i += 2 if c == 0x5C else 1
            quoted = c != 0x22
            continue
        if i == len(data) or (c == separator and not angle):
            item = data[start:i]
            left = len(item) - len(item.lstrip())
            yield start + left, max(start + len(item.rstrip()), start + left)
            start = i + 1
        elif c == 0x22:
            quoted = True
        elif c in (0x3C, 0x3E):
            angle = c == 0x3C
        i += 1


def places(msg: SipMsg, name: bytes, whole: bool = False) -> list[Place]:
    """All values of the headers of a name, in order; `whole`: a header is one value."""
    found: list[Place] = []
    i = lib.kh_msg_hdr_find(msg.seen, name, len(name), -1)
    while i >= 0:
        line = msg.seen.hdr[i]
        at, body = line.body_off, msg.buf[line.body_off : line.body_off + line.body_len]
        items = [(0, len(body))] if whole else list(spans(body, 0x2C))
        for n, (start, end) in enumerate(items):
            found.append(Place(at + start, at + end, i, len(items) == 1, n == len(items) - 1))
        i = lib.kh_msg_hdr_find(msg.seen, name, len(name), i)
    return found


def chosen(found: list[Place], number: int) -> list[Place]:
    """Those that an index means."""
    if number == ALL:
        return found
    index = number - 1 if number > 0 else number
    return [found[index]] if -len(found) <= index < len(found) else []


def param_span(value: bytes, name: bytes, separator: int) -> tuple[int, int, int] | None:
    """(start of the name, end of the name, end of the parameter) in a value."""
    for n, (start, end) in enumerate(spans(value, separator)):
        if n == 0 and separator == 0x2C:  # the scheme stands before the first parameter
            start += len(value[start:end].partition(b" ")[0]) + 1
        elif n == 0:
            continue
        key = value[start:end].partition(b"=")[0]
        if key.strip().lower() == name.lower():
            return start, start + len(key), end
    return None
