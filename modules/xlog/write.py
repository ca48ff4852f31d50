"""The functions. A constant text is split at load, and its variables are read only when the level is on."""

import sys
import syslog
from collections.abc import Callable
from types import FrameType
from typing import Any

from ...core import log
from ...core.log import ALERT, BUG, CRIT2, DBG, ERR, INFO, NOTICE, SYSLOG_LEVEL, WARN
from ...core.pv import Format, parse_format
from .color import parse_color
from .levels import parse_level
from .settings import settings

Function = Callable[[Any], int]
_state = log.state
_NAMES = {ALERT: b"L_ALERT", BUG: b"L_BUG", CRIT2: b"L_CRIT2", ERR: b"L_ERR", WARN: b"L_WARN", NOTICE: b"L_NOTICE",
          INFO: b"L_INFO", DBG: b"L_DBG"}  # fmt: skip


def emit(msg: Any, level: int, text: bytes, facility: int | None = None) -> int:
    """Write a line, whatever the level."""
    prefix = settings.prefix
    if settings.prefix_mode:
        prefix = parse_format(prefix).eval(msg)
    text = text[: settings.buf_size]
    letters = settings.colors.get(_NAMES.get(level, b""))
    if letters is not None and (_state.stderr or settings.force_color):
        text = parse_color(letters) + text + parse_color(b"xx")
    line = text.decode("utf-8", "backslashreplace").rstrip("\n")
    name = prefix.decode("utf-8", "backslashreplace").rstrip().removesuffix(":")
    where = settings.facility if facility is None else facility
    if where is not None and not _state.stderr:
        syslog.syslog(SYSLOG_LEVEL[level] | where, f"{log.NAMES[level]}: {name}: {line}")
    else:
        log.write(level, name, "", line)
    return 1


# constant texts


def writer(level: int | None) -> Callable[[Format], Function]:
    """What makes the function of a constant text at a level."""
    at = ERR if level is None else level

    def specialise(text: Format) -> Function:
        value = text.eval

        def function(msg: Any) -> int:
            return emit(msg, at, value(msg)) if at <= _state.level else 1

        return function

    return specialise


def leveled(level: bytes, text: Format) -> Function:
    """Level and text are constant; the level may be a variable."""
    parsed = parse_level(level)
    if isinstance(parsed, int):
        return writer(parsed)(text)
    value = text.eval

    def function(msg: Any) -> int:
        at = parsed(msg)
        return emit(msg, at, value(msg)) if at <= _state.level else 1

    return function


def line_writer(text: Format) -> Function:
    """As xlog, with the line of the configuration in front."""
    return _with_line(ERR, text.eval)


def leveled_line(level: bytes, text: Format) -> Function:
    """As leveled(), with the line of the configuration in front."""
    return _with_line(parse_level(level), text.eval)


def _with_line(level: int | Callable[[Any], int], value: Callable[[Any], bytes]) -> Function:
    def function(msg: Any) -> int:
        at = level if isinstance(level, int) else level(msg)
        return emit(msg, at, place(sys._getframe(1)) + value(msg)) if at <= _state.level else 1

    return function


def place(caller: FrameType) -> bytes:
    """`line:` of the route that calls, or `file:line:`; routes are compiled with the lines of their configuration."""
    where = f"{caller.f_lineno}:"
    return f"{caller.f_code.co_filename}:{where}".encode() if settings.long_format else where.encode()


# texts and levels computed at each call


def xlog_text(msg: Any, text: Format) -> int:
    """At error level."""
    return emit(msg, ERR, text.eval(msg)) if _state.level >= ERR else 1


def xlog_level(msg: Any, level: bytes, text: Format) -> int:
    """At a level."""
    return leveled(level, text)(msg)


def xlog_facility(msg: Any, facility: bytes, level: bytes, text: Format) -> int:
    """To another facility of syslog."""
    return _to_facility(msg, facility, level, text, b"")


def xlogl_level(msg: Any, level: bytes, text: Format) -> int:
    """At a level, with the line."""
    parsed = parse_level(level)
    at = parsed if isinstance(parsed, int) else parsed(msg)
    return emit(msg, at, place(sys._getframe(1)) + text.eval(msg)) if at <= _state.level else 1


def xlogl_facility(msg: Any, facility: bytes, level: bytes, text: Format) -> int:
    """To another facility of syslog, with the line."""
    return _to_facility(msg, facility, level, text, place(sys._getframe(1)))


def _to_facility(msg: Any, facility: bytes, level: bytes, text: Format, where: bytes) -> int:
    parsed = parse_level(level)
    at = parsed if isinstance(parsed, int) else parsed(msg)
    if at > _state.level:
        return 1
    return emit(msg, at, where + text.eval(msg), log.facility_number(facility.decode("latin-1")))


def xlogm(msg: Any, level: bytes, text: Format) -> int:
    """At a level, unless the message's method is filtered."""
    if msg.method & settings.methods_filter:
        return 1
    return leveled(level, text)(msg)


def _fixed(level: int, with_line: bool) -> tuple[Callable[[Any, Format], int], Callable[[Format], Function]]:
    def make(text: Format) -> Function:
        return _with_line(level, text.eval) if with_line else writer(level)(text)

    return (lambda msg, text: make(text)(msg)), make


_LEVELS = {"xalert": ALERT, "xbug": BUG, "xcrit": CRIT2, "xerr": ERR, "xwarn": WARN, "xnotice": NOTICE, "xinfo": INFO,
           "xdbg": DBG}  # fmt: skip
#: (name, function, specialise) of those with a fixed level; the ones that end in l name the line
FIXED = tuple(
    (name + ("l" if with_line else ""), *_fixed(level, with_line))
    for name, level in _LEVELS.items()
    for with_line in (False, True)
)
