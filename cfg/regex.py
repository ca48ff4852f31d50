"""POSIX extended regular expressions, as Kamailio's functions take them, on Python's `re` over bytes.

What is translated: bracket expressions with classes (`[[:alpha:]]`), backslash as a literal inside brackets, `\\d` as
a plain `d`, the GNU forms `\\w \\W \\s \\S \\b \\B \\< \\> \\` \\'`, `^` and `$` only at the ends of the text, `.`
matching newline, `+` `?` `*` `{n,m}` never lazy or possessive. One difference stays: alternation takes the first branch
that matches instead of the longest, which shows only in the extent of a match, not in whether there is one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_PATTERN = 8192  # bytes of one expression

_CLASSES = {
    b"alpha": rb"a-zA-Z", b"digit": rb"0-9", b"alnum": rb"a-zA-Z0-9", b"upper": rb"A-Z", b"lower": rb"a-z",
    b"space": rb" \t\n\r\f\v", b"blank": rb" \t", b"punct": rb"!-/:-@\[-`{-~", b"print": rb" -~", b"graph": rb"!-~",
    b"cntrl": rb"\x00-\x1f\x7f", b"xdigit": rb"0-9A-Fa-f",
}  # fmt: skip
_GNU = {b"w": rb"\w", b"W": rb"\W", b"s": rb"\s", b"S": rb"\S", b"b": rb"\b", b"B": rb"\B", b"<": rb"\b(?=\w)",
        b">": rb"\b(?<=\w)", b"`": rb"\A", b"'": rb"\Z"}  # fmt: skip
_INTERVAL = re.compile(rb"\{([0-9]{0,5})(,([0-9]{0,5}))?\}")


def translate(pattern: bytes, newline: bool = False) -> bytes:
    """A POSIX extended expression as one for Python's `re`. ValueError with a sentence when it is malformed.

    With `newline` (REG_NEWLINE) a negated bracket does not match a newline; the caller sees to `.`, `^` and `$`.
    """
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"the expression is longer than {MAX_PATTERN} bytes")
    out: list[bytes] = []
    i, atom = 0, False  # atom: there is something that a repetition can apply to
    while i < len(pattern):
        c = pattern[i : i + 1]
        i += 1
        if c == b"[":
            text, i = _bracket(pattern, i)
            if newline and text.startswith(b"[^"):
                text = text[:-1] + b"\\n]"
            out.append(text)
            atom = True
        elif c == b"\\":
            if i == len(pattern):
                raise ValueError("trailing backslash")
            c = pattern[i : i + 1]
            i += 1
            out.append(_GNU.get(c) or (b"(?:\\" + c + b")" if c in b"123456789" else re.escape(c)))
            atom = True
        elif c in (b"*", b"+", b"?") or (c == b"{" and _INTERVAL.match(pattern, i - 1)):
            if c == b"{":
                m = _INTERVAL.match(pattern, i - 1)
                assert m is not None
                c, i = b"{" + (m.group(1) or b"0") + (m.group(2) or b"") + b"}", m.end()
            if not atom:  # glibc takes a repetition of nothing as nothing (or a literal `*` at the start)
                out.append(rb"\*" if c == b"*" else b"")
                atom = c == b"*"
            else:
                _repeat(out, c)
        elif c in b"(|":
            out.append(c)
            atom = False
        elif c == b"^":
            out.append(rb"\A")
            atom = False
        elif c == b"$":
            out.append(rb"\Z")
        elif c == b".":
            out.append(b".")
            atom = True
        else:
            out.append(c if c == b")" else re.escape(c))
            atom = True
    return b"".join(out)


def _repeat(out: list[bytes], c: bytes) -> None:
    """Append a repetition; a second one on the same atom (`a**`, `a+?`) needs a group around the first."""
    last = out[-1]
    if last[:1] in b"*+?" or last[:1] == b"{":
        depth, at = 0, len(out) - 2
        while at >= 0:
            depth += out[at].count(b")") if out[at] == b")" else 0
            depth -= 1 if out[at] == b"(" else 0
            if depth <= 0 and out[at][:1] not in (b"*", b"+", b"?", b"{"):
                break
            at -= 1
        out[at:] = [b"(?:" + b"".join(out[at:]) + b")"]
    out.append(c)


def _bracket(pattern: bytes, i: int) -> tuple[bytes, int]:
    """A bracket expression that begins after `[`: its translation and the index behind it."""
    start = i
    out = b"["
    if pattern[i : i + 1] == b"^":
        out, i = b"[^", i + 1
    first = True
    while True:
        c = pattern[i : i + 1]
        if not c:
            raise ValueError(f"unmatched [ at {pattern[start - 1 : start + 20]!r}")
        if c == b"]" and not first:
            return out + b"]", i + 1
        first = False
        if c == b"[" and pattern[i + 1 : i + 2] in (b":", b".", b"="):
            kind = pattern[i + 1 : i + 2]
            end = pattern.find(kind + b"]", i + 2)
            name = pattern[i + 2 : end] if end >= 0 else b""
            if end < 0 or (kind == b":" and name not in _CLASSES):
                raise ValueError(f"unknown character class {pattern[i : i + 16]!r}")
            out += _CLASSES[name] if kind == b":" else re.escape(name)
            i = end + 2
            continue
        i += 1
        if c == b"-" and out not in (b"[", b"[^") and pattern[i : i + 1] not in (b"]", b""):
            out += b"-"
        else:
            out += b"\\" + c if c in b"\\]-[&~|^" else c


@dataclass(frozen=True, slots=True)
class Regex:
    """A compiled expression. `search` is the bound method to call: `search(data) -> match | None`."""

    source: bytes
    pattern: "re.Pattern[bytes]"

    def search(self, data: bytes) -> "re.Match[bytes] | None":
        """The first match in `data`."""
        return self.pattern.search(data)


def compile_regex(source: bytes, ignore_case: bool = True, newline: bool = False) -> Regex:
    """Compile a POSIX extended expression; ValueError with a sentence when it is malformed.

    `newline` is POSIX's REG_NEWLINE: `.` does not match a newline, `^` and `$` match around each.
    """
    text = translate(source, newline)
    if newline:
        text, flags = text.replace(rb"\A", b"^").replace(rb"\Z", b"$"), re.MULTILINE
    else:
        flags = re.DOTALL
    try:
        return Regex(source, re.compile(text, flags | (re.IGNORECASE if ignore_case else 0)))
    except (re.error, OverflowError, RecursionError) as exc:
        raise ValueError(f"bad regular expression: {exc}") from None


@dataclass(frozen=True, slots=True)
class Subst:
    """`/regex/replacement/flags`. `parts` of the replacement: bytes, or the number of a group."""

    regex: Regex
    parts: tuple[bytes | int, ...]
    everywhere: bool
    replacement: bytes

    def apply(self, data: bytes) -> bytes | None:
        """`data` with the first (flag g: every) match replaced; None when nothing matches."""
        out, n = self.regex.pattern.subn(self._expand, data, 0 if self.everywhere else 1)
        return out if n else None

    def pieces(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Where `data` changes: (offset, length, new text) of the first (flag g: every) match."""
        for m in self.regex.pattern.finditer(data):
            yield m.start(), m.end() - m.start(), self._expand(m)
            if not self.everywhere:
                return

    def filled(self, read: Callable[[bytes], bytes]) -> "Subst":
        """The same with the variables of the replacement read; groups and escapes stay what they are."""
        if b"$" not in self.replacement:
            return self
        parts = tuple(p if isinstance(p, int) else read(p) for p in self.parts)
        return Subst(self.regex, parts, self.everywhere, self.replacement)

    def _expand(self, m: "re.Match[bytes]") -> bytes:
        groups = m.re.groups
        return b"".join(p if isinstance(p, bytes) else (m.group(p) or b"") if p <= groups else b"" for p in self.parts)


_REPLACEMENT = re.compile(rb"\\(.)|([^\\]+)|(\\)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def parse_subst(text: bytes) -> Subst:
    """Parse `/regex/replacement/flags`; the separator is the first character, flags are i, g and s."""
    if len(text) < 3:
        raise ValueError("the form is /regex/replacement/flags")
    parts: list[bytes] = [b""]
    i, separator = 1, text[:1]
    while i < len(text) and len(parts) < 3:
        c = text[i : i + 1]
        if c == b"\\" and i + 1 < len(text):
            nxt = text[i + 1 : i + 2]
            parts[-1] += nxt if nxt == separator else c + nxt
            i += 2
            continue
        if c == separator:
            parts.append(b"")
        else:
            parts[-1] += c
        i += 1
    if len(parts) < 3:
        raise ValueError("the form is /regex/replacement/flags")
    flags = text[i:].strip()
    if flags.strip(b"igs"):
        raise ValueError(f"unknown flags {flags.decode('latin-1')!r}: i, g and s exist")
    regex = compile_regex(parts[0], b"i" in flags, newline=b"s" not in flags)
    return Subst(regex, parse_replacement(parts[1]), b"g" in flags, parts[1])


def parse_replacement(text: bytes) -> tuple[bytes | int, ...]:
    """Split a replacement into literal bytes and group numbers (`\\0` to `\\9`)."""
    parts: list[bytes | int] = []
    for m in _REPLACEMENT.finditer(text):
        escaped, plain, lone = m.groups()
        if escaped is not None and escaped.isdigit():
            parts.append(int(escaped))
        elif escaped is not None:
            parts.append(_ESCAPES.get(escaped, escaped))
        else:
            parts.append(plain or lone)
    return tuple(parts)
