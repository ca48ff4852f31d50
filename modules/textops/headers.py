"""Header lines: presence, removal, addition. A text to add is one or more complete lines with their line end."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from ...cfg.regex import Regex, compile_regex
from ...core.clock import now
from ...parser.headers.date import format_date
from ...parser.lists import parse_valued
from ...parser.msg import SipMsg
from ...src.native import lib
from .edits import NO, OK, done, put_all

_find, _remove = lib.kh_msg_hdr_find, lib.kh_remove_hf_name


def is_present_hf(msg: SipMsg, name: bytes) -> int:
    """Is there a header of this name, long or compact?"""
    return OK if _find(msg.seen, name, len(name), -1) >= 0 else NO


def presence_test(name: bytes) -> Callable[[SipMsg], int]:
    size = len(name)
    return lambda msg: OK if _find(msg.seen, name, size, -1) >= 0 else NO


def is_present_hf_re(msg: SipMsg, regex: Regex) -> int:
    """Is there a header whose name matches?"""
    return OK if any(regex.search(name) for name, _ in msg.all_headers()) else NO


def is_present_hf_pv(msg: SipMsg, name: Any) -> int:
    value = name.get(msg)
    return is_present_hf(msg, value) if isinstance(value, bytes) else NO


def remove_hf(msg: SipMsg, name: bytes) -> int:
    """Removes every header of this name; -1 when there was none."""
    return OK if _remove(msg.edits, msg.seen, name, len(name)) > 0 else NO


def remover(name: bytes) -> Callable[[SipMsg], int]:
    size = len(name)
    return lambda msg: OK if _remove(msg.edits, msg.seen, name, size) > 0 else NO


def _drop(msg: SipMsg, numbers: Iterator[int]) -> int:
    """Removes header lines by their number in the message."""
    lines = [msg.seen.hdr[number] for number in numbers]
    return put_all(msg, [(line.off, line.len, b"") for line in lines])


def remove_hf_re(msg: SipMsg, regex: Regex) -> int:
    """Removes headers whose name matches."""
    return _drop(msg, (i for i, (name, _) in enumerate(msg.all_headers()) if regex.search(name)))


def remove_hf_exp(msg: SipMsg, match: Regex, skip: Regex) -> int:
    """Removes headers whose name matches the first and not the second expression."""
    names = enumerate(name for name, _ in msg.all_headers())
    return _drop(msg, (i for i, name in names if match.search(name) and not skip.search(name)))


def remove_hf_pv(msg: SipMsg, name: Any) -> int:
    value = name.get(msg)
    return remove_hf(msg, value) if isinstance(value, bytes) else NO


def _numbers(msg: SipMsg, name: bytes) -> list[int]:
    found: list[int] = []
    number = _find(msg.seen, name, len(name), -1)
    while number >= 0:
        found.append(number)
        number = _find(msg.seen, name, len(name), number)
    return found


def remove_hf_idx(msg: SipMsg, name: bytes, index: int) -> int:
    """Removes one occurrence; a negative index counts from the last."""
    numbers = _numbers(msg, name)
    return _drop(msg, iter(numbers[index:][:1] if -len(numbers) <= index < len(numbers) else []))


def remove_hf_match(msg: SipMsg, name: bytes, operator: bytes, text: bytes) -> int:
    """Removes occurrences whose body is `eq`, `ne`, has `in` it, or matches `re`."""
    try:
        test: Callable[[bytes], Any] = {
            b"eq": lambda body: body == text,
            b"ne": lambda body: body != text,
            b"in": lambda body: text in body,
            b"re": compile_regex(text).search if operator == b"re" else lambda body: False,
        }[operator]
    except (KeyError, ValueError):
        return NO
    bodies = msg.headers(name)
    return _drop(msg, (number for number, body in zip(_numbers(msg, name), bodies, strict=True) if test(body)))


def _add_at(msg: SipMsg, text: bytes, name: bytes, before: int) -> int | None:
    """Adds next to a header: behind the last of that name, or before the first. None when there is none."""
    numbers = _numbers(msg, name)
    if not numbers:
        return None
    number = numbers[0] if before else numbers[-1]
    return done(lib.kh_append_hf_at(msg.edits, msg.seen, number, before, text, len(text)))


def append_hf(msg: SipMsg, text: bytes, after: bytes = b"") -> int:
    """Adds behind the last header, or behind header `after` where there is one."""
    at = _add_at(msg, text, after, 0) if after else None
    return done(lib.kh_append_hf(msg.edits, msg.seen, text, len(text))) if at is None else at


def insert_hf(msg: SipMsg, text: bytes, before: bytes = b"") -> int:
    """Adds before the first header, or before header `before` where there is one."""
    at = _add_at(msg, text, before, 1) if before else None
    return done(lib.kh_insert_hf(msg.edits, msg.seen, text, len(text))) if at is None else at


def append_urihf(msg: SipMsg, prefix: bytes, suffix: bytes) -> int:
    """Adds a header made of prefix, the Request-URI as it stands and suffix."""
    return append_hf(msg, prefix + (msg.ruri or b"") + suffix)


def append_to_reply(msg: SipMsg, text: bytes) -> int:
    """Adds to every reply that is made here for this request."""
    return done(lib.kh_reply_lump(msg.edits, lib.KH_RPL_HDR, text, len(text)))


def _date_line() -> bytes:
    return b"Date: " + format_date(datetime.fromtimestamp(now(), UTC)) + b"\r\n"


def append_time(msg: SipMsg) -> int:
    """Adds Date to replies made here."""
    return append_to_reply(msg, _date_line())


def append_time_to_request(msg: SipMsg) -> int:
    """Adds Date to the request that is forwarded."""
    return append_hf(msg, _date_line())


def is_privacy(msg: SipMsg, kind: bytes) -> int:
    """Does Privacy (RFC 3323) ask for this?"""
    wanted = kind.lower()
    values = (value for body in msg.headers(b"Privacy") for value in re.split(rb"[;,]", body))
    return OK if any(parse_valued(value.strip()).value.lower() == wanted for value in values if value.strip()) else NO
