"""`Outcome`: what a message led to. A test that asks for what is not there is told what was sent instead."""

from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex, overload

from .message import Message


class Missing(AssertionError, IndexError):
    """A test wanted a message that was not sent; the text says what was."""


class Messages(list[Message]):
    """A list of messages; asking for one that is not there says what was sent."""

    def __init__(self, kind: str, messages: Iterable[Message], sent: Sequence[Message]) -> None:
        super().__init__(messages)
        self._kind = kind
        self._sent = sent

    @overload
    def __getitem__(self, index: SupportsIndex) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Message | list[Message]:
        try:
            return super().__getitem__(index)
        except IndexError:
            there = f"{len(self)} of them" if self else "none"
            raise Missing(f"{self._kind}[{index}]: there is {there}; {summary(self._sent)}") from None

    def only(self) -> Message:
        """The one message; Missing when there is none, or more."""
        if len(self) != 1:
            raise Missing(f"{self._kind}: not one but {len(self)}; {summary(self._sent)}")
        return self[0]


class Outcome:
    """Everything that left the server because of one message, in order."""

    def __init__(self, sent: Sequence[tuple[Any, ...]]) -> None:
        """`sent`: of each message the destination, the bytes, and how it left, as the fields of Message."""
        self.sent = [Message(data, to, *how) for to, data, *how in sent]

    @property
    def relayed(self) -> Messages:
        """The requests."""
        return Messages("relayed", (m for m in self.sent if m.is_request), self.sent)

    @property
    def replies(self) -> Messages:
        """The replies, forwarded or the server's own."""
        return Messages("replies", (m for m in self.sent if not m.is_request), self.sent)

    def requests(self, method: str) -> Messages:
        """The requests of one method."""
        return Messages(method, (m for m in self.relayed if m.method == method), self.sent)

    @property
    def relayed_to(self) -> list[str]:
        """Where the requests went: `ip:port` each."""
        return [m.to for m in self.relayed]

    @property
    def replied(self) -> list[int]:
        """Status codes of the replies."""
        return [m.status for m in self.replies]

    @property
    def silent(self) -> bool:
        """Nothing was sent."""
        return not self.sent

    def __repr__(self) -> str:
        return "Outcome(" + ", ".join(map(repr, self.sent)) + ")"


def summary(sent: Sequence[Message]) -> str:
    """One line about what was sent."""
    return "sent: " + ", ".join(f"{m.start} to {m.where}" for m in sent) if sent else "nothing was sent"
