"""Tests that a script asks: 1 is yes, a negative number no (which one is Kamailio's)."""

import re

from ...core.clock import now
from ...core.net.sockets import check_self
from ...parser.errors import ParseError
from ...parser.hdr import HdrType
from ...parser.headers.date import parse_date
from ...parser.lists import parse_tokens
from ...parser.msg import SipMsg
from ...parser.uri import UriType, try_parse_uri
from ...src.native import lib

AUTHORIZED = "authorized"  # key of the message's cache
_TO_TAG, _REQUEST, _VIA2 = lib.KH_F_TO_TAG, lib.KH_F_REQUEST, lib.KH_F_VIA2
_E164 = re.compile(rb"\+[0-9]{2,15}")  # E.164 allows 15 digits
_TEL = re.compile(rb"\+?[0-9]+")
_ALNUM = re.compile(rb"[0-9A-Za-z]+")


def has_totag(msg: SipMsg) -> int:
    """Is the request within a dialog: does To have a tag?"""
    return 1 if msg.facts & _TO_TAG else -1


def is_request(msg: SipMsg) -> int:
    return 1 if msg.facts & _REQUEST else -1


def is_reply(msg: SipMsg) -> int:
    return -1 if msg.facts & _REQUEST else 1


def is_uri(msg: SipMsg, text: bytes) -> int:
    """Does it parse as a URI of a known scheme?"""
    uri = try_parse_uri(text)
    return 1 if uri is not None and uri.type not in (UriType.ERROR, UriType.OTHER) else -1


def is_e164(msg: SipMsg, text: bytes) -> int:
    """`+` and 2 to 15 digits."""
    return 1 if _E164.fullmatch(text) else -1


def is_uri_user_e164(msg: SipMsg, text: bytes) -> int:
    """Is the URI's user part a number with `+`?"""
    uri = try_parse_uri(text)
    return 1 if uri is not None and _E164.fullmatch(uri.user) else -1


def is_tel_number(msg: SipMsg, text: bytes) -> int:
    """Digits, a `+` may lead."""
    return 1 if _TEL.fullmatch(text) else -2


def is_numeric(msg: SipMsg, text: bytes) -> int:
    return 1 if text.isdigit() else -2


def is_alphanum(msg: SipMsg, text: bytes) -> int:
    return 1 if _ALNUM.fullmatch(text) else -3


def is_alphanumex(msg: SipMsg, text: bytes, extra: bytes) -> int:
    """Letters, digits and the characters of `extra`."""
    return 1 if text and not text.translate(None, _LETTERS_DIGITS + extra) else -3


_LETTERS_DIGITS = bytes(c for c in range(128) if chr(c).isalnum())


def is_supported(msg: SipMsg, option: bytes) -> int:
    """Is the option tag listed in Supported?"""
    wanted = option.lower()
    for body in msg.headers(HdrType.SUPPORTED):
        try:
            if wanted in (tag.lower() for tag in parse_tokens(body)):
                return 1
        except ParseError:
            continue
    return -1


def is_first_hop(msg: SipMsg, mode: int = 0) -> int:
    """A request with one Via; a reply whose topmost Record-Route is ours and that did not come from ourselves."""
    if msg.is_request:
        return -1 if msg.facts & _VIA2 else 1
    top = try_parse_uri(msg.record_route_uri)
    if top is None:
        return 1
    if not check_self(top.host, top.port_no, 0):
        return 1 if mode and not top.host.replace(b".", b"").isdigit() else -1
    return -1 if check_self(msg.rcv.src_ip, msg.rcv.src_port, 0) else 1


def is_gruu(msg: SipMsg, text: bytes = b"") -> int:
    """1 a public GRUU, 2 a temporary one (RFC 5627); the Request-URI when no URI is given."""
    uri = try_parse_uri(text or msg.ruri)
    if uri is None or b"gr" not in uri.param_dict:
        return -1
    return 1 if uri.param_dict[b"gr"] else 2


def is_user(msg: SipMsg, name: bytes) -> int:
    """Is it the user name in the credentials that were accepted?

    Who checks a password leaves the Digest in msg.cache[AUTHORIZED]; credentials that nobody has checked are no answer.
    """
    digest = msg.cache.get(AUTHORIZED)
    return 1 if digest is not None and digest.user == name else -1


def hdr_date_check(msg: SipMsg, max_age: int) -> int:
    """Is there a Date that is not older than `max_age` seconds?"""
    body = msg.header(HdrType.DATE)
    if body is None:
        return -1
    try:
        sent = parse_date(body).timestamp()
    except (ParseError, ValueError):
        return -1
    return 1 if now() - sent <= max_age else -1
