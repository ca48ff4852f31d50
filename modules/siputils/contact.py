"""The NAT trick of packing the real address of a Contact into its user part, and unpacking it.

`sip:user:pass@ip:port;transport=udp` becomes `sip:prefix*user*pass*ip*port*protocol@host`.
"""

from ...core.msg.ruri import SET, edit_uri
from ...parser.hdr import HdrType
from ...parser.headers.nameaddr import iter_nameaddr
from ...parser.msg import SipMsg
from ...parser.uri import SipUri, try_parse_uri
from ...src.native import lib
from .settings import settings

ERROR = -1
FIELDS = 6


def encoded(uri: SipUri, prefix: bytes, host: bytes) -> bytes:
    """The packed form of a URI."""
    transport = uri.param_dict.get(b"transport") or b""
    fields = (prefix, uri.user, uri.passwd, uri.host, uri.port, transport)
    return uri.scheme + b":" + settings.contact_flds_separator.join(fields) + b"@" + host


def decoded(uri: SipUri) -> bytes | None:
    """What was packed, or None when this is no packed URI."""
    fields = uri.user.split(settings.contact_flds_separator)
    if len(fields) != FIELDS or not fields[3]:
        return None
    _, user, password, host, port, transport = fields
    return b"".join((
        uri.scheme, b":", user, b":" + password if password else b"", b"@" if user else b"", host,
        b":" + port if port else b"", b";transport=" + transport if transport else b"",
    ))  # fmt: skip


def _each_contact(msg: SipMsg, change: bytes | None, prefix: bytes = b"") -> int:
    """Replaces every Contact URI: packed with host `change`, or unpacked when it is None."""
    data, c, edits = msg.buf, msg.seen, msg.edits
    found = 0
    for i in range(lib.kh_msg_hdr_count(c, HdrType.CONTACT)):
        packed = lib.kh_msg_hdr(c, HdrType.CONTACT, i)
        off, size = packed >> 16, packed & 0xFFFF
        at = off
        for value in iter_nameaddr(data[off : off + size]):
            uri = try_parse_uri(value.uri)
            if uri is None:
                return ERROR
            new = decoded(uri) if change is None else encoded(uri, prefix, change)
            if new is None:
                continue
            at = data.index(value.uri, at)
            if lib.kh_replace(edits, c, at, len(value.uri), new, len(new), HdrType.CONTACT) < 0:
                return ERROR
            at += len(value.uri)
            found += 1
    return 1 if found else ERROR


def encode_contact(msg: SipMsg, prefix: bytes, host: bytes) -> int:
    """Packs each Contact under our own host."""
    return _each_contact(msg, host, prefix)


def decode_contact(msg: SipMsg) -> int:
    """Unpacks the Request-URI."""
    uri = try_parse_uri(msg.ruri)
    real = decoded(uri) if uri is not None else None
    return edit_uri(msg, SET, real) if real is not None else ERROR


def decode_contact_header(msg: SipMsg) -> int:
    """Unpacks each Contact."""
    return _each_contact(msg, None)
