"""What the edit functions share: results of the kernel as a script's return code, replacements by position."""

from collections.abc import Iterable

from ...parser.msg import SipMsg
from ...src.native import lib

OK, NO = 1, -1


def done(rc: int) -> int:
    """A kernel result as a return code."""
    return OK if rc >= 0 else NO


def put(msg: SipMsg, at: int, size: int, text: bytes) -> bool:
    """`text` in place of `size` bytes at offset `at` of the message."""
    if size:
        return bool(lib.kh_replace(msg.edits, msg.c, at, size, text, len(text), 0) >= 0)
    anchor = lib.kh_anchor_lump(msg.edits, msg.c, at, 0)
    return bool(anchor > 0 and lib.kh_insert_after(msg.edits, anchor, text, len(text), 0) > 0)


def put_all(msg: SipMsg, pieces: Iterable[tuple[int, int, bytes]]) -> int:
    """Several replacements (offset, size, text): 1 when there was at least one and all found room."""
    found = 0
    for at, size, text in pieces:
        if not put(msg, at, size, text):
            return NO
        found += 1
    return OK if found else NO


def headers_area(msg: SipMsg) -> tuple[int, int]:
    """Offsets of the headers: behind the first line, and the empty line."""
    return msg.c.fline_len, msg.c.eoh


def body_area(msg: SipMsg) -> tuple[int, int]:
    """Offsets of the body; equal when there is none."""
    body = msg.c.body
    return body.off, body.off + body.len
