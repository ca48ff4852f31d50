"""Named walks over the headers and over the lines of the body. They last as long as the message.

A walk goes over the message as received, also when edits are visible: so its places stay where they are while it edits.
"""

from dataclasses import dataclass
from typing import Any

from ...core.pv import PvExport, Value
from ...parser.msg import SipMsg
from ...src.native import lib

MAX_ITERATORS = 4
_HEADERS, _LINES = "hf_iterators", "bl_iterators"


@dataclass(slots=True)
class Walk:
    """Offsets (start, end) of the items, and the item it stands at; -1 before the first `next`."""

    items: list[tuple[int, int]]
    at: int = -1

    @property
    def item(self) -> tuple[int, int] | None:
        """The present one."""
        return self.items[self.at] if 0 <= self.at < len(self.items) else None


def _walks(msg: SipMsg, kind: str) -> dict[bytes, Walk]:
    return msg.cache.setdefault(kind, {})


def _start(msg: SipMsg, kind: str, name: bytes, items: list[tuple[int, int]]) -> int:
    walks = _walks(msg, kind)
    if name not in walks and len(walks) >= MAX_ITERATORS:
        return -1
    walks[name] = Walk(items)
    return 1


def _end(msg: SipMsg, kind: str, name: bytes) -> int:
    return 1 if _walks(msg, kind).pop(name, None) is not None else -1


def _move(msg: SipMsg, kind: str, name: bytes, step: int) -> int:
    walk = _walks(msg, kind).get(name)
    if walk is None or not 0 <= walk.at + step < len(walk.items):
        return -1
    walk.at += step
    return 1


def _item(msg: SipMsg, kind: str, name: bytes) -> tuple[int, int] | None:
    walk = _walks(msg, kind).get(name)
    return None if walk is None else walk.item


def _edit(msg: SipMsg, kind: str, name: bytes, text: bytes | None, behind: bool = True) -> int:
    """Remove the present item (text None), or put a text behind or before it."""
    item = _item(msg, kind, name)
    if item is None:
        return -1
    start, end = item
    if text is None:
        return 1 if lib.kh_del_lump(msg.edits, msg.c, start, end - start, 0) >= 0 else -1
    at = end if behind else start
    return 1 if lib.kh_replace(msg.edits, msg.c, at, 0, text, len(text), 0) >= 0 else -1


# headers


def hf_start(msg: SipMsg, name: bytes) -> int:
    """Begin a walk over the headers; -1 when there are MAX_ITERATORS."""
    hdr = msg.c.hdr
    return _start(msg, _HEADERS, name, [(hdr[i].off, hdr[i].off + hdr[i].len) for i in range(msg.c.n_hdr)])


def hf_end(msg: SipMsg, name: bytes) -> int:
    """End it."""
    return _end(msg, _HEADERS, name)


def hf_next(msg: SipMsg, name: bytes) -> int:
    """To the next header; -1 at the end."""
    return _move(msg, _HEADERS, name, 1)


def hf_prev(msg: SipMsg, name: bytes) -> int:
    """Back to the one before; -1 at the first."""
    return _move(msg, _HEADERS, name, -1)


def hf_rm(msg: SipMsg, name: bytes) -> int:
    """Remove the present header."""
    return _edit(msg, _HEADERS, name, None)


def hf_append(msg: SipMsg, name: bytes, text: bytes) -> int:
    """Complete lines behind the present header."""
    return _edit(msg, _HEADERS, name, text)


def hf_insert(msg: SipMsg, name: bytes, text: bytes) -> int:
    """Complete lines before it."""
    return _edit(msg, _HEADERS, name, text, behind=False)


# body lines


def bl_start(msg: SipMsg, name: bytes) -> int:
    """Begin a walk over the lines of the body."""
    at = msg.c.body.off
    items = []
    for line in msg.received(at, msg.c.body.len).splitlines(keepends=True):
        items.append((at, at + len(line)))
        at += len(line)
    return _start(msg, _LINES, name, items)


def bl_end(msg: SipMsg, name: bytes) -> int:
    """End it."""
    return _end(msg, _LINES, name)


def bl_next(msg: SipMsg, name: bytes) -> int:
    """To the next line; -1 at the end."""
    return _move(msg, _LINES, name, 1)


def bl_rm(msg: SipMsg, name: bytes) -> int:
    """Remove the present line."""
    return _edit(msg, _LINES, name, None)


def bl_append(msg: SipMsg, name: bytes, text: bytes) -> int:
    """A text behind the present line."""
    return _edit(msg, _LINES, name, text)


def bl_insert(msg: SipMsg, name: bytes, text: bytes) -> int:
    """A text before it."""
    return _edit(msg, _LINES, name, text, behind=False)


# variables


def _header(msg: Any, name: bytes) -> tuple[bytes, bytes] | None:
    item = _item(msg, _HEADERS, name)
    if item is None:
        return None
    head, _, body = msg.received(item[0], item[1] - item[0]).partition(b":")
    return head.strip(), body.strip()


def header_name(msg: Any, name: bytes) -> Value:
    """$hfitname(iterator)"""
    found = _header(msg, name)
    return None if found is None else found[0]


def header_body(msg: Any, name: bytes) -> Value:
    """$hfitbody(iterator)"""
    found = _header(msg, name)
    return None if found is None else found[1]


def body_line(msg: Any, name: bytes) -> Value:
    """$blitval(iterator), with its line end"""
    item = _item(msg, _LINES, name)
    return None if item is None else msg.received(item[0], item[1] - item[0])


ITERATORS = (
    PvExport("hfitname", parse_name=bytes.strip, get=header_name),
    PvExport("hfitbody", parse_name=bytes.strip, get=header_body),
    PvExport("blitval", parse_name=bytes.strip, get=body_line),
)
