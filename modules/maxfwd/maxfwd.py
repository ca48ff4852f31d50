"""The policy on what the kernel's kh_maxfwd says; it counts down, caps and adds in one call."""

from dataclasses import dataclass

from ...parser.msg import SipMsg
from ...src.native import lib

_maxfwd, _PRESENT = lib.kh_maxfwd, lib.KH_F_MAXFWD
LARGEST = 256  # as Kamailio's documentation has it
PROCESSED = "maxfwd"  # key in the message's cache: the value that goes out


@dataclass(slots=True)
class Settings:
    """The parameters."""

    max_limit: int = 70


settings = Settings()


def process(msg: SipMsg, max_value: int) -> int:
    """2: added with max_value; 1: counted down (to at most max_limit); -1: it is 0, answer 483, or max_value is out of
    range; -2: malformed or no room."""
    if not 0 <= max_value <= LARGEST:
        return -1
    if msg.facts & _PRESENT:
        rc = _maxfwd(msg.edits, msg.c, settings.max_limit)
        if rc == 1:
            msg.cache[PROCESSED] = True
    else:
        rc = _maxfwd(msg.edits, msg.c, max_value)
    return rc if rc >= -1 else -2


def is_maxfwd_lt(msg: SipMsg, limit: int) -> int:
    """1: the value (counted down, after maxfwd_process) is less than limit; -1: it is not; -2: the message came
    without; -3: malformed."""
    if not msg.facts & _PRESENT:
        return -2
    value = msg.max_forwards
    if value is None:
        return -3
    if PROCESSED in msg.cache:
        value = min(value - 1, settings.max_limit)
    return 1 if value < limit else -1
