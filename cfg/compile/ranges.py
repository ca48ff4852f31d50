"""Bounds of ints: between which two numbers the result of an operator lies, and what a comparison says of its sides."""

from collections.abc import Callable

Range = tuple[int, int]  # the lowest and the highest possible value

I32: Range = (-0x80000000, 0x7FFFFFFF)
ANY_INT: Range = (-1 << 64, (1 << 64) - 1)  # what is not from sums may be wider than 32 bits: a counter, a time
TRUTH: Range = (0, 1)

OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def hull(a: Range, b: Range) -> Range:
    """The narrowest range with both in it."""
    return min(a[0], b[0]), max(a[1], b[1])


def widened(old: Range, new: Range) -> Range:
    """A bound of `new` beyond that of `old` goes as far as it can, so that it moves twice at most."""
    low, high = new
    if low < old[0]:
        low = I32[0] if low >= I32[0] else min(low, ANY_INT[0])
    if high > old[1]:
        high = I32[1] if high <= I32[1] else max(high, ANY_INT[1])
    return low, high


def compared(left: Range, op: str, right: Range) -> tuple[Range, Range] | None:
    """Both sides where `left op right` is true; None when it never is."""
    if op in (">", ">="):
        turned = compared(right, "<" + op[1:], left)
        return turned and (turned[1], turned[0])
    if op == "==":
        left = right = (max(left[0], right[0]), min(left[1], right[1]))
    elif op in ("<", "<="):
        less = op == "<"
        left, right = (left[0], min(left[1], right[1] - less)), (max(right[0], left[0] + less), right[1])
    elif left == right and left[0] == left[1]:  # != of two equal numbers
        return None
    return (left, right) if left[0] <= left[1] and right[0] <= right[1] else None


def _fitting(low: int, high: int) -> Range:
    """The bounds of what wraps at 32 bits."""
    return (low, high) if I32[0] <= low and high <= I32[1] else I32


def _largest(a: Range) -> int:
    return max(abs(a[0]), abs(a[1]))


def _product(a: Range, b: Range) -> Range:
    corners = [x * y for x in a for y in b]
    return _fitting(min(corners), max(corners))


def _quotient(a: Range, b: Range) -> Range:
    most = _largest(a)
    return _fitting(0 if a[0] >= 0 and b[0] >= 0 else -most, most)


def _rest(a: Range, b: Range) -> Range:
    most = max(0, min(_largest(a), _largest(b) - 1))
    return (-most if a[0] < 0 else 0), (most if a[1] > 0 else 0)


def _bits(a: Range, b: Range) -> Range:
    """`|` and `^`: no bit above the highest of both sides."""
    bits = max(n.bit_length() if n >= 0 else (~n).bit_length() for n in (*a, *b))
    return (0 if a[0] >= 0 and b[0] >= 0 else -1 << bits), (1 << bits) - 1


def _and(a: Range, b: Range) -> Range:
    tops = [side[1] for side in (a, b) if side[0] >= 0]
    return (0, min(tops)) if tops else _bits(a, b)


#: operator -> the bounds of its result, from those of both sides; a result of I32 may have wrapped
RESULTS: dict[str, Callable[[Range, Range], Range]] = {
    "+": lambda a, b: _fitting(a[0] + b[0], a[1] + b[1]),
    "-": lambda a, b: _fitting(a[0] - b[1], a[1] - b[0]),
    "*": _product, "/": _quotient, "mod": _rest, "&": _and, "|": _bits, "^": _bits,
    "<<": lambda a, b: I32,
    ">>": lambda a, b: (min(a[0], 0), max(a[1], -1 if a[0] < 0 else 0)),
}  # fmt: skip
