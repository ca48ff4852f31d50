"""Replacements: by regular expression, by sed expression, by literal text. They see the message as it reads."""

from collections.abc import Iterator

from ...cfg.regex import Regex, Subst
from ...core.log import logger
from ...core.msg.ruri import SET, SET_USER, edit_uri
from ...parser.msg import SipMsg
from ...parser.uri import try_parse_uri
from ...src.native import lib
from .edits import NO, body_area, headers_area, put_all
from .search import FIRST, LAST, by_line
from .variables import with_variables

log = logger(__name__)
Pieces = Iterator[tuple[int, int, bytes]]


def _matches(regex: Regex, data: bytes, start: int, text: bytes) -> Pieces:
    """Every non-empty match in `data`, which lies at offset `start` of the message."""
    at, pattern = 0, by_line(regex).pattern
    while at < len(data) and (match := pattern.search(data, at)):
        if match.end() == match.start():
            at = match.end() + 1
            continue
        yield start + match.start(), match.end() - match.start(), text
        at = match.end()


def _first(pieces: Pieces) -> Pieces:
    for piece in pieces:
        yield piece
        return


def _part(msg: SipMsg, area: tuple[int, int]) -> tuple[bytes, int]:
    return msg.buf[area[0] : area[1]], area[0]


def _all(msg: SipMsg) -> tuple[int, int]:
    return msg.seen.fline_len, msg.seen.len


def replace(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """The first match behind the first line."""
    return put_all(msg, _first(_matches(regex, *_part(msg, _all(msg)), text)))


def replace_all(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """Every match behind the first line."""
    return put_all(msg, _matches(regex, *_part(msg, _all(msg)), text))


def replace_hdrs(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """The first match in the headers."""
    return put_all(msg, _first(_matches(regex, *_part(msg, headers_area(msg)), text)))


def replace_body(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """The first match in the body."""
    return put_all(msg, _first(_matches(regex, *_part(msg, body_area(msg)), text)))


def replace_body_all(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """Every match in the body, looked for line by line."""
    data, start = _part(msg, body_area(msg))

    def lines() -> Pieces:
        at = start
        for line in data.splitlines(keepends=True):
            yield from _matches(regex, line.rstrip(b"\r\n"), at, text)
            at += len(line)

    return put_all(msg, lines())


def replace_body_atonce(msg: SipMsg, regex: Regex, text: bytes) -> int:
    """Every match in the body taken as one text."""
    return put_all(msg, _matches(regex, *_part(msg, body_area(msg)), text))


def _literal(msg: SipMsg, area: tuple[int, int], text: bytes, new: bytes, mode: bytes) -> int:
    data, start = _part(msg, area)

    def found() -> Pieces:
        at = data.find(text)
        while at >= 0:
            yield start + at, len(text), new
            at = -1 if mode == FIRST else data.find(text, at + len(text))

    return put_all(msg, found()) if text else NO


def replace_str(msg: SipMsg, text: bytes, new: bytes, mode: bytes) -> int:
    """A literal text behind the first line; mode `a` all, `f` the first."""
    return _literal(msg, _all(msg), text, new, mode)


def replace_hdrs_str(msg: SipMsg, text: bytes, new: bytes, mode: bytes) -> int:
    """A literal text in the headers."""
    return _literal(msg, headers_area(msg), text, new, mode)


def replace_body_str(msg: SipMsg, text: bytes, new: bytes, mode: bytes) -> int:
    """A literal text in the body."""
    return _literal(msg, body_area(msg), text, new, mode)


def _substituted(msg: SipMsg, expression: Subst, area: tuple[int, int]) -> list[tuple[int, int, bytes]]:
    """Match by match: what lies between them stays open to other edits."""
    data, start = _part(msg, area)
    found = [(start + at, size, new) for at, size, new in with_variables(msg, expression).pieces(data)]
    if all(size for _, size, _ in found):
        return found
    log.error("a substitution matches the empty text: nothing is changed")
    return []


def subst(msg: SipMsg, expression: Subst) -> int:
    """A sed expression on everything behind the first line."""
    return put_all(msg, _substituted(msg, expression, _all(msg)))


def subst_body(msg: SipMsg, expression: Subst) -> int:
    """A sed expression on the body."""
    return put_all(msg, _substituted(msg, expression, body_area(msg))) if msg.body else NO


def subst_uri(msg: SipMsg, expression: Subst) -> int:
    """A sed expression on the Request-URI."""
    new = with_variables(msg, expression).apply(msg.ruri or b"")
    return NO if new is None else edit_uri(msg, SET, new)


def subst_user(msg: SipMsg, expression: Subst) -> int:
    """A sed expression on the user of the Request-URI."""
    uri = try_parse_uri(msg.ruri)
    new = with_variables(msg, expression).apply(uri.user) if uri is not None else None
    return NO if new is None else edit_uri(msg, SET_USER, new)


def subst_hf(msg: SipMsg, name: bytes, expression: Subst, which: bytes) -> int:
    """A sed expression on the bodies of a header: `a` all, `f` the first, `l` the last."""
    count = len(msg.headers(name))
    indexes = range(count)[:1] if which == FIRST else range(count)[-1:] if which == LAST else range(count)

    def changed() -> Pieces:
        for index in indexes:
            packed = lib.kh_msg_hdr_name(msg.seen, name, len(name), index)
            off, size = packed >> 16, packed & 0xFFFF
            yield from _substituted(msg, expression, (off, off + size))

    return put_all(msg, changed())
