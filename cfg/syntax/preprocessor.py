"""Defines, conditionals, includes and substitutions: a stream of tokens over a stack of sources.

Everything happens while tokens are read, as in Kamailio's lexer, so that a directive may stand anywhere, even inside
a route block, and a token's position stays the place in its file.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..errors import ConfigError, did_you_mean
from ..regex import Subst, parse_subst
from ..source import Pos, Source
from . import scanner
from .scanner import Frame, Token

MAX_DEFINES = 4096
MAX_NESTED_IFDEFS = 512
MAX_INCLUDE_DEPTH = 10
MAX_SUBSTS = 128
MAX_EXPANSION_DEPTH = 32  # defines in the value of defines
MAX_EXPANSIONS = 50_000  # in one configuration
MAX_CONFIG_BYTES = 4 << 20  # of all files together
VERSION_DEFINES = ("KAMAILIO_5", "KAMAILIO_5_6", "KAMAILIO_5_6_3", "KAHEA")

_REST = re.compile(r"(?:\\\r?\n|[^\n])*")
_NAME = re.compile(r"[ \t]+([A-Za-z_][A-Za-z0-9_]*)")
_VALUE = re.compile(r"[ \t]*((?:\\\r?\n|[^\n])*)")
_ENV = re.compile(r"[ \t]+([A-Za-z_][A-Za-z0-9_]*)(?:[ \t]*=[ \t]*([A-Za-z_][A-Za-z0-9_]*))?")
_CONDITIONAL = re.compile(r"(?:\#!|!!)(ifdef|ifndef|else|endif)(?![A-Za-z0-9_])")
_FILE = re.compile(r"[ \t]*(\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')")
_FILE_ESCAPE = re.compile(r"\\(.)")


@dataclass(slots=True)
class Conditional:
    """An open `#!ifdef`."""

    pos: Pos
    taken: bool


@dataclass
class Preprocessor:
    """The token stream of a configuration.

    `defines` maps names to their text; `warn(message, pos)` gets what deserves a notice. `texts` keeps the bytes of
    every file read; given as `replay` to another preprocessor they stand for the files. With `expand` variables in the
    replacement of a substitution are read, each time that it is applied.
    """

    defines: dict[str, str] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    expand: Callable[[bytes], bytes] | None = None  # a text with the values of its variables; LookupError, ValueError
    warn: Callable[[str, Pos | None], None] = lambda message, pos: None
    substs: list[Subst] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    replay: Mapping[str, bytes] | None = None
    compat: str = "MAXCOMPAT"
    frame: Frame | None = None
    _open: list[Conditional] = field(default_factory=list)
    _bytes: int = 0
    _expansions: int = 0

    def __post_init__(self) -> None:
        for name in VERSION_DEFINES:
            self.defines.setdefault(name, "")

    # -- sources ---------------------------------------------------------------------------------------------------

    def open_file(self, path: str, origin: Pos | None = None) -> None:
        """Read a file next. Its end returns to what was being read. OSError when it cannot be read."""
        if self.replay is not None:
            data = self.replay[path]
        else:
            with open(path, "rb") as stream:
                data = stream.read(MAX_CONFIG_BYTES + 1)
        self.texts[path] = data
        self.open_text(data, path, origin)

    def open_text(self, data: bytes, name: str, origin: Pos | None = None) -> None:
        """Read a text next, as if it were a file called `name`."""
        self._bytes += len(data)
        if self._bytes > MAX_CONFIG_BYTES:
            raise ConfigError(f"the configuration is larger than {MAX_CONFIG_BYTES >> 20} MB", origin)
        depth = self.frame.depth + 1 if self.frame is not None and origin is not None else 0
        self.frame = Frame(Source(name, data.decode("latin-1"), origin), 0, self.frame, depth)

    # -- tokens ----------------------------------------------------------------------------------------------------

    def next(self, mode: str = scanner.SCRIPT) -> Token:
        """The next token after directives and expansions. At the end of the last file the same EOF again and again."""
        while True:
            frame = self.frame
            assert frame is not None
            token = scanner.scan(frame, mode)
            kind = token.kind
            if kind is scanner.ID:
                text = token.text
                if text in self.defines and text not in self.reserved:
                    self._expand(token)
                    continue
                if text in ("include_file", "import_file"):
                    self._include(token)
                    continue
            elif kind is scanner.DIRECTIVE:
                self._directive(token)
                continue
            elif kind is scanner.EOF:
                if frame.parent is None:
                    self._check_balanced()
                    return token
                self.frame = frame.parent
                continue
            elif self.substs and kind in (scanner.STR, scanner.PV):
                self._substitute(token)
            return token

    def rescan(self, token: Token, mode: str) -> Token:
        """Read the last token again in another mode."""
        self.frame = token.frame
        token.frame.offset = token.start
        return self.next(mode)

    def _substitute(self, token: Token) -> None:
        if token.kind is scanner.STR:
            token.value = self._substituted(token.value)
        else:
            token.text = self._substituted(token.text.encode("latin-1")).decode("latin-1")

    def _substituted(self, data: bytes) -> bytes:
        """`data` after all rules, in the order in which they were entered."""
        for rule in self.substs:
            if rule.regex.search(data):
                data = (rule.filled(self.expand) if self.expand is not None else rule).apply(data) or b""
        return data

    def _expand(self, token: Token) -> None:
        name, frame, depth = token.text, token.frame, 0
        at: Frame | None = frame
        while at is not None and not at.source.is_file:
            depth += 1
            if at.source.name == name or depth > MAX_EXPANSION_DEPTH:
                raise ConfigError(f'the define "{name}" expands to itself', token.pos)
            at = at.parent
        self._expansions += 1
        if self._expansions > MAX_EXPANSIONS:
            raise ConfigError(f"more than {MAX_EXPANSIONS} defines are expanded", token.pos)
        value = self.defines[name]
        if value:
            self.frame = Frame(Source(name, value, token.pos, is_file=False), 0, frame, frame.depth)

    # -- directives ------------------------------------------------------------------------------------------------

    def _directive(self, token: Token) -> None:
        name = token.text
        if name in ("KAMAILIO", "OPENSER", "SER", "ALL", "MAXCOMPAT"):
            self.compat = {"OPENSER": "KAMAILIO", "ALL": "MAXCOMPAT"}.get(name, name)
        elif name in ("ifdef", "ifndef"):
            self._ifdef(token)
        elif name in ("else", "endif"):
            self._else_endif(token)
        elif name in ("include_file", "import_file"):
            self._include(token)
        elif name.startswith("subst"):
            self._subst(token)
        elif "env" in name:
            self._defenv(token)
        else:
            self._define(token)

    def _match(self, token: Token, pattern: "re.Pattern[str]", wanted: str) -> "re.Match[str]":
        frame = token.frame
        m = pattern.match(frame.source.text, frame.offset)
        if m is None:
            raise ConfigError(f"{wanted} is expected after #!{token.text}", token.pos)
        frame.offset = m.end()
        return m

    def define(self, name: str, value: str, how: str = "define", pos: Pos | None = None) -> None:
        """Enter a define; `how` is define (must be new), trydef (unless known) or redef (in any case)."""
        if name in self.defines:
            if how == "define":
                raise ConfigError(f'"{name}" is already defined', pos, "use #!trydef or #!redef")
            if how == "trydef":
                return
        if len(self.defines) >= MAX_DEFINES:
            raise ConfigError(f"more than {MAX_DEFINES} defines", pos)
        self.defines[name] = value

    def _define(self, token: Token) -> None:
        m = self._match(token, _NAME, "a name")
        frame = token.frame
        if frame.source.text[frame.offset : frame.offset + 1] == "-":
            raise ConfigError("a define's name cannot contain -", token.pos)
        value = re.sub(r"\\\r?\n", "", self._match(token, _VALUE, "a value").group(1)).rstrip("\r")
        how = {"def": "define", "trydefine": "trydef", "redefine": "redef"}.get(token.text, token.text)
        self.define(m.group(1), _without_comment(value), how, token.pos)

    def _defenv(self, token: Token) -> None:
        m = self._match(token, _ENV, "ID=ENVVAR")
        name, variable = m.group(1), m.group(2) or m.group(1)
        optional, quoted = token.text.startswith("try"), token.text.endswith("s")
        value = self.environ.get(variable)
        if value is None:
            if not optional:
                raise ConfigError(f"the environment variable {variable} is not set", token.pos)
            return
        text = os.fsencode(value)
        self.define(name, scanner.quote(text) if quoted else text.decode("latin-1"), "define", token.pos)

    def _ifdef(self, token: Token) -> None:
        m = self._match(token, _NAME, "a name")
        self._skip_line(token)
        taken = (m.group(1) in self.defines) == (token.text == "ifdef")
        if len(self._open) >= MAX_NESTED_IFDEFS:
            raise ConfigError(f"more than {MAX_NESTED_IFDEFS} nested #!ifdef", token.pos)
        self._open.append(Conditional(token.pos, taken))
        if not taken:
            self._skip(token.frame)

    def _else_endif(self, token: Token) -> None:
        self._skip_line(token)
        if not self._open:
            if token.text == "else":
                self.warn("#!else without #!ifdef", token.pos)
                return
            raise ConfigError("#!endif without #!ifdef", token.pos)
        if token.text == "endif":
            self._open.pop()
        else:
            self._open[-1].taken = False
            self._skip(token.frame)

    def _skip(self, frame: Frame) -> None:
        """Skip to the `#!else` or `#!endif` that ends the part not taken."""
        depth, text = 0, frame.source.text
        for m in _CONDITIONAL.finditer(text, frame.offset):
            word = m.group(1)
            if word in ("ifdef", "ifndef"):
                depth += 1
            elif depth and word == "endif":
                depth -= 1
            elif not depth:
                frame.offset = scanner._line_end(text, m.end())
                if word == "endif":
                    self._open.pop()
                else:
                    self._open[-1].taken = True
                return
        frame.offset = len(text)

    def _skip_line(self, token: Token) -> None:
        token.frame.offset = scanner._line_end(token.frame.source.text, token.frame.offset)

    def _check_balanced(self) -> None:
        if self._open:
            raise ConfigError("this #!ifdef has no #!endif", self._open[-1].pos)

    def _subst(self, token: Token) -> None:
        m = re.compile(r"[ \t]*(" + scanner._STRING + r"|'[^']*')", re.DOTALL).match(
            token.frame.source.text, token.frame.offset
        )
        if m is None:
            raise ConfigError(f'"/regex/replacement/flags" is expected after #!{token.text}', token.pos)
        token.frame.offset = m.end()
        self.add_subst(scanner.unquote(m.group(1)), token.text, token.pos)

    def add_subst(self, text: bytes, kind: str = "subst", pos: Pos | None = None) -> None:
        """Enter a substitution rule; `substdef` and `substdefs` also define the identifier."""
        try:
            rule = parse_subst(text)
            if self.expand is not None:
                rule.filled(self.expand)  # an unknown variable is an error here
        except (LookupError, ValueError) as exc:
            raise ConfigError(f"bad substitution: {exc}", pos) from None
        if len(self.substs) >= MAX_SUBSTS:
            raise ConfigError(f"more than {MAX_SUBSTS} substitutions", pos)
        self.substs.append(rule)
        if kind != "subst":
            parts = text.split(text[:1])
            value = self.expand(parts[2]) if self.expand is not None and b"$" in parts[2] else parts[2]
            shown = scanner.quote(value) if kind == "substdefs" else value.decode("latin-1")
            self.define(parts[1].decode("latin-1"), shown, "define", pos)

    def _include(self, token: Token) -> None:
        m = self._match(token, _FILE, "a file name in quotes")
        frame = token.frame
        name = m.group(1)[1:-1]
        if m.group(1)[0] == '"':
            name = _FILE_ESCAPE.sub(lambda e: {"t": "\t", "n": "\n", "r": "\r"}.get(e.group(1), e.group(1)), name)
        path = os.fsdecode(self._substituted(name.encode("latin-1")))
        if frame.depth >= MAX_INCLUDE_DEPTH:
            raise ConfigError(f"files include one another more than {MAX_INCLUDE_DEPTH} deep", token.pos)
        self.frame = frame
        folder = os.path.dirname(token.pos.file)
        for candidate in (path, os.path.join(folder, path)):
            if candidate in self.replay if self.replay is not None else os.path.exists(candidate):
                try:
                    self.open_file(candidate, token.pos)
                except OSError as exc:
                    raise ConfigError(f"cannot read {candidate}: {exc.strerror}", token.pos) from None
                return
        if token.text == "include_file":
            near = did_you_mean(os.path.basename(path), _listdir(folder))
            raise ConfigError(f"the included file {path} does not exist", token.pos, near)


def _listdir(folder: str) -> list[str]:
    try:
        return os.listdir(folder or ".")
    except OSError:
        return []


_TRAILING = re.compile(r"""^((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#])*?)[ \t]+\#.*$""", re.DOTALL)


def _without_comment(value: str) -> str:
    """Kamailio keeps a trailing comment in the value, which breaks its use; a blank and `#` outside quotes ends it."""
    m = _TRAILING.match(value)
    return (m.group(1) if m else value).rstrip(" \t")
