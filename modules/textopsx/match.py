"""Removing the body, keeping only some headers, shell patterns."""

import fnmatch as shell
import functools
import re

from ...cfg.regex import Regex
from ...parser.msg import SipMsg
from ...src.native import lib

PATTERNS = 256  # compiled shell patterns kept
#: what a message is not routable without; keep_hf never removes them
_NEEDED = frozenset((
    lib.KH_HDR_VIA, lib.KH_HDR_FROM, lib.KH_HDR_TO, lib.KH_HDR_CALLID, lib.KH_HDR_CSEQ, lib.KH_HDR_CONTENTLENGTH,
    lib.KH_HDR_CONTENTTYPE, lib.KH_HDR_MAXFORWARDS, lib.KH_HDR_CONTACT, lib.KH_HDR_ROUTE, lib.KH_HDR_RECORDROUTE,
))  # fmt: skip


def remove_body(msg: SipMsg) -> int:
    """Body and Content-Type go; -1 when there is none."""
    body = msg.seen.body
    if not body.len:
        return -1
    if lib.kh_del_lump(msg.edits, msg.seen, body.off, body.len, 0) < 0:
        return -1
    return 1 if lib.kh_remove_hf(msg.edits, msg.seen, lib.KH_HDR_CONTENTTYPE) >= 0 else -1


def keep_hf(msg: SipMsg, regex: Regex | None = None) -> int:
    """Remove the headers whose names do not match, but those that routing needs."""
    names, c = list(msg.all_headers()), msg.seen
    for i, (name, _) in enumerate(names):
        line = c.hdr[i]
        if line.type in _NEEDED or (regex is not None and regex.search(name)):
            continue
        if lib.kh_del_lump(msg.edits, c, line.off, line.len, line.type) < 0:
            return -1
    return 1


@functools.lru_cache(PATTERNS)
def _pattern(text: bytes, ignore_case: bool) -> "re.Pattern[bytes]":
    translated = shell.translate(text.decode("latin-1")).encode("latin-1")
    return re.compile(translated, re.IGNORECASE if ignore_case else 0)


def fnmatch(msg: SipMsg, value: bytes, pattern: bytes, flags: bytes = b"") -> int:
    """Does the value match a shell pattern? Flag i ignores case."""
    return 1 if _pattern(pattern, b"i" in flags.lower()).match(value) else -1
