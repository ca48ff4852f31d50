"""Regular expressions on the message, its body, headers and texts."""

import functools

from ...cfg.regex import Regex, compile_regex
from ...core.pv import PvSpec
from ...parser.msg import SipMsg
from .edits import NO, OK, body_area, put

FIRST, LAST = b"f", b"l"
EXPRESSIONS = 1024  # compiled for lines, kept


@functools.lru_cache(EXPRESSIONS)
def by_line(regex: Regex) -> Regex:
    """The expression for texts of many lines: `^` and `$` match at each, `.` does not match a line end."""
    return compile_regex(regex.source, newline=True)


def search(msg: SipMsg, regex: Regex) -> int:
    """Does it match anywhere in the message?"""
    return OK if by_line(regex).search(msg.buf) else NO


def search_body(msg: SipMsg, regex: Regex) -> int:
    return OK if msg.body and by_line(regex).search(msg.body) else NO


def search_str(msg: SipMsg, text: bytes, regex: Regex) -> int:
    return OK if by_line(regex).search(text) else NO


def search_hf(msg: SipMsg, name: bytes, regex: Regex, which: bytes) -> int:
    """In the bodies of a header: `a` all of them, `f` the first, `l` the last."""
    bodies = msg.headers(name)
    if which == FIRST:
        bodies = bodies[:1]
    elif which == LAST:
        bodies = bodies[-1:]
    return OK if any(by_line(regex).search(body) for body in bodies) else NO


def search_append(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """Inserts `text` behind the first match, looked for behind the first line."""
    start = msg.seen.fline_len
    match = by_line(regex).search(msg.buf[start:])
    return OK if match and put(msg, start + match.end(), 0, text) else NO


def search_append_body(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """Inserts `text` behind the first match in the body."""
    start, _ = body_area(msg)
    match = by_line(regex).search(msg.body or b"")
    return OK if match and put(msg, start + match.end(), 0, text) else NO


def regex_substring(msg: SipMsg, text: bytes, regex: Regex, index: int, most: int, pv: PvSpec) -> int:
    """Group `index` (0: all) of the first match into a variable; -1 when it is not below `most` or not there."""
    match = by_line(regex).search(text)
    if match is None or not 0 <= index < most or index > match.re.groups or pv.set is None:
        return NO
    found = match[index]
    if found is None:
        return NO
    pv.set(msg, found)
    return OK
