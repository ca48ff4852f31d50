"""Values of variables and transformations that no recording can hold: a row of values.tsv each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kahea.core.scripttest import ScriptTest
from kahea.tests.core.pv.messages import INVITE
from kahea.tests.core.pv.routes.script import MODULES


@dataclass(frozen=True)
class Row:
    """A text and what it is: literally, or a pattern between slashes."""

    text: str
    wanted: str

    def fits(self, value: str) -> bool:
        """Is it what was wanted?"""
        pattern = self.wanted
        if pattern.startswith("/") and pattern.endswith("/"):
            return re.fullmatch(pattern[1:-1], value) is not None
        return value == pattern


def read(path: Path) -> list[Row]:
    """The rows of a file."""
    lines = path.read_text().splitlines()
    return [Row(*line.split("\t")) for line in lines if line and not line.startswith("#")]


ROWS = read(Path(__file__).parent / "values.tsv")


def configuration() -> str:
    """Each text is logged by a route of its own."""
    parts = ["auto_aliases=no", 'listen=udp:127.0.0.1:5060 advertise 192.0.2.7:5064 name "main"']
    parts += [
        f'loadmodule "{module}.so"'
        for module in (*MODULES, "textopsx", "jsonrpcs", "async", "db_sqlite", "sqlops", "tcpops")
    ]
    parts.append(
        'modparam("sqlops", "sqlcon", "none=>sqlite:////no/such/folder/x")\nmodparam("sqlops", "connect_mode", 1)'
    )
    for i, row in enumerate(ROWS):
        text = row.text.replace("\\", "\\\\").replace('"', '\\"')
        parts.append(f'route[V{i}] {{ xlog("@{i}@{text}@\\n"); }}')
    parts.append("request_route { " + " ".join(f"route(V{i});" for i in range(len(ROWS))) + " exit; }")
    return "\n".join(parts)


@pytest.fixture(scope="module")
def values() -> Iterator[dict[int, str]]:
    """What was logged, by row."""
    with ScriptTest(configuration()) as script:
        script.push(INVITE)
        yield {int(n): text for n, text in re.findall(r"@(\d+)@(.*)@\n", script.log)}


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row.text for row in ROWS])
def test_value(number: int, values: dict[int, str]) -> None:
    row = ROWS[number]
    assert row.fits(values[number]), f"{row.text} is {values[number]!r}, not {row.wanted!r}"
