"""The message as a whole: `$mb $mbu $ml $mi $mt $rb $bs`, `$msg(...)`, `$msgbuf(n)`, `$err`."""

from typing import Any

from ....src.native import lib
from ...msg.translate import BuildError, build_all
from ..exports import PvExport, Value
from ..spec import PvError


def updated_buffer(msg: Any) -> bytes | None:
    """The message with its edits applied; None when it grows beyond the largest message."""
    try:
        return build_all(msg)
    except BuildError:
        return None


def _headers(msg: Any) -> bytes:
    packed = lib.kh_msg_field(msg.seen, lib.KH_FLD_HEADERS)
    return b"" if packed < 0 else msg.buf[packed >> 16 : (packed >> 16) + (packed & 0xFFFF)]


def _first_line(msg: Any) -> bytes:
    return msg.buf[: msg.seen.fline_len].rstrip(b"\r\n")


def _first_part(msg: Any) -> bytes:
    return msg.buf[: msg.seen.fline_len + len(_headers(msg))]


def _last_part(msg: Any) -> bytes:
    return msg.buf[msg.seen.fline_len :]


_PIECES = {
    "len": lambda msg: msg.seen.len,
    "buf": lambda msg: msg.buf,
    "body": lambda msg: msg.body or b"",
    "body_len": lambda msg: len(msg.body or b""),
    "hdrs": _headers,
    "hdrs_len": lambda msg: len(_headers(msg)),
    "hdrc": lambda msg: msg.seen.n_hdr,
    "fline": _first_line,
    "fpart": _first_part,
    "lpart": _last_part,
}


def parse_offset(text: bytes) -> int:
    """The number of a byte."""
    if not text.strip().isdigit():
        raise ValueError("$msgbuf takes the number of a byte, from 0")
    return int(text)


def _byte(msg: Any, at: int) -> Value:
    return msg.buf[at : at + 1] or None


def _refuse(msg: Any, at: int, value: Value) -> None:
    raise PvError("the received bytes are not changed; replace() and its like edit what is sent")


MESSAGE = (
    PvExport("mb", lambda msg: msg.buf, kind="str"),
    PvExport("mbu", updated_buffer),
    PvExport("ml", lambda msg: msg.seen.len, kind="int"),
    PvExport("mi", lambda msg: msg.id, kind="int"),
    PvExport("mt", lambda msg: 1 if msg.is_request else 2, kind="int"),
    PvExport("mts", lambda msg: b"rq" if msg.is_request else b"rp", kind="str"),
    PvExport("rb", lambda msg: msg.body or b"", kind="str"),
    PvExport("bs", lambda msg: len(msg.body or b""), kind="int"),
    PvExport("msg", choices=_PIECES),
    PvExport("msgbuf", parse_name=parse_offset, get=_byte, set=_refuse),
)
