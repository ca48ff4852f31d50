"""Comparisons of texts: 1 is yes, -1 is no."""

from ...parser.msg import SipMsg
from .edits import NO, OK

DIFFERENT = -2  # what Kamailio returns of some; any negative number is no


def _items(text: bytes, separator: bytes) -> list[bytes]:
    return [item.strip() for item in text.split(separator[:1] or b",")]


def in_list(msg: SipMsg, subject: bytes, text: bytes, separator: bytes) -> int:
    """Is `subject` an element of the list?"""
    return OK if subject in _items(text, separator) else NO


def in_list_prefix(msg: SipMsg, subject: bytes, text: bytes, separator: bytes) -> int:
    """Is an element of the list a prefix of `subject`?"""
    return OK if any(item and subject.startswith(item) for item in _items(text, separator)) else NO


def cmp_str(msg: SipMsg, first: bytes, second: bytes) -> int:
    return OK if first == second else NO


def cmp_istr(msg: SipMsg, first: bytes, second: bytes) -> int:
    """Any case."""
    return OK if first.lower() == second.lower() else DIFFERENT


def starts_with(msg: SipMsg, text: bytes, prefix: bytes) -> int:
    if len(text) < len(prefix):
        return NO
    return OK if text.startswith(prefix) else DIFFERENT


def ends_with(msg: SipMsg, text: bytes, suffix: bytes) -> int:
    return OK if text.endswith(suffix) else NO


def str_find(msg: SipMsg, text: bytes, part: bytes) -> int:
    """Position of `part` counted from 1, or -1."""
    return text.find(part) + 1 or NO


def str_ifind(msg: SipMsg, text: bytes, part: bytes) -> int:
    """The same in any case."""
    return text.lower().find(part.lower()) + 1 or NO
