"""Which function reads the body of which header; `parsed_header` applies it and keeps the result with the message.

To add one: write `parse_x(body: bytes) -> object`, which raises BadHeader, and register it. README.md has an example.
"""

from collections.abc import Callable
from typing import Any

from .contact import parse_contact
from .content_type import parse_accept, parse_content_type
from .credentials import parse_auth_params, parse_credentials
from .cseq import parse_cseq
from .date import parse_date
from .dialog_id import parse_join, parse_rack, parse_replaces, parse_rseq, parse_target_dialog
from .event import parse_event, parse_subscription_state
from .identity import parse_history_info, parse_identities, parse_identity, parse_privacy
from .lists import parse_tokens, parse_valued, parse_valued_list
from .msg import SipMsg
from .nameaddr import parse_nameaddr
from .rr import parse_rr
from .seconds import parse_min_se, parse_retry_after, parse_seconds, parse_session_expires
from .via import iter_via

Parser = Callable[[bytes], Any]
_parsers: dict[bytes, Parser] = {}
_COMPACT = {
    b"a": b"accept-contact", b"b": b"referred-by", b"c": b"content-type", b"d": b"request-disposition",
    b"e": b"content-encoding", b"f": b"from", b"i": b"call-id", b"j": b"reject-contact", b"k": b"supported",
    b"l": b"content-length", b"m": b"contact", b"n": b"identity-info", b"o": b"event", b"r": b"refer-to",
    b"s": b"subject", b"t": b"to", b"u": b"allow-events", b"v": b"via", b"x": b"session-expires", b"y": b"identity",
}  # fmt: skip


def register_header(*names: bytes) -> Callable[[Parser], Parser]:
    """Makes a function the parser of headers of these names (long form); a later one replaces an earlier one."""

    def register(parse: Parser) -> Parser:
        for name in names:
            _parsers[name.lower()] = parse
        return parse

    return register


def parser_of(name: bytes) -> Parser | None:
    """The parser of a header name, long or compact, any case; None when there is none."""
    name = name.lower()
    return _parsers.get(_COMPACT.get(name, name))


def parsed_header(msg: SipMsg, name: bytes, index: int = 0) -> Any:
    """The parsed body of the index-th header of a name, parsed once a message; None when there is no such header.
    Raises BadHeader for a malformed one and KeyError for a name without parser."""
    key = (name.lower(), index)
    if key in msg.cache:
        return msg.cache[key]
    parse = parser_of(name)
    if parse is None:
        raise KeyError(name)
    body = msg.header(name, index)
    value = msg.cache[key] = None if body is None else parse(body)
    return value


def _parse_vias(body: bytes) -> tuple[Any, ...]:
    return tuple(iter_via(body))


for _parse, _names in {
    _parse_vias: (b"via",),
    parse_nameaddr: (b"from", b"to", b"refer-to", b"referred-by"),
    parse_contact: (b"contact",),
    parse_cseq: (b"cseq",),
    parse_rr: (b"route", b"record-route", b"path", b"service-route"),
    parse_identities: (b"p-asserted-identity", b"p-preferred-identity", b"remote-party-id", b"diversion"),
    parse_history_info: (b"history-info",),
    parse_privacy: (b"privacy",),
    parse_identity: (b"identity",),
    parse_content_type: (b"content-type",),
    parse_accept: (b"accept",),
    parse_credentials: (b"authorization", b"proxy-authorization"),
    parse_auth_params: (b"www-authenticate", b"proxy-authenticate"),
    parse_event: (b"event",),
    parse_subscription_state: (b"subscription-state",),
    parse_seconds: (b"expires", b"min-expires", b"content-length", b"max-forwards"),
    parse_min_se: (b"min-se",),
    parse_session_expires: (b"session-expires",),
    parse_retry_after: (b"retry-after",),
    parse_replaces: (b"replaces",),
    parse_join: (b"join",),
    parse_target_dialog: (b"target-dialog",),
    parse_rack: (b"rack",),
    parse_rseq: (b"rseq",),
    parse_date: (b"date",),
    parse_tokens: (
        b"allow", b"supported", b"require", b"proxy-require", b"unsupported", b"allow-events", b"content-encoding",
        b"sip-if-match", b"sip-etag",
    ),
    parse_valued: (b"content-disposition", b"p-access-network-info", b"p-charging-vector", b"identity-info"),
    parse_valued_list: (
        b"reason", b"accept-contact", b"reject-contact", b"request-disposition", b"geolocation", b"call-info",
        b"accept-language", b"accept-encoding", b"alert-info",
    ),
}.items():  # fmt: skip
    register_header(*_names)(_parse)
