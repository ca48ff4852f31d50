"""What happened in a test, for the report of its failure: messages in and out, in order, and the server's log."""

from collections.abc import Sequence

from .message import Message

KEPT = 200  # entries; the oldest go first
LOG_LINES = 30  # of the server's log


class Transcript:
    """Of one loaded script."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, Sequence[Message]]] = []

    def add(self, event: str, sent: Sequence[Message]) -> None:
        """A message arrived, or time passed; what left because of it."""
        self._entries.append((event, sent))
        del self._entries[:-KEPT]

    def text(self, log: str) -> str:
        """All of it; of the last event the messages in full."""
        lines: list[str] = []
        for event, sent in self._entries:
            lines.append(event)
            lines += [f"    -> {m.start}  to {m.where}" for m in sent] or ["    (nothing was sent)"]
        if self._entries:
            for message in self._entries[-1][1]:
                lines += ["", f"to {message.where}:", *(f"    {line}" for line in message.text.splitlines())]
        tail = log.splitlines()[-LOG_LINES:]
        if tail:
            lines += ["", "the server's log:", *(f"    {line}" for line in tail)]
        return "\n".join(lines)
