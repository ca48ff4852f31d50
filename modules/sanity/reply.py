"""Telling the sender: at once by sl, or later by sanity_reply() when `noreply` is set."""

from dataclasses import dataclass
from typing import Any

from ...core.loader import bind_api
from ...core.log import logger
from ...core.msg.lumps import add_lump_rpl
from ...parser.msg import SipMsg
from .settings import settings

log = logger(__name__)
STORED = "sanity"  # key in the message's cache: the fault that sanity_reply is to send
_sl: Any = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: the answer's status and reason, and header lines (with line end) that belong into it."""

    status: int
    reason: bytes
    headers: bytes = b""


def init() -> None:
    """Before fork: binds sl."""
    global _sl
    _sl = bind_api("sl")


def report(msg: SipMsg, fault: Fault) -> None:
    """Sends the reply, or keeps it for sanity_reply. sl never answers an ACK or a reply."""
    log.debug("sanity: %d %s", fault.status, fault.reason)
    if settings.noreply:
        msg.cache[STORED] = fault
    else:
        _send(msg, fault)


def sanity_reply(msg: SipMsg) -> int:
    """1: the fault that sanity_check found was sent; -1: there is none, or the module replies by itself."""
    fault = msg.cache.pop(STORED, None) if settings.noreply else None
    return -1 if fault is None else _send(msg, fault)


def _send(msg: SipMsg, fault: Fault) -> int:
    if fault.headers:
        add_lump_rpl(msg, fault.headers)
    return _sl.send_reply(msg, fault.status, fault.reason)
