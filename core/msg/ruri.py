"""Rewriting the Request-URI: a part at a time, as variables and core functions do it (src/edit/lump.h, kh_uri_edit)."""

from typing import Any

from ...parser.uri import UriType, try_parse_uri
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
    if _edit(msg.edits, msg.c, op, text, len(text), n) >= 0:
        return 1
    changed = _edited_tel(msg.ruri or b"", op, text, n)
    if not changed:
        return -1
    return 1 if _edit(msg.edits, msg.c, SET, changed, len(changed), 0) >= 0 else -1


def _edited_tel(raw: bytes, op: int, text: bytes, n: int) -> bytes | None:
    """A tel: URI after an edit: its number stays tel:, a host makes it a sip: URI; None when it has no such part."""
    uri = try_parse_uri(raw)
    if uri is None or uri.type not in (UriType.TEL, UriType.TELS):
        return None
    number, rest = uri.user, raw[len(uri.scheme) + 1 + len(uri.user) :]
    if op in (SET_HOST, SET_HOSTPORT, SET_HOSTPORTTRANS):
        return b"sip:" + number + rest + b"@" + text + b";user=phone"
    users = {
        SET_USER: text, SET_USERPASS: text, PREFIX: text + number, STRIP: number[n:],
        STRIP_TAIL: number[: max(len(number) - n, 0)],
    }  # fmt: skip
    return uri.scheme + b":" + users[op] + rest if op in users else None
