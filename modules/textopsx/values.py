"""Changing single values of headers that hold comma lists, and parameters of values (named as targets.py says).

The functions that end in 2 are for headers like Authorization: one value, whose parameters stand between commas.
"""

from collections.abc import Iterator

from ...core.msg.lumps import LumpError, replace_pieces
from ...parser.msg import SipMsg
from ...src.native import lib
from .targets import Place, chosen, param_span, parse_target, places

Piece = tuple[int, int, bytes]  # offset, length, the text in its place


def _put(msg: SipMsg, pieces: Iterator[Piece] | list[Piece]) -> int:
    """1 when there was something to change and it found room."""
    try:
        return 1 if replace_pieces(msg, pieces) else -1
    except LumpError:
        return -1


def _new_line(msg: SipMsg, name: bytes, value: bytes, top: bool) -> int:
    line = name + b": " + value + b"\r\n"
    add = lib.kh_insert_hf if top else lib.kh_append_hf
    return 1 if add(msg.edits, msg.seen, line, len(line)) >= 0 else -1


def append_hf_value(msg: SipMsg, target: bytes, value: bytes) -> int:
    """Behind the value of an index; without an index, or where there is none, as a header at the end."""
    t = parse_target(target)
    if t is None or t.param:
        return -1
    at = chosen(places(msg, t.name), t.index) if t.index else []
    if not at:
        return _new_line(msg, t.name, value, top=False)
    return _put(msg, [(p.end, 0, b"," + value) for p in at])


def insert_hf_value(msg: SipMsg, target: bytes, value: bytes) -> int:
    """Before the value of an index; without an index, or where there is none, as a header at the top."""
    t = parse_target(target)
    if t is None or t.param:
        return -1
    found = places(msg, t.name)
    at = chosen(found, t.index) if t.index else []
    if not at:
        return _before_first(msg, t.name, value, found)
    return _put(msg, [(p.start, 0, value + b",") for p in at])


def _before_first(msg: SipMsg, name: bytes, value: bytes, found: list[Place]) -> int:
    if not found:
        return _new_line(msg, name, value, top=True)
    line = name + b": " + value + b"\r\n"
    return 1 if lib.kh_append_hf_at(msg.edits, msg.seen, found[0].line, 1, line, len(line)) >= 0 else -1


def _remove(msg: SipMsg, found: list[Place]) -> int:
    return _put(msg, (_without(msg, number, found) for number in {p.line for p in found}))


def _without(msg: SipMsg, number: int, doomed: list[Place]) -> Piece:
    """A header line without those of its values; the whole line when none is left."""
    line = msg.seen.hdr[number]
    kept = [p for p in places(msg, _name(msg, number)) if p.line == number and p not in doomed]
    if not kept or any(p.line == number and p.alone for p in doomed):
        return line.off, line.len, b""
    return line.body_off, line.body_len, b", ".join(msg.buf[p.start : p.end] for p in kept)


def _name(msg: SipMsg, number: int) -> bytes:
    line = msg.seen.hdr[number]
    return msg.buf[line.off : line.off + line.name_len]


def _remove_target(msg: SipMsg, target: bytes, whole: bool) -> int:
    t = parse_target(target)
    if t is None:
        return -1
    at = chosen(places(msg, t.name, whole), t.number)
    if t.param is None:
        return _remove(msg, at)
    return _put(msg, _params(msg, at, t.param, 0x2C if whole else 0x3B))


def _params(msg: SipMsg, at: list[Place], name: bytes, separator: int) -> Iterator[Piece]:
    """The parameter of a name in each value, with its separator."""
    for p in at:
        value = msg.buf[p.start : p.end]
        found = param_span(value, name, separator)
        if found is not None:
            start, end = _with_separator(value, found, separator)
            yield p.start + start, end - start, b""


def _with_separator(value: bytes, found: tuple[int, int, int], separator: int) -> tuple[int, int]:
    """The parameter with the separator before it, or behind when it is the first."""
    start, _, end = found
    before = value.rfind(bytes((separator,)), 0, start)
    if before >= 0:
        return before, end
    behind = value.find(bytes((separator,)), end)
    return (
        (start, end)
        if behind < 0
        else (start, behind + 1 + len(value[behind + 1 :]) - len(value[behind + 1 :].lstrip()))
    )


def remove_hf_value(msg: SipMsg, target: bytes) -> int:
    """Remove values, or a parameter of them."""
    return _remove_target(msg, target, whole=False)


def remove_hf_value2(msg: SipMsg, target: bytes) -> int:
    """The same for headers like Authorization."""
    return _remove_target(msg, target, whole=True)


def _assign(msg: SipMsg, target: bytes, value: bytes, whole: bool) -> int:
    t = parse_target(target)
    if t is None:
        return -1
    separator = 0x2C if whole else 0x3B
    at = chosen(places(msg, t.name, whole), t.number)
    return _put(msg, [_assigned(msg, p, t.param, value, separator) for p in at])


def _assigned(msg: SipMsg, p: Place, param: bytes | None, value: bytes, separator: int) -> Piece:
    """Another value, or another value of a parameter of it."""
    if param is None:
        return p.start, p.end - p.start, value
    text = param + (b"=" + value if value else b"")
    found = param_span(msg.buf[p.start : p.end], param, separator)
    if found is None:
        return p.end, 0, (b", " if separator == 0x2C else b";") + text
    return p.start + found[0], found[2] - found[0], text


def assign_hf_value(msg: SipMsg, target: bytes, value: bytes) -> int:
    """Another value, or another value of a parameter, which is added where it is missing."""
    return _assign(msg, target, value, whole=False)


def assign_hf_value2(msg: SipMsg, target: bytes, value: bytes) -> int:
    """The same for headers like Authorization."""
    return _assign(msg, target, value, whole=True)


# a header as a set


def _same(msg: SipMsg, name: bytes, value: bytes) -> list[Place]:
    wanted = value.strip().lower()
    return [p for p in places(msg, name) if msg.buf[p.start : p.end].lower() == wanted]


def hf_value_exists(msg: SipMsg, name: bytes, value: bytes) -> int:
    """Is it one of the values? Underscores in the name are dashes."""
    return 1 if _same(msg, name.replace(b"_", b"-"), value) else -1


def include_hf_value(msg: SipMsg, name: bytes, value: bytes) -> int:
    """Add it unless it is there: behind the last value of the first header, or as a new one."""
    if _same(msg, name, value):
        return 1
    found = places(msg, name)
    if not found:
        return _new_line(msg, name, value, top=False)
    at = next(place.end for place in found if place.last)
    return _put(msg, [(at, 0, b"," + value)])


def exclude_hf_value(msg: SipMsg, name: bytes, value: bytes) -> int:
    """Remove it where it is; 1 also when it is not there."""
    found = _same(msg, name, value)
    return _remove(msg, found) if found else 1
