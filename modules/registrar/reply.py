"""Answers to REGISTER: the 200 with its bindings, and a status with a sentence for each reason to refuse."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...core.loader import bind_api, module_loaded
from ...core.msg import reply as stateless
from ...core.msg.lumps import LUMP_RPL_HDR, add_lump_rpl
from ...src.native import lib
from .settings import settings

BAD, UNAVAILABLE = (400, b"Bad Request"), (503, b"Service Unavailable")
INTERNAL = (500, b"Server Internal Error")

# reason -> status, phrase, text of P-Registrar-Error
REFUSALS: dict[int, tuple[int, bytes, bytes]] = {
    lib.KH_REG_BAD_AOR: (*BAD, b"No valid address of record"),
    lib.KH_REG_STAR_EXPIRES: (*BAD, b"* used in contact and expires is not zero"),
    lib.KH_REG_STAR_CONTACTS: (*BAD, b"* used in contact and more than 1 contact"),
    lib.KH_REG_BAD_CONTACT: (*BAD, b"Contact parse error"),
    lib.KH_REG_BAD_Q: (*BAD, b"Invalid q param in contact"),
    lib.KH_REG_CONTACT_SIZE: (*BAD, b"Contact/received too long"),
    lib.KH_REG_TOO_MANY: (*UNAVAILABLE, b"Too many registered contacts"),
    lib.KH_REG_BRIEF: (423, b"Interval Too Brief", b"Expires is below the minimum"),
    lib.KH_REG_PATH_SIZE: (*BAD, b"Path too long"),
    lib.KH_REG_BAD_PATH: (420, b"Bad Extension", b"No support for found Path indicated"),
    lib.KH_REG_CSEQ: (*BAD, b"Invalid CSeq number"),
    lib.KH_REG_NO_MEMORY: (*UNAVAILABLE, b"No memory left for the registration"),
    lib.KH_REG_LOCK: (*INTERNAL, b"Location table is not available"),
}
NO_OUTBOUND = 1  # a reason that only Python knows
REFUSALS[NO_OUTBOUND] = (421, b"Extension Required", b"No support for outbound indicated")

NO_REPLY, PREPARE = 2, 0x10  # flags of save()


class Send:
    """How replies are sent; sl's way answers within the transaction where there is one."""

    reply: Callable[[Any, int, bytes], int] = stateless.send_reply
    ok: Callable[[Any], int] = partial(stateless.send_reply, code=200, reason=b"OK")


def bind() -> None:
    """Main process, before the script is compiled."""
    if module_loaded("sl"):
        sl = bind_api("sl")
        Send.reply, Send.ok = sl.send_reply, sl.prepare_send_reply(200, b"OK")


def accept(msg: Any, flags: int) -> None:
    """Send the 200; the Contact header is among the reply lumps already."""
    if not flags & NO_REPLY:
        Send.ok(msg)
    elif flags & PREPARE:
        msg.reply_error = (200, b"OK")


def is_for_nobody(flags: int) -> bool:
    """Neither sent nor prepared: headers would only get into the reply that the script sends instead."""
    return flags & (NO_REPLY | PREPARE) == NO_REPLY


def take_back(msg: Any, last: int) -> None:
    """Take out the header lines for the reply that came behind `last`, which was `msg.edits.reply_last`."""
    edits = msg.edits
    while edits.reply_last != last and lib.kh_reply_lump_unlink(edits, edits.reply_last) >= 0:
        pass


def refuse(msg: Any, reason: int, flags: int) -> int:
    """Answer with what is wrong; returns what the script function returns."""
    code, phrase, text = REFUSALS[reason]
    last = msg.edits.reply_last
    header(msg, b"P-Registrar-Error: " + text)
    if reason == lib.KH_REG_BAD_PATH:
        header(msg, b"Unsupported: path")
    elif reason == lib.KH_REG_BRIEF:
        header(msg, b"Min-Expires: %d" % settings.min_expires)
    elif reason == NO_OUTBOUND:
        header(msg, b"Require: outbound")
    elif code >= 500 and settings.retry_after:
        header(msg, b"Retry-After: %d" % settings.retry_after)
    msg.reply_error = (code, phrase)  # a script that goes on with sl_reply_error() repeats it
    if not flags & NO_REPLY:
        Send.reply(msg, code, phrase)
    elif is_for_nobody(flags):
        take_back(msg, last)
    return -2 if reason == lib.KH_REG_TOO_MANY else -1


def header(msg: Any, line: bytes) -> None:
    """Add a line to the reply."""
    add_lump_rpl(msg, line + b"\r\n", LUMP_RPL_HDR)


def reg_send_reply(msg: Any) -> int:
    """reg_send_reply(): the reply that save(..., 0x12) prepared and held back"""
    if not isinstance(msg.reply_error, tuple):
        return -1
    code, phrase = msg.reply_error
    return 1 if Send.reply(msg, code, phrase) > 0 else -1
