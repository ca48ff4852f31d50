"""The recorded edits as lists, by the devel guide's names (chapter 14): looking at them, copying, taking out.

    add_rm(msg)        lumps of the headers, as Lump values in the order in which they will be applied
    body_lumps(msg)    lumps of the body
    reply_lumps(msg)   what replies made here get

Lumps lie in the message's kh_edits and go with it, so the guide's free_* functions have no counterpart.
"""

from dataclasses import dataclass
from typing import Any

from ...src.native import ffi, lib
from .lumps import LUMP_DEL, LUMP_NOP, LumpError, anchor_lump

LUMPFLAG_NONE, LUMPFLAG_BRANCH = 0, lib.KH_LUMPFLAG_BRANCH
_HEADER = ffi.sizeof("kh_edits") - lib.KH_EDITS_CAP


@dataclass(frozen=True, slots=True)
class Lump:
    """One lump: `number` is what the functions of lumps.py return and take; offset and len count in the message as
    received (0 in a chain); `arg` is the SUBST_ or COND_ value, of a reply lump LUMP_RPL_HDR or LUMP_RPL_BODY."""

    number: int
    op: int
    type: int
    offset: int
    len: int
    text: bytes
    arg: int
    flags: int
    before: tuple["Lump", ...] = ()
    after: tuple["Lump", ...] = ()


def _lump(msg: Any, number: int, before: tuple[Lump, ...] = (), after: tuple[Lump, ...] = ()) -> Lump:
    c, data = lib.kh_lump_at(msg.edits, number), msg.edits.data
    text = ffi.unpack(data + c.text.off, c.text.len) if c.text.off else b""
    return Lump(number, c.op, c.htype, c.at, c.len, text, c.arg, c.flags, before, after)


def _chain(msg: Any, number: int, side: str) -> tuple[Lump, ...]:
    found = []
    while number := getattr(lib.kh_lump_at(msg.edits, number), side):
        found.append(_lump(msg, number))
    return tuple(found)


def _top(msg: Any) -> list[Lump]:
    found, number = [], msg.edits.first
    while number:
        found.append(_lump(msg, number, _chain(msg, number, "before"), _chain(msg, number, "after")))
        number = lib.kh_lump_at(msg.edits, number).next
    return found


def add_rm(msg: Any) -> list[Lump]:
    """Lumps of the headers (and of the status line), each with its chains."""
    return [lump for lump in _top(msg) if lump.offset <= msg.c.eoh]


def body_lumps(msg: Any) -> list[Lump]:
    """Lumps of the body."""
    return [lump for lump in _top(msg) if lump.offset > msg.c.eoh]


def reply_lumps(msg: Any) -> list[Lump]:
    """What was added for replies made here."""
    found, number = [], msg.edits.reply_first
    while number:
        found.append(_lump(msg, number))
        number = lib.kh_lump_at(msg.edits, number).next
    return found


def append_new_lump(msg: Any, text: bytes, hdr_type: int = 0) -> int:
    """Complete lines behind the last header, as a lump to go on from (5.6: add_new_lump)."""
    return _add(msg, msg.seen.eoh, text, hdr_type)


def insert_new_lump(msg: Any, text: bytes, hdr_type: int = 0) -> int:
    """Complete lines before the first header, as a lump to go on from."""
    return _add(msg, msg.seen.fline_len, text, hdr_type)


def _add(msg: Any, offset: int, text: bytes, hdr_type: int) -> int:
    code: int = lib.kh_replace(msg.edits, msg.seen, offset, 0, text, len(text), hdr_type)
    if code < 0:
        raise LumpError("no room for more edits")
    return code


def anchor_lump2(msg: Any, offset: int, hdr_type: int = 0) -> tuple[int, bool]:
    """An anchor and whether it was there before: an earlier anchor or deletion at this offset is used again."""
    for lump in _top(msg):
        if msg.seen == msg.c and lump.offset == offset and lump.op in (LUMP_NOP, LUMP_DEL):
            return lump.number, True
    return anchor_lump(msg, offset, hdr_type), False


def remove_lump(msg: Any, lump: int) -> bool:
    """Take one lump out, its chains with it; False when it is in no list."""
    return lib.kh_lump_unlink(msg.edits, lump) >= 0


def unlink_lump_rpl(msg: Any, lump: int) -> bool:
    """Take one reply lump out; False when it is not in the list."""
    return lib.kh_reply_lump_unlink(msg.edits, lump) >= 0


def set_init_lump_flags(msg: Any, flags: int) -> None:
    """Flags that lumps get from now on (LUMPFLAG_BRANCH: a branch's own); LUMPFLAG_NONE ends it."""
    msg.edits.lump_flags = flags


def del_flaged_lumps(msg: Any, flags: int) -> int:
    """Take out all lumps that have one of the flags; how many."""
    return lib.kh_lump_remove_flagged(msg.edits, flags, 0)


def del_notflaged_lumps(msg: Any, flags: int) -> int:
    """Take out all lumps that have none of the flags; how many."""
    return lib.kh_lump_remove_flagged(msg.edits, flags, 1)


def dup_lump_list(msg: Any) -> bytes:
    """A copy of all edits, for restore_lump_list; it means something for this message only, in any process."""
    return bytes(ffi.buffer(msg.edits, lib.kh_edits_size(msg.edits)))


def restore_lump_list(msg: Any, copied: bytes) -> None:
    """The edits as they were when they were copied."""
    if not _HEADER < len(copied) <= ffi.sizeof("kh_edits"):
        raise LumpError("no copy of edits")
    lib.kh_edits_copy(msg.edits, ffi.cast("kh_edits *", ffi.from_buffer(copied)))
