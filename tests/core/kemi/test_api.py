"""What the KSR object has, against the list of functions that a running Kamailio gives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.core import loader
from kahea.core.kemi.api import Entry, entries
from kahea.core.kemi.functions import Functions
from kahea.core.kemi.ksr import Ksr
from kahea.core.script_env import ServerEnvironment
from kahea.tests.support import shared

HERE = Path(__file__).parent


def rows(name: str) -> list[list[str]]:
    """Rows of a table."""
    lines = (HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


KAMAILIO = [Entry(*row) for row in rows("kamailio.tsv")]
ABSENT = {(module, name) for module, name, _ in rows("absent.tsv")}


@pytest.fixture(scope="module", autouse=True)
def every_module() -> Iterator[None]:
    """All modules there are."""
    shared.attach()
    loader.unload_all()
    for name in loader.available():
        loader.load_module(name)
    yield
    loader.unload_all()


@pytest.fixture(scope="module")
def ours() -> dict[tuple[str, str], list[Entry]]:
    """Our functions by module and name."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries():
        found.setdefault((entry.module, entry.name), []).append(entry)
    return found


def counts(params: str) -> range:
    """How many arguments a list of types allows."""
    words = [] if params == "none" else params.split(", ")
    return range(sum(not word.startswith("[") for word in words), len(words) + 1)


@pytest.mark.parametrize("row", KAMAILIO, ids=lambda row: f"{row.module or 'KSR'}.{row.name}")
def test_function_of_kamailio(row: Entry, ours: dict[tuple[str, str], list[Entry]]) -> None:
    found = ours.get((row.module, row.name), [])
    wanted = counts(row.params)[-1]
    there = any(wanted in counts(entry.params) for entry in found)
    assert there == ((row.module, row.name) not in ABSENT), f"{wanted} argument(s), here {found}; see absent.tsv"


@pytest.mark.parametrize("row", KAMAILIO, ids=lambda row: f"{row.module or 'KSR'}.{row.name}")
def test_can_be_called_by_its_name(row: Entry) -> None:
    if (row.module, row.name) in ABSENT:
        return
    ksr = Ksr(ServerEnvironment())
    holder = getattr(ksr, row.module) if row.module else ksr
    function = getattr(holder, row.name)
    assert callable(function) and not isinstance(function, Functions)


def test_results_of_the_core_have_kamailios_types(ours: dict[tuple[str, str], list[Entry]]) -> None:
    own = [row for row in KAMAILIO if row.module in ("", "pv", "hdr")]
    differ = [(row.name, row.ret, ours[row.module, row.name][0].ret) for row in own]
    assert [each for each in differ if each[1] != each[2]] == []
