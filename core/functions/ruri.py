"""Rewriting the Request-URI: rewritehost, rewriteuser, prefix, strip... Each is one call of the kernel part."""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import Int, Str
from ...src.native import lib
from ..log import logger
from ..msg import ruri
from ..msg.ruri import edit_uri
from ..sr_module import CmdExport

log = logger(__name__)
_edit, _REQUEST = lib.kh_uri_edit, lib.KH_F_REQUEST


def _editor(name: str, op: int, *aliases: str) -> CmdExport:
    """A function of one text."""

    def function(msg: Any, text: bytes) -> int:
        return edit_uri(msg, op, text)

    return CmdExport(name, function, (Str,), specialise=_constant(op), aliases=aliases)


def _constant(op: int) -> Callable[[bytes], Callable[[Any], int]]:
    def specialise(text: bytes) -> Callable[[Any], int]:
        size = len(text)

        def function(msg: Any) -> int:
            if not msg.facts & _REQUEST:
                return -1
            return 1 if _edit(msg.edits, msg.c, op, text, size, 0) >= 0 else edit_uri(msg, op, text)

        return function

    return specialise


def strip(msg: Any, n: int) -> int:
    """Cut n characters off the front of the user; all of them takes the password away too."""
    return _cut(msg, ruri.STRIP, n)


def strip_tail(msg: Any, n: int) -> int:
    """Cut n characters off the end of the user."""
    return _cut(msg, ruri.STRIP_TAIL, n)


def _cut(msg: Any, op: int, n: int) -> int:
    if n < 0:
        return -1
    return edit_uri(msg, op, b"", n) if n else 1


def userphone(msg: Any) -> int:
    """Add ;user=phone unless it is there; a tel: URI stays as it is."""
    edit_uri(msg, ruri.USERPHONE)
    return 1


def revert_uri(msg: Any) -> int:
    """Back to the Request-URI as received."""
    lib.kh_text_set(msg.edits, lib.KH_EDP_NEW_URI, b"", 0)
    return 1


RURI = (
    _editor("rewritehost", ruri.SET_HOST, "sethost", "seth"),
    _editor("rewritehostport", ruri.SET_HOSTPORT, "sethostport", "sethp"),
    _editor("rewritehostporttrans", ruri.SET_HOSTPORTTRANS, "sethostporttrans", "sethpt"),
    _editor("rewriteuser", ruri.SET_USER, "setuser", "setu"),
    _editor("rewriteuserpass", ruri.SET_USERPASS, "setuserpass", "setup"),
    _editor("rewriteport", ruri.SET_PORT, "setport", "setp"),
    _editor("rewriteuri", ruri.SET, "seturi"),
    _editor("prefix", ruri.PREFIX),
    CmdExport("strip", strip, (Int,)),
    CmdExport("strip_tail", strip_tail, (Int,)),
    CmdExport("userphone", userphone),
    CmdExport("revert_uri", revert_uri),
)
