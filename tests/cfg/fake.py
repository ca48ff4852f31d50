"""A small environment for the compiler: functions that record their calls, variables in a dict. No server needed."""

import re
from typing import Any

from kahea.cfg.argtypes import Flag, Int, PvRead, PvWrite, Raw, Regex, Route, Str, Subst
from kahea.cfg.compile.compiler import Compiled, Limits, compile_config
from kahea.cfg.compile.values import DROP, DROPPED, ScriptExit
from kahea.cfg.syntax.parser import parse_text
from kahea.core.pv.exports import Cell
from kahea.core.sr_module import CmdExport

_PV = re.compile(rb"\$(?:\((?:[^()]|\([^()]*\))*\)|[A-Za-z_?]\w*(?:\([^()]*\))?)")


class Msg:
    """Script state of a message, and a log of what the script did."""

    def __init__(self, **values: Any) -> None:
        self.rc = self.act = 0
        self.flags: set[int] = set()
        self.log: list[Any] = []
        self.vars: dict[bytes, Any] = {b"$" + k.encode(): v for k, v in values.items()}


class Spec:
    """`$anything`: an entry of `msg.vars`; `$ro` is read-only, `$rc` the return code."""

    type = ""
    cell: Any = None
    undefined: int | None = None

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.set = None if name == b"$ro" else self._set

    def get(self, msg: Msg) -> Any:
        """The value."""
        return msg.rc if self.name in (b"$rc", b"$retcode", b"$?") else msg.vars.get(self.name)

    def _set(self, msg: Msg, value: Any) -> None:
        msg.vars[self.name] = value


class CellSpec(Spec):
    """`$var(...)` as the server has it: a cell, 0 at first and for null; compiled code reads and writes it in place."""

    def __init__(self, name: bytes, cell: Cell) -> None:
        super().__init__(name)
        self.cell, self.undefined = cell, 0

    def get(self, msg: Msg) -> Any:
        """The value."""
        return self.cell.value

    def _set(self, msg: Msg, value: Any) -> None:
        self.cell.value = 0 if value is None else value


class Format:
    """A text split at variables."""

    def __init__(self, text: bytes) -> None:
        self.parts: list[Any] = []
        last = 0
        for m in _PV.finditer(text):
            if m.start() > last:
                self.parts.append(text[last : m.start()])
            self.parts.append(Spec(m.group()))
            last = m.end()
        if last < len(text):
            self.parts.append(text[last:])
        self.constant = not any(isinstance(p, Spec) for p in self.parts)


def _log(msg: Msg, *args: Any) -> int:
    msg.log.append(args if len(args) != 1 else args[0])
    return 1


def _code(msg: Msg, code: int) -> int:
    msg.log.append(f"f{code}")
    return code


def _regex(msg: Msg, regex: Any) -> int:
    return 1 if regex.search(b"abc") else -1


FUNCTIONS = [
    CmdExport("log", _log, (Str,), keeps_variables=True),
    CmdExport("f", _code, (Int,)),
    CmdExport("two", _log, (Str, Int), min_params=1),
    CmdExport("raw", _log, (Raw,)),
    CmdExport("has_abc", _regex, (Regex,)),
    CmdExport("subst", _log, (Subst,)),
    CmdExport("write", lambda msg, pv: pv.set(msg, b"written") or 1, (PvWrite,)),
    CmdExport("read", lambda msg, pv: _log(msg, pv.get(msg)), (PvRead,)),
    CmdExport("on_failure", _log, (Route,), route_kind="failure_route"),
    CmdExport("setflag", _log, (Flag,)),
    CmdExport("forward", _log, (Str, Int), min_params=0),
    CmdExport("force_rport", _log),
    CmdExport("sleep", lambda msg, rest: _log(msg, rest) and 0, continues=True),
    CmdExport("special", _log, (Str,), specialise=lambda text: lambda msg: _log(msg, b"special " + text)),
]


class FakeEnvironment:
    """Implements cfg.environment.Environment."""

    def __init__(self) -> None:
        self.commands = {f.name: f for f in FUNCTIONS}

    def find_command(self, name: str, nargs: int) -> CmdExport | None:
        """A function by name and number of arguments."""
        found = self.commands.get(name)
        return found if found is not None and nargs in self.command_counts(name) else None

    def command_names(self) -> list[str]:
        """All names."""
        return list(self.commands)

    def command_counts(self, name: str) -> list[int]:
        """Numbers of arguments."""
        found = self.commands.get(name)
        if found is None:
            return []
        low = len(found.params) if found.min_params is None else found.min_params
        return list(range(low, len(found.params) + 1))

    def parse_pv(self, text: bytes) -> Any:
        """`$nope` is unknown."""
        if text == b"$nope":
            raise LookupError("unknown variable $nope")
        return Spec(text)

    def parse_format(self, text: bytes) -> Any:
        """Split at variables."""
        return Format(text)

    def operand(self, name: str) -> Any:
        """A core keyword: the variable of that name."""
        return lambda msg: msg.vars.get(b"$" + name.encode())

    def is_myself(self, text: bytes, port: int = 0) -> bool:
        """One address is ours."""
        return b"me" in text

    def resolve(self, host: bytes) -> list[bytes]:
        """One host is known."""
        return [b"10.0.0.1"] if host == b"host.name" else []


class CellEnvironment(FakeEnvironment):
    """With `$var(...)` in cells."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: dict[bytes, Cell] = {}

    def parse_pv(self, text: bytes) -> Any:
        """A variable."""
        return CellSpec(text, self.cells.setdefault(text, Cell(0))) if text.startswith(b"$var(") else Spec(text)

    def parse_format(self, text: bytes) -> Any:
        """A text with variables."""
        parsed = Format(text)
        parsed.parts = [self.parse_pv(p.name) if isinstance(p, Spec) else p for p in parsed.parts]
        return parsed


def compile_text(text: str, **limits: int) -> Compiled:
    """Compile a whole configuration."""
    return compile_config(parse_text(text.encode("latin-1"), "test.cfg"), FakeEnvironment(), Limits(**limits))


def run(text: str, msg: Msg | None = None, limits: dict[str, int] | None = None) -> tuple[int, Msg]:
    """Run a configuration's request_route; a text without one is its body."""
    if "request_route" not in text:
        text = "request_route {" + text + "}"
    compiled = compile_text(text, **(limits or {}))
    msg = msg or Msg()
    try:
        code = compiled.routes["request_route"][b""](msg)
    except ScriptExit as exc:
        code = exc.code
    return (DROPPED if msg.act & DROP else code), msg
