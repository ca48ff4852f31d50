"""Rewriting the Request-URI: a part at a time, as variables and core functions do it (src/lump.h, kh_uri_edit)."""

from typing import Any

from ...src.native import lib

_edit, _REQUEST = lib.kh_uri_edit, lib.KH_F_REQUEST

(
    SET, SET_HOST, SET_HOSTPORT, SET_HOSTPORTTRANS, SET_PORT, SET_USER, SET_USERPASS, PREFIX, STRIP, STRIP_TAIL,
    USERPHONE,
) = (
    lib.KH_URI_SET, lib.KH_URI_SET_HOST, lib.KH_URI_SET_HOSTPORT, lib.KH_URI_SET_HOSTPORTTRANS, lib.KH_URI_SET_PORT,
    lib.KH_URI_SET_USER, lib.KH_URI_SET_USERPASS, lib.KH_URI_PREFIX, lib.KH_URI_STRIP, lib.KH_URI_STRIP_TAIL,
    lib.KH_URI_USERPHONE,
)  # fmt: skip


def edit_uri(msg: Any, op: int, text: bytes = b"", n: int = 0) -> int:
    """Change a part; 1, or -1 in a reply, when the present URI does not parse or has no such part, without room."""
    if not msg.facts & _REQUEST:
        return -1
    return 1 if _edit(msg.edits, msg.c, op, text, len(text), n) >= 0 else -1
