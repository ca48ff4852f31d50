"""Data lumps by the devel guide's names (chapter 14): edits recorded now, applied when the message is sent.

Offsets are bytes from the start of the message as it reads (`msg.buf`, `msg.seen`): as received, or with the edits
made so far when edits are visible (parser/visible.py). A lump is the int that these functions return; pass it to the
next one to go on in its chain. Without room (lib.KH_EDITS_CAP) they raise LumpError: the message is not changed.
"""

from collections.abc import Iterable
from typing import Any

from ...src.native import lib
from ..errors import KaheaError

LUMP_NOP, LUMP_DEL, LUMP_ADD = lib.KH_LUMP_NOP, lib.KH_LUMP_DEL, lib.KH_LUMP_ADD
LUMP_ADD_SUBST, LUMP_ADD_OPT = lib.KH_LUMP_SUBST, lib.KH_LUMP_COND
SUBST_NOP = lib.KH_SUBST_NOP
SUBST_RCV_IP, SUBST_SND_IP = lib.KH_SUBST_RCV_IP, lib.KH_SUBST_SND_IP
SUBST_RCV_PORT, SUBST_SND_PORT = lib.KH_SUBST_RCV_PORT, lib.KH_SUBST_SND_PORT
SUBST_RCV_PROTO, SUBST_SND_PROTO = lib.KH_SUBST_RCV_PROTO, lib.KH_SUBST_SND_PROTO
SUBST_RCV_ALL, SUBST_SND_ALL = lib.KH_SUBST_RCV_ALL, lib.KH_SUBST_SND_ALL
SUBST_RCV_ALL_EX, SUBST_SND_ALL_EX = lib.KH_SUBST_RCV_ALL_EX, lib.KH_SUBST_SND_ALL_EX
COND_FALSE, COND_TRUE = lib.KH_COND_FALSE, lib.KH_COND_TRUE
COND_IF_DIFF_REALMS, COND_IF_DIFF_AF = lib.KH_COND_IF_DIFF_REALMS, lib.KH_COND_IF_DIFF_AF
COND_IF_DIFF_PROTO, COND_IF_DIFF_PORT = lib.KH_COND_IF_DIFF_PROTO, lib.KH_COND_IF_DIFF_PORT
COND_IF_DIFF_IP, COND_IF_RAND = lib.KH_COND_IF_DIFF_IP, lib.KH_COND_IF_RAND
LUMP_RPL_HDR, LUMP_RPL_BODY = lib.KH_RPL_HDR, lib.KH_RPL_BODY
LUMP_RPL_NODUP, LUMP_RPL_NOFREE, LUMP_RPL_SHMEM = 8, 16, 32  # whose memory a text is: here it is always copied


class LumpError(KaheaError):
    """An edit that is not possible: no room left, or an offset outside the message."""


def _made(code: int) -> int:
    if code < 0:
        raise LumpError("no room for more edits" if code == lib.KH_ETOOBIG else "outside the message")
    return code


def anchor_lump(msg: Any, offset: int, hdr_type: int = 0) -> int:
    """A place to add at."""
    return _made(lib.kh_anchor_lump(msg.edits, msg.seen, offset, hdr_type))


def del_lump(msg: Any, offset: int, length: int, hdr_type: int = 0) -> int:
    """Delete bytes; deletions may overlap."""
    return _made(lib.kh_del_lump(msg.edits, msg.seen, offset, length, hdr_type))


def replace_lump(msg: Any, offset: int, length: int, text: bytes, hdr_type: int = 0) -> int:
    """Delete bytes (length may be 0) and put a text in their place."""
    return _made(lib.kh_replace(msg.edits, msg.seen, offset, length, text, len(text), hdr_type))


def replace_pieces(msg: Any, pieces: Iterable[tuple[int, int, bytes]], hdr_type: int = 0) -> int:
    """Several replacements (offset, length, text), with offsets in the message before the first of them; how many."""
    found = list(pieces)  # whoever finds them reads the message: all of that comes before the first edit
    seen, edits = msg.seen, msg.edits
    for offset, length, text in found:
        _made(lib.kh_replace(edits, seen, offset, length, text, len(text), hdr_type))
    return len(found)


def insert_new_lump_after(msg: Any, lump: int, text: bytes, hdr_type: int = 0) -> int:
    """Text right after a lump."""
    return _made(lib.kh_insert_after(msg.edits, lump, text, len(text), hdr_type))


def insert_new_lump_before(msg: Any, lump: int, text: bytes, hdr_type: int = 0) -> int:
    """Text before a lump; a chain before one prints from the nearest outwards."""
    return _made(lib.kh_insert_before(msg.edits, lump, text, len(text), hdr_type))


def insert_subst_lump_after(msg: Any, lump: int, subst: int, hdr_type: int = 0) -> int:
    """A SUBST_ marker, filled when the sockets are known."""
    return _made(lib.kh_insert_subst(msg.edits, lump, 0, subst, hdr_type))


def insert_subst_lump_before(msg: Any, lump: int, subst: int, hdr_type: int = 0) -> int:
    """As insert_subst_lump_after, on the other side."""
    return _made(lib.kh_insert_subst(msg.edits, lump, 1, subst, hdr_type))


def insert_cond_lump_after(msg: Any, lump: int, cond: int, hdr_type: int = 0) -> int:
    """A COND_ condition: governs the rest of its chain up to the next one."""
    return _made(lib.kh_insert_cond(msg.edits, lump, 0, cond, hdr_type))


def insert_cond_lump_before(msg: Any, lump: int, cond: int, hdr_type: int = 0) -> int:
    """As insert_cond_lump_after, on the other side."""
    return _made(lib.kh_insert_cond(msg.edits, lump, 1, cond, hdr_type))


def remove_lumps(msg: Any, hdr_type: int, op: int = LUMP_ADD) -> int:
    """Take back the lumps of one header type and operation; how many."""
    return lib.kh_lump_remove(msg.edits, hdr_type, op)


def append_hf(msg: Any, lines: bytes) -> None:
    """Complete header lines after the last header."""
    _made(lib.kh_append_hf(msg.edits, msg.seen, lines, len(lines)))


def insert_hf(msg: Any, lines: bytes) -> None:
    """Complete header lines before the first header."""
    _made(lib.kh_insert_hf(msg.edits, msg.seen, lines, len(lines)))


def remove_hf(msg: Any, name: bytes | int) -> int:
    """Delete all headers of a name (any case, long or compact) or type; how many."""
    if isinstance(name, int):
        return _made(lib.kh_remove_hf(msg.edits, msg.seen, name))
    return _made(lib.kh_remove_hf_name(msg.edits, msg.seen, name, len(name)))


def add_lump_rpl(msg: Any, text: bytes, flags: int = LUMP_RPL_HDR) -> int:
    """Header lines (LUMP_RPL_HDR) or the body (LUMP_RPL_BODY, only one) for replies made here."""
    code: int = lib.kh_reply_lump(msg.edits, flags & (LUMP_RPL_HDR | LUMP_RPL_BODY), text, len(text))
    if code == lib.KH_EEXIST:
        raise LumpError("the reply has a body already")
    return _made(code)


def edit_text(msg: Any, part: int) -> bytes | None:
    """One of the KH_EDP_ texts (new_uri, dst_uri, path...), or None."""
    return msg.edit_text(part)


def set_edit_text(msg: Any, part: int, text: bytes) -> None:
    """Set one of the KH_EDP_ texts; b"" unsets it."""
    _made(lib.kh_text_set(msg.edits, part, text, len(text)))
