"""From and To: `$fu $fU $fUl $fd $fn $ft`, `$tu ...`. What is assigned shows in what is sent; in later reads with
edits_visible only."""

from typing import Any

from ....src.native import lib
from ..exports import Getter, PvExport, Setter, Value
from ..spec import PvError
from ..uri_parts import PARTS, GetUri, kept, part_getter

_field, _rewrite = lib.kh_msg_field, lib.kh_rewrite


class Side:
    """One of the two headers: its field numbers (src/parse/msg.h) and getters."""

    def __init__(self, header: str, hdr_type: int) -> None:
        self.hdr_type = hdr_type
        self.uri_field = getattr(lib, f"KH_FLD_{header}_URI")
        self.display_field = getattr(lib, f"KH_FLD_{header}_DISPLAY")
        self.body_field = getattr(lib, f"KH_FLD_{header}")
        name = header.lower()
        self.uri: GetUri = (lambda msg: msg.from_uri) if name == "from" else (lambda msg: msg.to_uri)
        self.parsed = kept(f"{name}_uri", self.uri)
        self.tag: Getter = (lambda msg: msg.from_tag or None) if name == "from" else (lambda msg: msg.to_tag or None)
        self.display: Getter = (
            (lambda msg: msg.from_display or None) if name == "from" else (lambda msg: msg.to_display or None)
        )

    def replace(self, msg: Any, at: int, length: int, text: bytes) -> None:
        """Put `text` in place of a span of the message; of several for the same part the last one counts."""
        if _rewrite(msg.edits, msg.seen, at, length, text, len(text), self.hdr_type) < 0:
            raise PvError("there is no room for the change")

    def uri_at(self, msg: Any) -> tuple[int, int]:
        """Offset and length of the URI in the message."""
        packed = _field(msg.seen, self.uri_field)
        if packed < 0:
            raise PvError("the header has no URI")
        return packed >> 16, packed & 0xFFFF


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise PvError("takes a string")
    return value


def _set_uri(side: Side) -> Setter:
    def put(msg: Any, value: Value) -> None:
        text = _bytes(value)
        if not text:
            raise PvError("takes a URI")
        side.replace(msg, *side.uri_at(msg), text)

    return put


def _set_user(side: Side) -> Setter:
    def put(msg: Any, value: Value) -> None:
        text = b"" if value is None else _bytes(value)
        at, _ = side.uri_at(msg)
        uri = side.parsed(msg)
        if uri is None:
            raise PvError("the header's URI is malformed")
        scheme = uri.raw.index(b":") + 1
        user_end = scheme + len(uri.user)
        if uri.user and text:
            side.replace(msg, at + scheme, len(uri.user), text)
        elif uri.user:  # with its password and the @
            side.replace(msg, at + scheme, uri.raw.index(b"@", user_end) + 1 - scheme, b"")
        elif text:
            side.replace(msg, at + scheme, 0, text + b"@")

    return put


def _set_domain(side: Side) -> Setter:
    def put(msg: Any, value: Value) -> None:
        text = _bytes(value)
        at, _ = side.uri_at(msg)
        uri = side.parsed(msg)
        if uri is None or not uri.host or not text:
            raise PvError("takes a host, for a URI that has one")
        start = uri.raw.index(b"@") + 1 if b"@" in uri.raw else uri.raw.index(b":") + 1
        side.replace(msg, at + start, len(uri.host), text)

    return put


def _set_display(side: Side) -> Setter:
    def put(msg: Any, value: Value) -> None:
        text = b"" if value is None else _bytes(value)
        packed = _field(msg.seen, side.display_field)
        if packed > 0 and packed & 0xFFFF:
            side.replace(msg, packed >> 16, packed & 0xFFFF, text)
            return
        at, length = side.uri_at(msg)
        if msg.buf[at - 1 : at] == b"<":
            side.replace(msg, at - 1, 0, text + b" " if text else b"")
        elif text:
            side.replace(msg, at, length, text + b" <" + msg.buf[at : at + length] + b">")

    return put


def _family(letter: str, name: str, side: Side) -> tuple[PvExport, ...]:
    return (
        PvExport(f"{letter}u", side.uri, _set_uri(side), aliases=(name,)),
        PvExport(f"{letter}U", part_getter(side.parsed, PARTS["U"]), _set_user(side), aliases=(f"{name}.user",)),
        PvExport(f"{letter}Ul", part_getter(side.parsed, PARTS["Ul"])),
        PvExport(f"{letter}d", part_getter(side.parsed, PARTS["d"]), _set_domain(side), aliases=(f"{name}.domain",)),
        PvExport(f"{letter}n", side.display, _set_display(side)),
        PvExport(f"{letter}t", side.tag),
    )


FROM_TO = (
    *_family("f", "from", Side("FROM", lib.KH_HDR_FROM)),
    *_family("t", "to", Side("TO", lib.KH_HDR_TO)),
)
