"""Levels as scripts write them: L_ERR and its like, a number, or a variable that holds one."""

from collections.abc import Callable
from typing import Any

from ...core.log import ALERT, BUG, CRIT2, DBG, ERR, INFO, NOTICE, WARN
from ...core.pv import parse_spec

#: third character of the word -> level
LETTERS = {b"A": ALERT, b"B": BUG, b"C": CRIT2, b"E": ERR, b"W": WARN, b"N": NOTICE, b"I": INFO, b"D": DBG}


def parse_level(text: bytes) -> int | Callable[[Any], int]:
    """The level, or a function of the message that gives it; ValueError."""
    text = text.strip()
    if text[:1] == b"$":
        return _from_variable(text)
    if text.removeprefix(b"-").isdigit():
        return _bounded(int(text))
    level = LETTERS.get(text[2:3])
    if level is None:
        raise ValueError(f'"{text.decode("latin-1")}" is no log level: L_ALERT, L_ERR, L_WARN, L_INFO, L_DBG...')
    return level


def _bounded(level: int) -> int:
    return min(max(level, ALERT), DBG)


def _from_variable(text: bytes) -> Callable[[Any], int]:
    read = parse_spec(text).get

    def level(msg: Any) -> int:
        value = read(msg)
        return _bounded(value) if isinstance(value, int) else ERR

    return level
