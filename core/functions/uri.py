"""Core functions that rewrite the Request-URI: each is one step of the kernel (src/uri_edit.c)."""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import Int, Str
from ...parser.msg import SipMsg
from ...src.native import lib
from ..sr_module import CmdExport

Editor = Callable[..., int]
_edit = lib.kh_uri_edit
ERROR = -1  # the Request-URI has no such part, does not parse, or there is no room for the new one


def _text_editor(op: int) -> tuple[Editor, Callable[[bytes], Callable[[SipMsg], int]]]:
    """The function for a text known at each call, and the maker of one for a constant."""

    def edit(msg: SipMsg, text: bytes) -> int:
        return 1 if _edit(msg.edits, msg.c, op, text, len(text), 0) >= 0 else ERROR

    def specialise(text: bytes) -> Callable[[SipMsg], int]:
        size = len(text)

        def edit_constant(msg: SipMsg) -> int:
            return 1 if _edit(msg.edits, msg.c, op, text, size, 0) >= 0 else ERROR

        return edit_constant

    return edit, specialise


def _count_editor(op: int) -> Editor:
    def edit(msg: SipMsg, count: int) -> int:
        return 1 if count >= 0 and _edit(msg.edits, msg.c, op, b"", 0, count) >= 0 else ERROR

    return edit


def userphone(msg: SipMsg) -> int:
    """Appends ;user=phone unless it is there."""
    return 1 if _edit(msg.edits, msg.c, lib.KH_URI_USERPHONE, b"", 0, 0) >= 0 else ERROR


def revert_uri(msg: SipMsg) -> int:
    """Back to the Request-URI as received."""
    lib.kh_text_set(msg.edits, lib.KH_EDP_NEW_URI, b"", 0)
    return 1


def set_uri(msg: SipMsg, uri: bytes) -> int:
    """Sets the Request-URI as it is; a bad one shows when it is used. The setter of $ru."""
    return 1 if lib.kh_text_set(msg.edits, lib.KH_EDP_NEW_URI, uri, len(uri)) >= 0 else ERROR


_TEXT_EDITORS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("rewritehost", ("sethost", "seth"), lib.KH_URI_SET_HOST),
    ("rewritehostport", ("sethostport", "sethp"), lib.KH_URI_SET_HOSTPORT),
    ("rewritehostporttrans", ("sethostporttrans", "sethpt"), lib.KH_URI_SET_HOSTPORTTRANS),
    ("rewriteport", ("setport", "setp"), lib.KH_URI_SET_PORT),
    ("rewriteuser", ("setuser", "setu"), lib.KH_URI_SET_USER),
    ("rewriteuserpass", ("setuserpass", "setup"), lib.KH_URI_SET_USERPASS),
    ("prefix", (), lib.KH_URI_PREFIX),
)


def _commands() -> list[CmdExport]:
    made: list[CmdExport] = []
    for name, aliases, op in _TEXT_EDITORS:
        function, specialise = _text_editor(op)
        made.append(CmdExport(name, function, (Str,), aliases=aliases, specialise=specialise))
    for name, op in (("strip", lib.KH_URI_STRIP), ("strip_tail", lib.KH_URI_STRIP_TAIL)):
        made.append(CmdExport(name, _count_editor(op), (Int,)))
    return made


#: name of a text editor -> function(msg, text), for the setters of $rU, $rd, $rp
EDITORS: dict[str, Any] = {command.name: command.function for command in _commands()}

COMMANDS = [
    *_commands(),
    CmdExport("rewriteuri", set_uri, (Str,), aliases=("seturi",)),
    CmdExport("revert_uri", revert_uri),
    CmdExport("userphone", userphone),
]
