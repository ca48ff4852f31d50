"""The same fields as kamailio.py, read by the parser."""

from collections.abc import Callable
from typing import Any

from kahea.parser.body import find_part, sdp_of
from kahea.parser.errors import ParseError
from kahea.parser.functions import (
    parse_diversion_header,
    parse_pai_header,
    parse_ppi_header,
    parse_refer_to_header,
    parse_rpid_header,
    parse_sip_msg_uri,
)
from kahea.parser.headers.credentials import Digest, parse_credentials
from kahea.parser.headers.via import ViaBody, iter_via
from kahea.parser.msg import SipMsg
from kahea.parser.sdp import Media, Session
from kahea.parser.uri import SipUri, UriType, parse_uri

from .kamailio import CALLS, FIELDS, NUMBERS, plain


def _uri(uri: bytes | None, part: Callable[[SipUri], Any]) -> Any:
    return part(parse_uri(uri)) if uri else None


def _known(uri: SipUri) -> bytes | None:
    return None if uri.type == UriType.OTHER else uri.raw


def _via(index: int) -> Callable[[SipMsg], ViaBody | None]:
    def get(msg: SipMsg) -> ViaBody | None:
        found = [via for body in msg.headers(b"Via") for via in iter_via(body)]
        return found[index] if -len(found) <= index < len(found) else None

    return get


def _digest(msg: SipMsg) -> Digest | None:
    bodies = [*msg.headers(b"Proxy-Authorization"), *msg.headers(b"Authorization")]
    return parse_credentials(bodies[0]) if bodies else None


def _sdp(say: Callable[[Session], Any]) -> Callable[[SipMsg], Any]:
    def get(msg: SipMsg) -> Any:
        session = sdp_of(msg)
        return None if session is None else say(session)

    return get


def _media(say: Callable[[Media], bool]) -> Callable[[SipMsg], bool | None]:
    return _sdp(lambda session: any(say(media) for media in session.media))


def _codec(name: bytes) -> Callable[[SipMsg], bool | None]:
    return _media(lambda media: any(codec.name.lower() == name.lower() for codec in media.codecs))


def _c_line(session: Session) -> bytes | None:
    lines = [line for section in (session, *session.media) for line in section.lines if line.type == b"c"]
    return b"c=" + lines[0].value if lines else None


def _common_transport(session: Session) -> bytes | None:
    found = {media.transport for media in session.media}
    return found.pop() if len(found) == 1 else None


def _sdp_body(msg: SipMsg) -> bytes | None:
    part = find_part(msg, b"application/sdp")
    return part.content if part and sdp_of(msg) else None


def _of(read: Callable[[SipMsg], Any], part: Callable[[Any], Any]) -> Callable[[SipMsg], Any]:
    """`part` of what `read` finds; None when it finds nothing."""

    def get(msg: SipMsg) -> Any:
        found = read(msg)
        return part(found) if found else None

    return get


def _header(field: str, read: Callable[[SipMsg, bytes], Any]) -> Callable[[SipMsg], Any]:
    name = field.split(" ")[1].encode()
    return lambda msg: read(msg, name)


VIA_PARTS: dict[str, Callable[[ViaBody], Any]] = {
    "host": lambda via: via.host, "port": lambda via: via.port_str or b"5060",
    "proto": lambda via: via.transport, "branch": lambda via: via.branch, "received": lambda via: via.received,
    "rport": lambda via: via.rport or None,
}  # fmt: skip
READ: dict[str, Callable[[SipMsg], Any]] = {
    "method": lambda msg: msg.method_name, "ruri": lambda msg: _uri(msg.ruri, _known),
    "ruri user": _of(parse_sip_msg_uri, lambda uri: uri.user),
    "ruri host": _of(parse_sip_msg_uri, lambda uri: uri.host),
    "ruri port": _of(parse_sip_msg_uri, lambda uri: uri.type != UriType.OTHER and (uri.port or b"5060")),
    "status": lambda msg: msg.status_text, "reason": lambda msg: msg.reason, "call-id": lambda msg: msg.callid,
    "cseq": lambda msg: msg.cseq_num if msg.cseq_method else None,
    "from": lambda msg: msg.from_uri, "from name": lambda msg: msg.from_display, "from tag": lambda msg: msg.from_tag,
    "from user": lambda msg: _uri(msg.from_uri, lambda uri: uri.user),
    "from host": lambda msg: _uri(msg.from_uri, lambda uri: uri.host),
    "to": lambda msg: msg.to_uri, "to name": lambda msg: msg.to_display, "to tag": lambda msg: msg.to_tag,
    "to user": lambda msg: _uri(msg.to_uri, lambda uri: uri.user),
    "to host": lambda msg: _uri(msg.to_uri, lambda uri: uri.host),
    "contact": lambda msg: msg.header(b"Contact"), "content-type": lambda msg: msg.content_type,
    "content-length": lambda msg: msg.content_length, "body": lambda msg: msg.body,
    "user-agent": lambda msg: msg.user_agent,
    **{f"{name} {part}": _of(_via(at), read)
       for name, at in (("via0", 0), ("via1", 1), ("viaZ", -1)) for part, read in VIA_PARTS.items()
       if f"{name} {part}" in FIELDS},
    **{f: _header(f, lambda msg, name: len(msg.headers(name))) for f in FIELDS if f.startswith("count ")},
    **{f: _header(f, lambda msg, name: msg.header(name)) for f in FIELDS if f.startswith("first ")},
    **{f: _header(f, lambda msg, name: msg.header(name, -1)) for f in FIELDS if f.startswith("last ")},
    "auth username": _of(_digest, lambda digest: digest.user),
    "auth user": _of(_digest, lambda digest: digest.username),
    "auth realm": _of(_digest, lambda digest: digest.realm), "auth domain": _of(_digest, lambda digest: digest.domain),
    "auth uri": _of(_digest, lambda digest: digest.uri),
    "auth algorithm": _of(_digest, lambda digest: digest.algorithm),
    "asserted identity": _of(parse_pai_header, lambda found: found[0].uri),
    "preferred identity": _of(parse_ppi_header, lambda found: found[0].uri),
    "preferred user": _of(parse_ppi_header, lambda found: found[0].parsed_uri.user),
    "preferred host": _of(parse_ppi_header, lambda found: found[0].parsed_uri.host),
    "preferred name": _of(parse_ppi_header, lambda found: found[0].display),
    "remote-party-id": _of(parse_rpid_header, lambda found: found[0].uri),
    "diversion": _of(parse_diversion_header, lambda found: found[0].uri),
    "diversion reason": _of(parse_diversion_header, lambda found: found[0].param(b"reason")),
    "diversion counter": _of(parse_diversion_header, lambda found: found[0].param(b"counter")),
    "refer-to": _of(parse_refer_to_header, lambda found: found.uri),
    "sdp": _sdp(lambda session: True), "sdp body": _sdp_body, "sdp c": _sdp(_c_line),
    "sdp audio": _media(lambda media: media.kind == b"audio"),
    "sdp video": _media(lambda media: media.kind == b"video"),
    "sdp active audio": _media(lambda media: media.kind == b"audio" and media.port != 0 and not _silent(media)),
    "sdp active video": _media(lambda media: media.kind == b"video" and media.port != 0 and not _silent(media)),
    "sdp PCMU": _codec(b"PCMU"), "sdp G729": _codec(b"G729"), "sdp opus": _codec(b"opus"),
    "sdp telephone-event": _codec(b"telephone-event"), "sdp format 8": _media(lambda media: b"8" in media.formats),
    "sdp ice": _sdp(lambda session: any(section.has_ice for section in (session, *session.media))),
    "sdp RTP/AVP": _media(lambda media: media.transport == b"RTP/AVP"),
    "sdp family": _sdp(lambda session: session.connection and {b"IP4": 4, b"IP6": 6}.get(session.connection.family)),
    "hold": _sdp(lambda session: max((m.hold for m in session.media if m.kind == b"audio"), default=0) or None),
    "sdp transport": _sdp(_common_transport),
}  # fmt: skip
assert set(READ) == set(FIELDS)


def _silent(media: Media) -> bool:
    return media.direction == b"inactive"


def _text(field: str, value: Any) -> str:
    if not value and (field.startswith("count ") or value is None or value is False or value == b""):
        return ""
    if field in CALLS and "|" not in CALLS[field] and field not in NUMBERS:
        return "yes"
    return plain(field, value if isinstance(value, bytes) else b"%d" % value)


def read(data: bytes) -> dict[str, str]:
    """Field → value of what is there; what is malformed is not; empty for what is no SIP."""
    try:
        msg = SipMsg.from_bytes(data)
    except ParseError:
        return {}
    found = {}
    for field, get in READ.items():
        try:
            text = _text(field, get(msg))
        except ParseError:
            continue
        if text:
            found[field] = text
    return found
