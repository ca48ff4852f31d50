"""Cases of the configuration language as data, and the players that run them.

A case in a file:

    === KEY | title
    text
    >>>
    what is to come of it

The text is a configuration when a route block begins a line of it, else the body of a route (what stands above a line
`---` are routes beside it). What is to come of it:

    error: LINE:COLUMN: beginning     `kahea -c` refuses it so; `warning:` and `notice:`: it says so
    refused: LINE:COLUMN: error: ...  the start refuses it so (the line counts from the case's first)
    > METHOD uri [Header: value]...   a request arrives, `> from ip:port ...` from somewhere else
    > 486                             the one who got the last relayed request answers; `> 486 #2` the last but one
    > wait 5                          so many seconds pass
    > bytes text                      a datagram arrives
    relayed METHOD uri to ip:port, replied 200, the lines that the script logs: all that follows from it, in order
    log: text                         the server's own log holds the text

`!Name` behind a request also shows the first header of that name of what is sent, `!To` where a reply goes. A body is
run by an INVITE to sip:bob@example.com:5080.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kahea.cfg.errors import ConfigError, ConfigErrors, Diagnostic
from kahea.core import loader
from kahea.core.script import LoadOptions, Script
from kahea.core.scripttest import LoadError, Message, Outcome, ScriptTest
from kahea.tests.cfg.differential.oracle import PREAMBLE, ROUTES

FOLDER = Path(__file__).parent
MODULES = ("pv", "xlog", "tm", "tmx", "sl", "kex", "corex", "siputils", "textops", "maxfwd")
BODY_URI = "sip:bob@example.com:5080"
_BLOCK = re.compile(r"^(?:\w+_)?route\b(?:\[[^]]*\])?\s*\{", re.M)
_SCRIPT_LINE = re.compile(r"^ *\d+\(\d+\) [A-Z]+: <script>: ?(.*)")
_SERVER_LINE = re.compile(r"^ *\d+\(\d+\) (?:ERROR|CRITICAL|BUG|WARNING|NOTICE): <?(?!script)")
_SAID = ("error:", "warning:", "notice:")


@dataclass(frozen=True)
class Case:
    """One case; `lines` are what is to come of it."""

    key: str
    title: str
    text: str
    lines: tuple[str, ...]

    @property
    def is_check(self) -> bool:
        """Is it about what `kahea -c` says?"""
        return bool(self.lines) and self.lines[0].startswith(_SAID)

    @property
    def is_refused(self) -> bool:
        """Is it about a start that fails?"""
        return bool(self.lines) and self.lines[0].startswith("refused:")

    @property
    def is_body(self) -> bool:
        """Is it the body of a route?"""
        main = self.text.rpartition("\n---\n")[2]
        return not self.is_check and not _BLOCK.search(main)

    def __str__(self) -> str:
        return f"{self.key} {self.title}".strip()


def read_cases(name: str) -> list[Case]:
    """The cases of a file."""
    cases = []
    for part in ("\n" + (FOLDER / name).read_text("latin-1")).split("\n=== ")[1:]:
        head, _, rest = part.partition("\n")
        text, _, wanted = rest.partition("\n>>>")
        key, _, title = head.partition(" | ")
        cases.append(Case(key, title, text.strip("\n"), tuple(line for line in wanted.strip("\n").split("\n") if line)))
    heads = [str(case) for case in cases]
    assert len(set(heads)) == len(heads), f"{name}: twice: {sorted(head for head in heads if heads.count(head) > 1)}"
    return cases


# -- what -c says


def said(text: str, modules: tuple[str, ...] = MODULES) -> list[str]:
    """What `kahea -c` says about a configuration: `severity: line:column: message` each."""
    loader.unload_all()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "k.cfg")
        path.write_text(text, "latin-1")
        script = Script()
        try:
            script.load(str(path), LoadOptions(modules=list(modules)))
            found = script.warnings + script.compile(check_only=True).diagnostics
        except ConfigErrors as errors:
            found = errors.diagnostics
        except ConfigError as error:
            found = [error.diagnostic]
        return [_told(d) for d in found]


def _told(found: Diagnostic) -> str:
    place = f"{found.pos.line}:{found.pos.column}: " if found.pos is not None else ""
    return f"{found.severity}: {place}{found.message}" + (f" ({found.hint})" if found.hint else "")


def check(case: Case) -> None:
    """Assert what -c says."""
    found = said(case.text)
    for wanted in case.lines:
        assert any(line.startswith(wanted) for line in found), found


# -- what a script does


class Play:
    """A script under test, its log read piece by piece."""

    def __init__(self, script: ScriptTest) -> None:
        self.script = script
        self.read = 0
        self.relayed: list[Message] = []
        self.server_log: list[str] = []

    def step(self, text: str) -> list[str]:
        """Do one `> ...`; what came of it."""
        shown = [word[1:] for word in text.split() if word[0] == "!"]
        out = self._do([word for word in text.split() if word[0] != "!"])
        self.relayed += out.relayed
        lines = [line for message in out.sent for line in _describe(message, shown)]
        return lines + self.logged()

    def _do(self, words: list[str]) -> Outcome:
        if words[0].isdigit():
            number = int(words[1][1:]) if len(words) > 1 else 1
            return self.script.answer(self.relayed[-number], int(words[0]))
        if words[0] == "wait":
            return self.script.advance(float(words[1]))
        source = ("192.0.2.100", 5060)
        if words[0] == "from":
            host, _, port = words[1].rpartition(":")
            source, words = (host.strip("[]"), int(port)), words[2:]
        if words[0] == "bytes":
            data = " ".join(words[1:]).encode().decode("unicode_escape").encode("latin-1")
            return self.script.push(data, source)
        headers: dict[str, str] = {}
        name = ""
        for word in words[2:]:
            if word.endswith(":"):
                name = word[:-1]
                headers[name] = ""
            else:
                headers[name] = (headers[name] + " " + word).strip()
        return self.script.send(words[0], words[1], headers=headers, source=source)

    def logged(self) -> list[str]:
        """What the script has logged since the last time."""
        text = self.script.log[self.read :]
        self.read += len(text)
        found: list[str] = []
        for line in text.splitlines():
            script_line = _SCRIPT_LINE.match(line)
            if script_line:
                found += [script_line[1]] if script_line[1] else []
            elif _SERVER_LINE.match(line):
                self.server_log.append(line)
        return found


def _describe(message: Message, shown: list[str]) -> Iterator[str]:
    if message.is_request:
        yield f"relayed {message.method} {message.uri} to {message.where}"
    else:
        yield f"replied {message.status}" + (f" to {message.to}" if "To" in shown else "")
    for name in shown:
        if name != "To":
            text = re.sub(r"branch=[^;]*", "branch=...", message.header(name) or "-")
            yield f"{name}: " + re.sub(r"pid=\d+", "pid=N", text)


def play(case: Case, script: ScriptTest) -> None:
    """Assert what a configuration does."""
    player = Play(script)
    player.logged()
    wanted, found = [], []
    for line in case.lines:
        if line.startswith("log: "):
            continue
        wanted.append(line)
        if line.startswith("> "):
            found += [line, *player.step(line[2:])]
    assert found == wanted, player.server_log
    _check_log(case, player)


def _check_log(case: Case, player: Play) -> None:
    for line in case.lines:
        if line.startswith("log: "):
            assert any(line[5:] in text for text in player.server_log), player.server_log


def refuse(case: Case, load: Callable[[str], ScriptTest]) -> None:
    """Assert that a configuration does not start."""
    with pytest.raises(LoadError) as caught:
        load(configuration(case))
    place, _, wanted = case.lines[0].removeprefix("refused: ").partition(":")
    assert f":{int(place) + len(MODULES)}:{wanted}" in str(caught.value)


def configuration(case: Case) -> str:
    """The text of a case with the modules it may use."""
    return "".join(f'loadmodule "{name}.so"\n' for name in MODULES) + case.text + "\n"


def bodies_configuration(cases: list[Case]) -> str:
    """One configuration for many bodies: the header X-Case says which one runs."""
    parts = [f'loadmodule "{name}.so"' for name in MODULES]
    parts.append(ROUTES)
    for i, case in enumerate(cases):
        extra, _, main = case.text.rpartition("\n---\n")
        parts.append(f"{extra}\nroute[T{i}] {{ {PREAMBLE} {main}\n }}")
    parts.append("request_route { route($hdr(X-Case)); }")
    return "\n".join(parts)


def play_body(case: Case, number: int, player: Play) -> None:
    """Assert what a body logs."""
    player.server_log.clear()
    found = player.step(f"INVITE {BODY_URI} X-Case: T{number}")
    assert found == [line for line in case.lines if not line.startswith("log: ")], player.server_log
    _check_log(case, player)
