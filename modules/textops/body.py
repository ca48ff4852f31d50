"""The body: presence, replacement, one part of a multipart."""

from ...parser.body import parts_of, sdp_of
from ...parser.errors import ParseError
from ...parser.hdr import HdrType
from ...parser.msg import SipMsg
from ...src.native import lib
from .edits import NO, OK, body_area, done, put


def has_body(msg: SipMsg, mime: bytes = b"") -> int:
    """Is there a body, of this type if one is given?"""
    if not msg.body:
        return NO
    if not mime:
        return OK
    return OK if (msg.content_type or b"").split(b";")[0].strip().lower() == mime.lower() else NO


def set_body(msg: SipMsg, text: bytes, mime: bytes) -> int:
    """Replaces the body and Content-Type; Content-Length follows when the message is built."""
    start, end = body_area(msg)
    if not put(msg, start or msg.seen.len, end - start, text):
        return NO
    lib.kh_remove_hf(msg.edits, msg.seen, HdrType.CONTENTTYPE)
    line = b"Content-Type: " + mime + b"\r\n"
    return done(lib.kh_append_hf(msg.edits, msg.seen, line, len(line)))


def set_reply_body(msg: SipMsg, text: bytes, mime: bytes) -> int:
    """Gives a body to the reply that will be made here."""
    line = b"Content-Type: " + mime + b"\r\n"
    if lib.kh_reply_lump(msg.edits, lib.KH_RPL_HDR, line, len(line)) < 0:
        return NO
    return done(lib.kh_reply_lump(msg.edits, lib.KH_RPL_BODY, text, len(text)))


def filter_body(msg: SipMsg, mime: bytes) -> int:
    """Keeps of a multipart body only the content of its first part of this type."""
    if not msg.body or not msg.content_type:
        return NO
    try:
        parts = parts_of(msg)
    except ParseError:
        return NO
    found = next((part for part in parts if bytes(part.content_type) == mime.lower()), None)
    if found is None:
        return NO
    return set_body(msg, found.content, mime) if found.start != found.offset else OK


def is_audio_on_hold(msg: SipMsg) -> int:
    """1: a null connection address (RFC 2543), 2: sendonly or inactive (RFC 3264), of any audio stream."""
    try:
        session = sdp_of(msg)
    except ParseError:
        return NO
    held = [media.hold for media in session.media if media.kind == b"audio"] if session is not None else []
    return max(held, default=0) or NO
