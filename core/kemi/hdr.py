"""`KSR.hdr`: header fields of the current message. Names without colon; texts are complete lines with their CRLF."""

from typing import Any

from ...src.native import lib
from ..log import logger
from ..msg import lumps
from .current import message, to_bytes, to_python

log = logger(__name__)
Text = str | int | None
NULL = "<null>"  # what the getw functions give for undefined

_COMPARE = {
    "eq": lambda value, wanted: value == wanted,
    "ne": lambda value, wanted: value != wanted,
    "sw": lambda value, wanted: value.startswith(wanted),
    "in": lambda value, wanted: wanted in value,
}


class Hdr:
    """One a process. Edits show in what is sent, not in later reads."""

    def append(self, text: str) -> int:
        """Add lines behind the last header."""
        lumps.append_hf(message(), to_bytes(text))
        return 1

    def insert(self, text: str) -> int:
        """Add lines before the first header."""
        lumps.insert_hf(message(), to_bytes(text))
        return 1

    def append_after(self, text: str, name: str) -> int:
        """Add lines behind the first header of a name; behind the last header when there is none."""
        return self._beside(text, name, before=False)

    def insert_before(self, text: str, name: str) -> int:
        """Add lines before the first header of a name; before the first header when there is none."""
        return self._beside(text, name, before=True)

    def remove(self, name: str) -> int:
        """Remove all headers of a name; 1 also when there is none."""
        lumps.remove_hf(message(), to_bytes(name))
        return 1

    def rmappend(self, name: str, text: str) -> int:
        """Remove, then append."""
        self.remove(name)
        return self.append(text)

    def rminsert(self, name: str, text: str) -> int:
        """Remove, then insert."""
        self.remove(name)
        return self.insert(text)

    def append_to_reply(self, text: str) -> int:
        """Add lines to the replies that this server makes for the request."""
        lumps.add_lump_rpl(message(), to_bytes(text))
        return 1

    def is_present(self, name: str) -> int:
        """1 or -1."""
        return 1 if message().header(to_bytes(name)) is not None else -1

    def get(self, name: str) -> Text:
        """Body of the first header of a name, or None."""
        return self.get_idx(name, 0)

    def gete(self, name: str) -> Text:
        """As `get`; "" for None."""
        return self.gete_idx(name, 0)

    def getw(self, name: str) -> Text:
        """As `get`; "<null>" for None."""
        return self.getw_idx(name, 0)

    def get_idx(self, name: str, index: int) -> Text:
        """Body of one of several, or None; negative counts from the last."""
        return to_python(message().header(to_bytes(name), index))

    def gete_idx(self, name: str, index: int) -> Text:
        """As `get_idx`; "" for None."""
        return self.get_idx(name, index) or ""

    def getw_idx(self, name: str, index: int) -> Text:
        """As `get_idx`; "<null>" for None."""
        value = self.get_idx(name, index)
        return NULL if value is None else value

    def match_content(self, name: str, op: str, value: str, which: str) -> bool:
        """Compare bodies: `op` eq ne sw (starts with) in (contains); `which` f(irst) l(ast) o(ne of) a(ll)."""
        compare = _COMPARE.get(op)
        if compare is None or which[:1] not in ("f", "l", "o", "a"):
            log.error("KSR.hdr.match_content: there is no operator %s or no selection %s", op, which)
            return False
        bodies = message().headers(to_bytes(name))
        if not bodies:
            return False
        matches = [bool(compare(body, to_bytes(value))) for body in bodies]
        return {"f": matches[0], "l": matches[-1], "o": any(matches), "a": all(matches)}[which[:1]]

    def _beside(self, text: str, name: str, before: bool) -> int:
        msg, wanted, lines = message(), to_bytes(name).lower(), to_bytes(text)
        for number, (found, _) in enumerate(msg.all_headers()):
            if found.lower() == wanted:
                code: int = lib.kh_append_hf_at(msg.edits, msg.c, number, before, lines, len(lines))
                return 1 if code >= 0 else -1
        return self.insert(text) if before else self.append(text)


__all__: list[Any] = ["NULL", "Hdr"]
