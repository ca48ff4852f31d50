"""The Request-URI: `$ru $rU $rUl $rd $rp $rP $rz`, as received `$ou ...`, and the method `$rm $rmid $rv`."""

from typing import Any

from ....parser.uri import SipUri, try_parse_uri
from ....src.native import lib
from ...msg import ruri
from ..exports import PvExport, Value
from ..spec import PvError
from ..uri_parts import PARTS, kept, part_getter

_text_get, _NEW_URI = lib.kh_text_get, lib.KH_EDP_NEW_URI
_original = kept("orig_uri", lambda msg: msg.orig_uri)


def _effective(msg: Any) -> SipUri | None:
    if _text_get(msg.edits, _NEW_URI) < 0:
        return _original(msg)
    return try_parse_uri(msg.new_uri)


def _text(value: Value) -> bytes:
    """A value that must be a text, or undefined."""
    if isinstance(value, int):
        raise PvError("takes a string, no number")
    return value or b""


def _edited(code: int) -> None:
    if code < 0:
        raise PvError("the Request-URI cannot be changed so")


def set_ruri(msg: Any, value: Value) -> None:
    """`$ru = ...`: any text, checked when it is used."""
    text = _text(value)
    if not text:
        raise PvError("takes a URI")
    _edited(ruri.edit_uri(msg, ruri.SET, text))


def set_user(msg: Any, value: Value) -> None:
    """`$rU = ...`: empty or undefined removes user and password."""
    _edited(ruri.edit_uri(msg, ruri.SET_USER, _text(value)))


def set_domain(msg: Any, value: Value) -> None:
    """`$rd = ...`: the port stays."""
    text = _text(value)
    if not text:
        raise PvError("takes a host")
    _edited(ruri.edit_uri(msg, ruri.SET_HOST, text))


def set_port(msg: Any, value: Value) -> None:
    """`$rp = ...`: empty or undefined removes the port."""
    _edited(ruri.edit_uri(msg, ruri.SET_PORT, b"%d" % value if isinstance(value, int) else value or b""))


_SETTERS = {"u": set_ruri, "U": set_user, "d": set_domain, "p": set_port}
_ALIASES = {
    "ru": ("ruri",), "rU": ("ruri.user",), "rd": ("ruri.domain",), "ou": ("ouri",), "oU": ("ouri.user",),
    "od": ("ouri.domain",),
}  # fmt: skip

REQUEST_URI = (
    *(
        PvExport(f"r{k}", part_getter(_effective, part), _SETTERS.get(k), aliases=_ALIASES.get(f"r{k}", ()))
        for k, part in PARTS.items()
    ),
    *(PvExport(f"o{k}", part_getter(_original, part), aliases=_ALIASES.get(f"o{k}", ())) for k, part in PARTS.items()),
    PvExport("rm", get=lambda msg: msg.method_name, kind="str"),
    PvExport("rmid", get=lambda msg: msg.method, kind="int"),
    PvExport("rv", get=lambda msg: msg.version),
)
