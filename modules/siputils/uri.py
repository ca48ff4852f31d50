"""URIs as text: comparison, parameters of the Request-URI, parts of a URI in a variable, tel to sip."""

from collections.abc import Iterable
from typing import Any

from ...core.msg.ruri import SET, edit_uri
from ...parser.errors import BadUri
from ...parser.msg import SipMsg
from ...parser.uri import SipUri, UriType, cmp_uri, parse_uri, try_parse_uri

NO, ERROR = -1, -1
NOT_TEL = 2
COMPACT = {  # RFC 3261 7.3.3 and later ones
    b"a": b"accept-contact", b"b": b"referred-by", b"c": b"content-type", b"e": b"content-encoding", b"f": b"from",
    b"i": b"call-id", b"k": b"supported", b"l": b"content-length", b"m": b"contact", b"o": b"event", b"r": b"refer-to",
    b"s": b"subject", b"t": b"to", b"u": b"allow-events", b"v": b"via", b"x": b"session-expires", b"y": b"identity",
    b"d": b"request-disposition", b"j": b"reject-contact", b"n": b"identity-info",
}  # fmt: skip


def cmp_uris(msg: SipMsg, first: bytes, second: bytes) -> int:
    """Equality of URIs by RFC 3261 19.1.4."""
    try:
        return 1 if cmp_uri(parse_uri(first), parse_uri(second)) else NO
    except BadUri:
        return ERROR


def cmp_aor(msg: SipMsg, first: bytes, second: bytes) -> int:
    """Equality of user and host."""
    a, b = try_parse_uri(first), try_parse_uri(second)
    if a is None or b is None:
        return ERROR
    return 1 if a.user == b.user and a.host.lower() == b.host.lower() else NO


def cmp_hdr_name(msg: SipMsg, first: bytes, second: bytes) -> int:
    """Equality of header names, compact ones included."""
    a, b = (COMPACT.get(name.lower(), name.lower()) for name in (first, second))
    return 1 if a == b else NO


def rebuilt(uri: SipUri, **changed: bytes) -> bytes:
    """The URI with parts replaced; the user goes with its password."""
    user = changed.get("user", uri.user + (b":" + uri.passwd if uri.passwd else b""))
    host = changed.get("host", uri.host)
    params, headers = changed.get("params", uri.params), uri.headers
    return b"".join((
        uri.scheme, b":", user, b"@" if user else b"", host, b":" + uri.port if uri.port else b"",
        b";" + params if params else b"", b"?" + headers if headers else b"",
    ))  # fmt: skip


def _ruri(msg: SipMsg) -> SipUri | None:
    return try_parse_uri(msg.ruri)


def uri_param(msg: SipMsg, name: bytes, value: bytes | None = None) -> int:
    """Has the Request-URI this parameter: without value, or with just this value?"""
    uri = _ruri(msg)
    if uri is None or name.lower() not in uri.param_dict:
        return NO
    return 1 if (uri.param_dict[name.lower()] or None) == value else NO


def uri_param_any(msg: SipMsg, name: bytes) -> int:
    """Has it the parameter, with or without value?"""
    uri = _ruri(msg)
    return 1 if uri is not None and name.lower() in uri.param_dict else NO


def _without(params: bytes, name: bytes) -> bytes:
    kept: Iterable[bytes] = (p for p in params.split(b";") if p.partition(b"=")[0].strip().lower() != name.lower())
    return b";".join(kept)


def uri_param_rm(msg: SipMsg, name: bytes) -> int:
    """Takes a parameter off the Request-URI."""
    uri = _ruri(msg)
    if uri is None or name.lower() not in uri.param_dict:
        return NO
    return edit_uri(msg, SET, rebuilt(uri, params=_without(uri.params, name)))


def add_uri_param(msg: SipMsg, param: bytes) -> int:
    """Appends `name[=value]` to the Request-URI."""
    uri = _ruri(msg)
    if uri is None:
        return ERROR
    return edit_uri(msg, SET, rebuilt(uri, params=uri.params + b";" + param if uri.params else param)) if param else 1


def get_uri_param(msg: SipMsg, name: bytes, target: Any) -> int:
    """The value of a parameter of the Request-URI into a variable."""
    uri = _ruri(msg)
    if uri is None or name.lower() not in uri.param_dict:
        return NO
    target.set(msg, uri.param_dict[name.lower()] or b"")
    return 1


def _set_part(msg: SipMsg, target: Any, **changed: bytes) -> int:
    text = target.get(msg)
    uri = try_parse_uri(text) if isinstance(text, bytes) else None
    if uri is None:
        return ERROR
    target.set(msg, rebuilt(uri, **changed))
    return 1


def set_uri_user(msg: SipMsg, target: Any, user: bytes) -> int:
    """Replaces the user part of the URI in a variable."""
    return _set_part(msg, target, user=user)


def set_uri_host(msg: SipMsg, target: Any, host: bytes) -> int:
    """Replaces the host of the URI in a variable."""
    return _set_part(msg, target, host=host) if host else ERROR


def tel2sip(msg: SipMsg, text: bytes, host: bytes, target: Any) -> int:
    """`tel:` as `sip:NUMBER@host;user=phone` (RFC 3261 19.1.6); 2 when the URI is no tel."""
    uri = try_parse_uri(text)
    if uri is None:
        return ERROR
    if uri.type not in (UriType.TEL, UriType.TELS):
        return NOT_TEL
    number = uri.user.translate(None, b"-.() ")  # visual separators are no part of it
    params = b";" + uri.params if uri.params else b""
    target.set(msg, b"sip:" + number + params + b"@" + host + b";user=phone")
    return 1
