"""The README of a module and its exports name the same things, so neither can lie."""

import importlib
import re
from pathlib import Path

import pytest

import kahea.modules
from kahea.core.sr_module import ModuleExports

FOLDER = Path(kahea.modules.__file__).parent
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))
CHAPTERS = ["Overview", "Dependencies", "Parameters", "Functions", "Variables", "Statistics", "RPC", "Example"]


def exports_of(name: str) -> ModuleExports:
    exports = importlib.import_module(f"kahea.modules.{name}").exports
    assert isinstance(exports, ModuleExports)
    return exports


def chapters_of(name: str) -> dict[str, str]:
    text = (FOLDER / name / "README.md").read_text()
    parts = re.split(r"^## (.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def names_in(text: str) -> set[str]:
    """First words of what stands in backticks: `save(domain)` names save."""
    return {found for code in re.findall(r"`([^`\n]+)`", text) for found in re.findall(r"^\$?[\w.]+", code)}


@pytest.mark.parametrize("name", NAMES)
def test_chapters_are_there_in_order(name: str) -> None:
    found = [chapter for chapter in chapters_of(name) if chapter in CHAPTERS]
    assert found == CHAPTERS


@pytest.mark.parametrize("name", NAMES)
def test_everything_exported_is_described(name: str) -> None:
    exports, chapters = exports_of(name), chapters_of(name)
    assert exports.name == name
    assert {param.name for param in exports.params} <= names_in(chapters["Parameters"])
    assert {command.name for command in exports.cmds} <= names_in(chapters["Functions"])
    assert {rpc.name for rpc in exports.rpcs} <= names_in(chapters["RPC"])
    assert {stat.name for stat in exports.stats} <= names_in(chapters["Statistics"])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_described_that_is_not_exported(name: str) -> None:
    exports, chapters = exports_of(name), chapters_of(name)
    functions = {alias for command in exports.cmds for alias in (command.name, *command.aliases)}
    described = {code.partition("(")[0] for code in re.findall(r"^[-#|]+ *`(\w+\(?)", chapters["Functions"], re.M)}
    assert described <= functions
    rpcs = {rpc.name for rpc in exports.rpcs}
    assert set(re.findall(r"^[-#|]+ *`([\w.]+)", chapters["RPC"], re.M)) <= rpcs
