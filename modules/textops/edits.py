"""What the edit functions share: results of the kernel as a script's return code, replacements by position."""

from collections.abc import Iterable

from ...core.msg.lumps import LumpError, replace_pieces
from ...parser.msg import SipMsg

OK, NO = 1, -1


def done(rc: int) -> int:
    """A kernel result as a return code."""
    return OK if rc >= 0 else NO


def put(msg: SipMsg, at: int, size: int, text: bytes) -> bool:
    """`text` in place of `size` bytes at offset `at` of the message."""
    return put_all(msg, ((at, size, text),)) == OK


def put_all(msg: SipMsg, pieces: Iterable[tuple[int, int, bytes]]) -> int:
    """Several replacements (offset, size, text): 1 when there was at least one and all found room."""
    try:
        return OK if replace_pieces(msg, pieces) else NO
    except LumpError:
        return NO


def headers_area(msg: SipMsg) -> tuple[int, int]:
    """Offsets of the headers: behind the first line, and the empty line."""
    return msg.seen.fline_len, msg.seen.eoh


def body_area(msg: SipMsg) -> tuple[int, int]:
    """Offsets of the body; equal when there is none."""
    body = msg.seen.body
    return body.off, body.off + body.len
