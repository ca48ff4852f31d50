"""`{line.*}`: lines of a text. A line ends at LF; a CR before it is no part of the line."""

from ..exports import Number, Text, TransformationExport, Value


def lines(value: bytes) -> list[bytes]:
    """The lines; an LF at the end does not begin another one."""
    if not value:
        raise ValueError("empty text")
    found = [line.removesuffix(b"\r") for line in value.split(b"\n")]
    return found[:-1] if not found[-1] else found


def at(value: bytes, index: int) -> Value:
    """A line, counted from the end below 0; empty outside."""
    found = lines(value)
    return found[index] if -len(found) <= index < len(found) else b""


def starting_with(value: bytes, prefix: bytes) -> Value:
    """The first line with this beginning; empty when there is none."""
    return next((line for line in lines(value) if line.startswith(prefix)), b"")


LINE = (
    TransformationExport("line.count", lambda value: len(lines(value))),
    TransformationExport("line.at", at, (Number,)),
    TransformationExport("line.sw", starting_with, (Text,)),
)
