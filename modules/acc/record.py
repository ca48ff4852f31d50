"""What is accounted of one transaction or request: the fixed part, and the message that gives the rest."""

import time
from dataclasses import dataclass, field
from typing import Any

from .settings import settings

ANSWERED, MISSED, ACKNOWLEDGED = b"transaction answered", b"call missed", b"request acknowledged"
ACCOUNTED = b"request accounted"

# phrases of replies made here, as Kamailio accounts them
PHRASES = {
    100: b"Trying", 180: b"Ringing", 200: b"OK",
    300: b"Multiple Choices", 301: b"Moved Permanently", 302: b"Moved Temporarily", 305: b"Use Proxy",
    380: b"Alternative Service",
    400: b"Bad Request", 401: b"Unauthorized", 402: b"Payment Required", 403: b"Forbidden", 404: b"Not Found",
    405: b"Method Not Allowed", 406: b"Not Acceptable", 407: b"Proxy Authentication Required", 408: b"Request Timeout",
    410: b"Gone", 413: b"Request Entity Too Large", 414: b"Request-URI Too Long", 415: b"Unsupported Media Type",
    416: b"Unsupported URI Scheme", 417: b"Bad Extension", 421: b"Extension Required", 423: b"Interval Too Brief",
    480: b"Temporarily Unavailable", 481: b"Call/Transaction Does Not Exist", 482: b"Loop Detected",
    483: b"Too Many Hops", 484: b"Address Incomplete", 485: b"Ambiguous", 486: b"Busy Here",
    487: b"Request Terminated", 488: b"Not Acceptable Here", 491: b"Request Pending",
    500: b"Server Internal Error", 501: b"Not Implemented", 502: b"Bad Gateway", 503: b"Service Unavailable",
    504: b"Server Time-Out", 505: b"Version Not Supported", 513: b"Message Too Large",
    600: b"Busy Everywhere", 603: b"Decline", 604: b"Does Not Exist Anywhere", 606: b"Not Acceptable",
}  # fmt: skip
CLASSES = {1: b"Trying", 2: b"Successful", 3: b"Redirection", 4: b"Request Failure", 5: b"Server Failure",
           6: b"Global Failure"}  # fmt: skip


@dataclass(slots=True)
class Record:
    """One record. `msg` is the request (as it was relayed) from which extra values are taken, while it is at hand."""

    title: bytes
    method: bytes
    from_tag: bytes
    to_tag: bytes
    callid: bytes
    code: bytes
    reason: bytes
    msg: Any
    at: float = field(default_factory=time.time)  # seconds since 1970


def phrase(code: int) -> bytes:
    """Of a reply made here."""
    return PHRASES.get(code) or CLASSES.get(code // 100, b"")


def make(title: bytes, msg: Any, code: bytes, reason: bytes, to_tag: bytes | None, upstream: bool = False) -> Record:
    """The record of a request. Upstream: from callee to caller, and the tags change places."""
    tags = (msg.from_tag or b"", to_tag or msg.to_tag or b"")
    from_tag, to_tag = reversed(tags) if upstream else tags
    return Record(title, msg.method_name, from_tag, to_tag, msg.callid or b"", code, reason, msg)


def reason_of(reply: Any, code: int) -> bytes:
    """The phrase of a reply received (None: made here), or its Reason header where that is wanted."""
    if reply is None:
        return phrase(code)
    if settings.reason_from_hf:
        header: bytes | None = reply.header(b"Reason")
        if header:
            return header
    return reply.reason or b""


def formatted(at: float) -> str:
    """The time of time_mode 3 (local) and 4 (UTC)."""
    parts = time.localtime(at) if settings.time_mode == 3 else time.gmtime(at)
    return time.strftime(settings.time_format.decode("latin-1"), parts)
