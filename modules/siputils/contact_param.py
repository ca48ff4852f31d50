"""The NAT trick of contact.py with a URI parameter: the real Contact URI in base64url under our own address."""

import base64
import binascii
from collections.abc import Callable

from ...core.msg.ruri import SET, edit_uri
from ...parser.hdr import HdrType
from ...parser.headers.nameaddr import iter_nameaddr
from ...parser.msg import SipMsg
from ...parser.uri import SipUri, try_parse_uri
from ...src.native import lib

ERROR = -1
Change = Callable[[SipUri], bytes | None]


def pack(uri: SipUri, name: bytes, address: bytes) -> bytes:
    """Our address with the URI in a parameter."""
    return address + b";" + name + b"=" + base64.urlsafe_b64encode(uri.raw).rstrip(b"=")


def unpack(uri: SipUri, name: bytes) -> bytes | None:
    """The URI in a parameter; None when there is none."""
    value = uri.param_dict.get(name.lower())
    if not value:
        return None
    try:
        found = base64.urlsafe_b64decode(value.rstrip(b"=") + b"=" * (-len(value.rstrip(b"=")) % 4))
    except binascii.Error:
        return None
    return found if try_parse_uri(found) is not None else None


def without(uri: SipUri, name: bytes) -> bytes | None:
    """The URI without a parameter; None when it has none of that name."""
    if name.lower() not in uri.param_dict:
        return None
    kept = [p for p in uri.params.split(b";") if p.partition(b"=")[0].lower() != name.lower()]
    return uri.raw.replace(b";" + uri.params, b"".join(b";" + p for p in kept), 1)


def _each_contact(msg: SipMsg, change: Change) -> int:
    data, c, found = msg.buf, msg.seen, 0
    for i in range(lib.kh_msg_hdr_count(c, HdrType.CONTACT)):
        packed = lib.kh_msg_hdr(c, HdrType.CONTACT, i)
        at = packed >> 16
        try:
            values = list(iter_nameaddr(data[at : at + (packed & 0xFFFF)]))
        except ValueError:
            return ERROR
        for value in values:
            at = data.index(value.uri, at)
            uri = try_parse_uri(value.uri)
            new = change(uri) if uri is not None else None
            if new is not None:
                if lib.kh_replace(msg.edits, c, at, len(value.uri), new, len(new), HdrType.CONTACT) < 0:
                    return ERROR
                found += 1
            at += len(value.uri)
    return 1 if found else ERROR


def contact_param_encode(msg: SipMsg, name: bytes, address: bytes) -> int:
    """Pack each Contact URI under our address."""
    return _each_contact(msg, lambda uri: pack(uri, name, address))


def contact_param_decode(msg: SipMsg, name: bytes) -> int:
    """Unpack each Contact URI."""
    return _each_contact(msg, lambda uri: unpack(uri, name))


def contact_param_decode_ruri(msg: SipMsg, name: bytes) -> int:
    """Unpack the Request-URI."""
    uri = try_parse_uri(msg.ruri)
    real = unpack(uri, name) if uri is not None else None
    return edit_uri(msg, SET, real) if real is not None else ERROR


def contact_param_rm(msg: SipMsg, name: bytes) -> int:
    """Take the parameter off each Contact URI."""
    return _each_contact(msg, lambda uri: without(uri, name))
