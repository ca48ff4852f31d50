"""Which function reads the body of which header; `parsed_header` applies it and keeps the result with the message.

To add one: write `parse_x(body: bytes) -> object`, which raises BadHeader, and register it. README.md has an example.
"""

from collections.abc import Callable
from typing import Any

from ...src.native import lib
from ..lists import parse_tokens, parse_valued, parse_valued_list
from ..msg import SipMsg
from ..params import parse_params
from .contact import parse_contact
from .content_type import parse_accept, parse_content_type
from .credentials import parse_auth_params, parse_credentials
from .cseq import parse_cseq
from .date import parse_date
from .dialog_id import parse_rack, parse_replaces, parse_rseq, parse_target_dialog
from .event import parse_event, parse_subscription_state
from .identity import parse_history_info, parse_identities, parse_identity, parse_privacy
from .nameaddr import parse_nameaddr
from .reason import parse_reason, parse_warning
from .rr import parse_rr
from .seconds import parse_min_se, parse_retry_after, parse_seconds, parse_session_expires
from .via import iter_via

Parser = Callable[[bytes], Any]
_parsers: dict[bytes | int, Parser] = {}
_names: set[bytes] = set()
_classify, _number = lib.kh_hdr_classify, lib.kh_msg_hdr_number
_PARSED = "parsed"  # first half of a key in the message's cache; the other is the header's number


def register_header(*names: bytes) -> Callable[[Parser], Parser]:
    """Makes a function the parser of headers of these names (any spelling); a later one replaces an earlier one."""

    def register(parse: Parser) -> Parser:
        for name in names:
            _parsers[_key(name)] = parse
            _names.add(name.lower())
        return parse

    return register


def _key(name: bytes) -> bytes | int:
    """One key for all spellings of a name: the kernel's type where it has one."""
    return _classify(name, len(name)) or name.lower()


def parser_of(name: bytes) -> Parser | None:
    """The parser of a header name, long or compact, any case; None when there is none."""
    return _parsers.get(_key(name))


def registered_names() -> frozenset[bytes]:
    """The names that have a parser, in lower case, as they were registered."""
    return frozenset(_names)


def parsed_header(msg: SipMsg, name: bytes, index: int = 0) -> Any:
    """The parsed body of the index-th header of a name, parsed once a message; None when there is no such header.
    Raises BadHeader for a malformed one and KeyError for a name without parser."""
    number = _number(msg.seen, name, len(name), index)
    if number >= 0:
        return parsed_field(msg, number)
    if parser_of(name) is None:
        raise KeyError(name)
    return None


def parsed_values(msg: SipMsg, name: bytes) -> tuple[Any, ...]:
    """The values of all headers of a name whose parser gives lists, in order, in one; otherwise as parsed_header."""
    return tuple(value for index in range(len(msg.headers(name))) for value in parsed_header(msg, name, index))


def parsed_field(msg: SipMsg, number: int) -> Any:
    """The parsed body of header line `number` (which must exist); otherwise as parsed_header."""
    key = (_PARSED, number)
    if key in msg.cache:
        return msg.cache[key]
    h, buf = msg.seen.hdr[number], msg.buf
    name = buf[h.off : h.off + h.name_len]
    parse = parser_of(name)
    if parse is None:
        raise KeyError(name)
    value = msg.cache[key] = parse(buf[h.body_off : h.body_off + h.body_len])
    return value


def _parse_vias(body: bytes) -> tuple[Any, ...]:
    return tuple(iter_via(body))


_TABLE: list[tuple[Parser, tuple[bytes, ...]]] = [
    (_parse_vias, (b"via",)),
    (parse_nameaddr, (b"from", b"to", b"refer-to", b"referred-by")),
    (parse_contact, (b"contact",)),
    (parse_cseq, (b"cseq",)),
    (parse_rr, (b"route", b"record-route", b"path", b"service-route")),
    (parse_identities, (
        b"p-asserted-identity", b"p-preferred-identity", b"remote-party-id", b"diversion", b"p-associated-uri",
        b"p-called-party-id",
    )),
    (parse_history_info, (b"history-info",)),
    (parse_privacy, (b"privacy",)),
    (parse_identity, (b"identity",)),
    (parse_content_type, (b"content-type",)),
    (parse_accept, (b"accept",)),
    (parse_credentials, (b"authorization", b"proxy-authorization")),
    (parse_auth_params, (b"www-authenticate", b"proxy-authenticate")),
    (parse_event, (b"event",)),
    (parse_subscription_state, (b"subscription-state",)),
    (parse_seconds, (b"expires", b"min-expires", b"content-length", b"max-forwards")),
    (parse_min_se, (b"min-se",)),
    (parse_session_expires, (b"session-expires",)),
    (parse_retry_after, (b"retry-after",)),
    (parse_replaces, (b"replaces", b"join")),
    (parse_target_dialog, (b"target-dialog",)),
    (parse_rack, (b"rack",)),
    (parse_rseq, (b"rseq",)),
    (parse_reason, (b"reason",)),
    (parse_warning, (b"warning",)),
    (parse_date, (b"date",)),
    (parse_tokens, (
        b"allow", b"supported", b"require", b"proxy-require", b"unsupported", b"allow-events", b"content-encoding",
        b"sip-if-match", b"sip-etag",
    )),
    (parse_valued, (b"content-disposition", b"identity-info")),
    (parse_params, (b"p-charging-vector", b"p-charging-function-addresses")),
    (parse_valued_list, (
        b"accept-contact", b"reject-contact", b"request-disposition", b"geolocation", b"call-info", b"accept-language",
        b"accept-encoding", b"accept-disposition", b"alert-info", b"error-info", b"p-access-network-info",
        b"p-visited-network-id", b"security-client", b"security-server", b"security-verify", b"feature-caps",
    )),
]  # fmt: skip
for _parse, _of in _TABLE:
    register_header(*_of)(_parse)
