"""`$C(xy)`: terminal colours, foreground and background. Capital letters are bold."""

from typing import Any

from ...core.pv import PvExport, Value

_CODES = {"x": 9, "s": 0, "r": 1, "g": 2, "y": 3, "b": 4, "p": 5, "c": 6, "w": 7}
FOREGROUND, BACKGROUND = 30, 40


def parse_color(text: bytes) -> bytes:
    """The escape sequence of two letters; ValueError."""
    letters = text.strip().decode("latin-1")
    if len(letters) != 2 or any(letter.lower() not in _CODES for letter in letters):
        raise ValueError("$C takes two letters of x s r g y b p c w")
    front, back = letters[0], letters[1]
    bold = 1 if front.isupper() else 0
    sequence = f"\033[{bold};{FOREGROUND + _CODES[front.lower()]}"
    return f"{sequence};{BACKGROUND + _CODES[back.lower()]}m".encode()


def color(msg: Any, sequence: bytes) -> Value:
    """The sequence, ready since load."""
    return sequence


COLOR = (PvExport("C", parse_name=parse_color, get=color, kind="str"),)
