"""The message that the running Python route works on: KSR functions take none. One a process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class NoMessage(RuntimeError):
    """A KSR function that needs a message was called outside of a route."""


class Current:
    """Holds the message; routes nest (a relay runs a branch route), so whoever sets it puts the former back."""

    msg: Any = None


@contextmanager
def current(msg: Any) -> Iterator[None]:
    """`msg` is the message of KSR meanwhile."""
    outer, Current.msg = Current.msg, msg
    try:
        yield
    finally:
        Current.msg = outer


def message() -> Any:
    """The message of the running route; NoMessage outside of one."""
    if Current.msg is None:
        raise NoMessage("KSR: no message is being processed")
    return Current.msg


def to_bytes(value: Any) -> bytes:
    """A Python value as the server takes it."""
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "surrogateescape")


def to_python(value: bytes | int | None) -> str | int | None:
    """A server's value as scripts take it: text, number or None."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
