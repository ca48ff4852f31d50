"""Another status line for a reply that goes on."""

from ...core.log import logger
from ...parser.msg import SipMsg
from ...src.native import lib

log = logger(__name__)
FINAL_FAILURE = 300


def change_reply_status(msg: SipMsg, code: int, reason: bytes) -> int:
    """Status code and reason phrase; provisional and positive replies keep their class (RFC 3261 16.7)."""
    return _put_reason(msg, reason) if change_reply_status_code(msg, code) > 0 else -1


def change_reply_status_code(msg: SipMsg, code: int) -> int:
    """The status code alone."""
    old = msg.status
    if not msg.is_reply or not 100 <= code <= 699:
        log.error("change_reply_status: %d is no status for this message", code)
        return -1
    if (old < FINAL_FAILURE or code < FINAL_FAILURE) and old // 100 != code // 100:
        log.error("change_reply_status: a %d cannot become a %d", old, code)
        return -1
    packed = lib.kh_msg_field(msg.seen, lib.KH_FLD_STATUS)
    if packed < 0 or _put(msg, packed >> 16, packed & 0xFFFF, b"%d" % code) < 0:
        return -1
    msg.c.status = code
    msg.facts = lib.kh_msg_facts(msg.c)
    return 1


def _put_reason(msg: SipMsg, reason: bytes) -> int:
    packed = lib.kh_msg_field(msg.seen, lib.KH_FLD_REASON)
    if packed < 0:
        return -1
    return _put(msg, packed >> 16, packed & 0xFFFF, reason)


def _put(msg: SipMsg, at: int, size: int, text: bytes) -> int:
    return 1 if lib.kh_replace(msg.edits, msg.seen, at, size, text, len(text), 0) >= 0 else -1
