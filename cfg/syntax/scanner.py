"""Characters to tokens, in three modes: script text, addresses (right of `listen=`), and event-route names.

A scanner knows nothing of defines and includes: it reports directives and identifiers, the preprocessor acts on them.
"""

import re
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigError
from ..source import Pos, Source
from ..words import words

# Token kinds
ID, NUM, STR, PV, SELECT, ATTR, IP4, IP6, OP, WORD, DIRECTIVE, EOF = (
    "identifier", "number", "string", "variable", "select", "attribute", "IPv4 address", "IPv6 address", "operator",
    "word", "directive", "end of file",
)  # fmt: skip

SCRIPT, ADDRESS, EVENT = "script", "address", "event"  # modes

# Directives that the preprocessor acts on; any other `#!word` is a comment.
DIRECTIVES = words(
    "define def trydef trydefine redef redefine ifdef ifndef else endif defenv defenvs trydefenv"
    " trydefenvs include_file import_file subst substdef substdefs KAMAILIO OPENSER SER ALL MAXCOMPAT"
)


@dataclass(slots=True)
class Frame:
    """A source being read, and how far. `parent` is the frame to go on with at its end."""

    source: Source
    offset: int = 0
    parent: "Frame | None" = None
    depth: int = 0  # include depth


@dataclass(slots=True)
class Token:
    """One token. `value` is int for numbers, bytes for strings; `frame` and `start` allow reading it again."""

    kind: str
    text: str
    frame: Frame
    start: int
    value: Any = None

    @property
    def pos(self) -> Pos:
        """Where it begins."""
        return Pos(self.frame.source, self.start)

    def is_op(self, *texts: str) -> bool:
        """Is it one of these operators?"""
        return self.kind == OP and self.text in texts

    def is_id(self, *words: str) -> bool:
        """Is it one of these words?"""
        return self.kind == ID and self.text in words

    def describe(self) -> str:
        """For error messages."""
        return self.kind if self.kind == EOF else f"{self.kind} {self.text[:40]!r}"


_V6 = r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![0-9A-Za-z:])|" + (
    r"(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*)?::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*)?(?![0-9A-Za-z:])"
)
_V4 = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9A-Za-z_])"
_STRING = r'"(?:[^"\\]|\\.)*"(?:[ \t\r\n\b]+"(?:[^"\\]|\\.)*")*'  # adjacent double-quoted strings are one
_BLANK = r"(?P<blank>(?:[ \t\r\n\b]|\\\r?\n)+)"
_COMMENT = r"(?P<block>/\*)|(?P<directive>(?:\#!|!!)(?=[A-Za-z])[A-Za-z_]+)|(?P<comment>(?:\#|//)[^\n]*)"

_SCRIPT = re.compile(
    rf"""{_BLANK}|{_COMMENT}
    |(?P<ip6>{_V6})
    |(?P<id>(?:uri:host|uri:port|msg:len)(?![A-Za-z0-9_])|[A-Za-z_][A-Za-z0-9_]*)
    |(?P<str>{_STRING}|'[^']*')
    |(?P<pv>\$)
    |(?P<ip4>{_V4})
    |(?P<num>0x[0-9a-fA-F]+|[01]+b|[0-9]+)(?![A-Za-z0-9_])
    |(?P<word>[0-9][A-Za-z0-9_]*)
    |(?P<select>@[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:"(?:[^"\\]|\\.)*"|-?[0-9]+)\])*)
    |(?P<attr>%[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)?)
    |(?P<op>\((?:int|str)\)|&&|\|\||==|!=|=~|!~|<=|>=|<<|>>|:=|\+=|-=|\*=|/=|%=|&=|\|=|\^=
        |[-+*/%!~<>=&|^()\[\]{{}};:,.])
    """,
    re.VERBOSE | re.DOTALL,
)
_ADDRESS = re.compile(
    rf"""{_BLANK}|{_COMMENT}
    |(?P<str>{_STRING}|'[^']*')
    |(?P<ip6>{_V6})
    |(?P<ip4>{_V4})
    |(?P<id>[A-Za-z_][A-Za-z0-9_]*(?![-.A-Za-z0-9_]))
    |(?P<num>[0-9]+(?![-.A-Za-z0-9_]))
    |(?P<word>[A-Za-z0-9_](?:[-.A-Za-z0-9_]*[A-Za-z0-9_])?)
    |(?P<pv>\$)
    |(?P<op>[-+=:;,*()\[\]{{}}/.])
    """,
    re.VERBOSE | re.DOTALL,
)
_EVENT = re.compile(r"(?P<word>[A-Za-z][0-9A-Za-z-]*(?::[A-Za-z][0-9A-Za-z_-]*)+)|(?P<op>\])|(?P<blank>[^]])")
_MODES = {SCRIPT: _SCRIPT, ADDRESS: _ADDRESS, EVENT: _EVENT}
_KINDS = {"id": ID, "str": STR, "ip6": IP6, "ip4": IP4, "num": NUM, "word": WORD, "select": SELECT, "attr": ATTR,
          "op": OP, "directive": DIRECTIVE}  # fmt: skip

_JUNK = re.compile(r"[^\s\b#!/\\A-Za-z0-9_\"'$@%:()&|=<>+\-*^\[\]{};,.~]+")  # bytes that begin no token
_NESTED = re.compile(r"/\*|\*/")
_PV_NAME = re.compile(r"\$(?:\?|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)")
_PV_PAREN = re.compile(r"[()\n]")
# OpenSER's dotted names that may be written bare
SER_CLASSES = words("f t fr tr fu tu fd td g")  # `$f.name`: attributes of SER
DOTTED = frozenset(f"{a}.{b}" for a in ("ruri", "duri", "from", "to", "src", "dst", "hdr", "reply", "snd", "err", "T")
                   for b in words("user domain port proto username ip uri tag code class level info rcode rreason"
                                  ))  # fmt: skip


def scan(frame: Frame, mode: str = SCRIPT) -> Token:
    """The next token of a frame, advancing it. Bytes that begin no token are skipped, as Kamailio does."""
    text, pattern = frame.source.text, _MODES[mode]
    while True:
        start = frame.offset
        m = pattern.match(text, start)
        if m is None:
            if start >= len(text):
                return Token(EOF, "", frame, start)
            _refuse_open_string(frame, start)
            junk = _JUNK.match(text, start)
            frame.offset = junk.end() if junk else start + 1
            continue
        what = m.lastgroup
        frame.offset = m.end()
        if what in ("blank", "comment"):
            continue
        if what == "block":
            frame.offset = _block_end(text, m.end())
            continue
        if what == "directive":
            if m.group()[2:] in DIRECTIVES:
                return Token(DIRECTIVE, m.group()[2:], frame, start)
            if m.group()[0] == "#":
                frame.offset = _line_end(text, start)
            else:  # `!!x` is two negations
                frame.offset = start + 1
                return Token(OP, "!", frame, start)
            continue
        if what == "pv":
            return _variable(frame, start)
        token = Token(_KINDS[what or "op"], m.group(), frame, start)
        if what == "num":
            token.value = number(token.text)
        elif what == "str":
            token.value = unquote(token.text)
        return token


def number(text: str) -> int:
    """Value of a number token as Kamailio's 32-bit int: hexadecimal, octal, binary (`101b`) or decimal."""
    if text[:2] == "0x":
        value = int(text, 16)
    elif text[-1] == "b" and set(text[:-1]) <= {"0", "1"}:
        value = int(text[:-1], 2)
    elif text[0] == "0" and len(text) > 1 and text.strip("01234567") == "":
        value = int(text, 8)
    else:
        value = int(text.rstrip("b")) if len(text) < 4000 else 0
    return (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000


_ESCAPE = re.compile(r'\\(?:([nrat"\\])|x([0-9A-Fa-f]{1,2})|([0-7]{2,3})|(\r?\n))')
_SIMPLE = {"n": "\n", "r": "\r", "a": "\a", "t": "\t", '"': '"', "\\": "\\"}
_JOIN = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def _unescape(m: "re.Match[str]") -> str:
    simple, hexa, octal, _ = m.groups()
    if simple:
        return _SIMPLE[simple]
    if hexa or octal:
        return chr(int(hexa, 16) if hexa else int(octal, 8) & 0xFF)
    return ""


def unquote(text: str) -> bytes:
    """The bytes of a string token: escapes in double quotes, none in single quotes."""
    if text[0] == "'":
        return text[1:-1].encode("latin-1")
    inner = "".join(_JOIN.findall(text)) if '"' in text[1:-1] else text[1:-1]
    return (_ESCAPE.sub(_unescape, inner) if "\\" in inner else inner).encode("latin-1")


def quote(value: bytes) -> str:
    """A string token that `unquote` turns into `value`; as latin-1 text."""
    out = value.decode("latin-1").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + out.replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\000") + '"'


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _block_end(text: str, start: int) -> int:
    """End of a (nesting) block comment; an unclosed one swallows the rest of the file, as in Kamailio."""
    depth = 1
    for m in _NESTED.finditer(text, start):
        depth += 1 if m.group() == "/*" else -1
        if depth == 0:
            return m.end()
    return len(text)


def _refuse_open_string(frame: Frame, start: int) -> None:
    if frame.source.text[start] in "\"'":
        raise ConfigError("this string is never closed", Pos(frame.source, start))


def _variable(frame: Frame, start: int) -> Token:
    """`$name`, `$name(...)`, `$(...)`: raw text with its parentheses counted."""
    text = frame.source.text
    end = start + 1
    if text[end : end + 1] != "(":
        m = _PV_NAME.match(text, start)
        if m is None:
            raise ConfigError("a variable name is expected after $", Pos(frame.source, start))
        end = m.end()
        name = m.group()[1:]
        if "." in name and name not in DOTTED and name.split(".", 1)[0] not in SER_CLASSES:
            end = start + 1 + name.index(".")
        if text[end : end + 1] != "(" or name == "?":
            frame.offset = end
            return Token(PV, text[start:end], frame, start)
    depth = 0
    for p in _PV_PAREN.finditer(text, end):
        if p.group() == "\n":
            break
        depth += 1 if p.group() == "(" else -1
        if depth == 0:
            frame.offset = p.end()
            return Token(PV, text[start : p.end()], frame, start)
    raise ConfigError("this variable's parentheses are not closed on its line", Pos(frame.source, start))
