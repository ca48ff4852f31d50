"""The body: presence, replacement, one part of a multipart."""

import re

from ...parser.content_type import parse_content_type
from ...parser.errors import ParseError
from ...parser.hdr import HdrType
from ...parser.msg import SipMsg
from ...src.native import lib
from .edits import NO, OK, body_area, done, put

_HOLD_ADDRESS = re.compile(rb"^c=IN IP(4 0\.0\.0\.0|6 ::)\s*$", re.M)
_HOLD_DIRECTION = re.compile(rb"^a=(sendonly|inactive)\s*$", re.M)
OLD_HOLD, NEW_HOLD = 1, 2


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
        boundary = parse_content_type(msg.content_type).params.get(b"boundary")
    except ParseError:
        return NO
    if not boundary:
        return has_body(msg, mime)
    for part in msg.body.split(b"--" + boundary)[1:]:
        head, found, content = part.partition(b"\r\n\r\n")
        if found and re.search(rb"^content-type:\s*" + re.escape(mime) + rb"\b", head, re.M | re.I):
            return set_body(msg, content.removesuffix(b"\r\n"), mime)
    return NO


def is_audio_on_hold(msg: SipMsg) -> int:
    """1: a null connection address (RFC 2543), 2: sendonly or inactive (RFC 3264)."""
    body = msg.body or b""
    if _HOLD_ADDRESS.search(body):
        return OLD_HOLD
    return NEW_HOLD if _HOLD_DIRECTION.search(body) else NO
