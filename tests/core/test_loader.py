"""Modules are found, configured with Kamailio's rules, bound and walked through their life."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.core import loader
from kahea.core.errors import ModuleError

MODULE = """
from kahea.core.sr_module import CmdExport, ModuleExports, ParamExport
from kahea.cfg.argtypes import Str

class Settings:
    depth = 1
    name = b""

life = []

def set_even(value):
    if value % 2:
        raise ValueError("must be even")
    Settings.depth = value

exports = ModuleExports(
    name="{name}",
    cmds=[CmdExport("{name}_one", lambda msg, a: 1, (Str,)), CmdExport("{name}_one", lambda msg, a, b: 2, (Str, Str)),
          CmdExport("shared", lambda msg: "{name}")],
    params=[ParamExport("depth", int, Settings), ParamExport("label", bytes, Settings, "name"),
            ParamExport("even", int, setter=set_even)],
    requires={requires},
    init=lambda: life.append("init"),
    child_init=lambda rank: life.append(rank),
    destroy=lambda: life.append("destroy"),
    api=Settings,
)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for name, requires in (("unit_a", "()"), ("unit_b", "('unit_a',)")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(MODULE.format(name=name, requires=requires))
    (tmp_path / "unit_plain.py").write_text("answer = 42\n")
    loader.unload_all()
    loader.set_search_path(str(tmp_path))
    yield tmp_path
    loader.unload_all()
    loader.set_search_path("")
    import sys

    for name in ("unit_a", "unit_b", "unit_plain"):
        sys.modules.pop(f"kahea.modules.{name}", None)


@pytest.mark.parametrize("text", ["unit_a", "unit_a.so", "some/where/unit_a.so"])
def test_module_is_found_by_any_of_kamailios_spellings(folder: Path, text: str) -> None:
    assert loader.load_module(text).name == "unit_a"


def test_absolute_path_needs_no_search_path(folder: Path) -> None:
    loader.set_search_path("")
    assert loader.load_module(f"{folder}/unit_a.so").name == "unit_a"


def test_loading_twice_is_refused(folder: Path) -> None:
    loader.load_module("unit_a.so")
    with pytest.raises(ModuleError, match="twice"):
        loader.load_module("unit_a")


def test_unknown_module_suggests_a_name(folder: Path) -> None:
    with pytest.raises(ModuleError, match='did you mean "unit_a"'):
        loader.load_module("unit_aa.so")


def test_python_file_without_exports_is_no_module(folder: Path) -> None:
    with pytest.raises(ModuleError, match="exports"):
        loader.load_module("unit_plain")


def test_modparam_matches_names_as_an_anchored_regex_without_case(folder: Path) -> None:
    first, second = loader.load_module("unit_a"), loader.load_module("unit_b")
    loader.set_modparam("UNIT_.", "depth", 5)
    assert first.exports.api.depth == second.exports.api.depth == 5
    with pytest.raises(ModuleError, match="no loaded module"):
        loader.set_modparam("unit", "depth", 5)
    loader.set_modparam("unit_a|nosuch", "label", b"x")
    assert first.exports.api.name == b"x"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("depth", b"5", "must be an integer"),
        ("label", 5, "must be a string"),
        ("lable", b"x", 'did you mean "label"'),
        ("even", 3, "must be even"),
    ],
)
def test_wrong_modparam_is_a_sentence(folder: Path, name: str, value: int | bytes, sentence: str) -> None:
    loader.load_module("unit_a")
    with pytest.raises(ModuleError, match=sentence):
        loader.set_modparam("unit_a", name, value)


def test_functions_are_found_by_number_of_arguments_and_the_last_module_wins(folder: Path) -> None:
    loader.load_module("unit_a")
    loader.load_module("unit_b")
    two, shared = loader.find_export("unit_a_one", 2), loader.find_export("shared", 0)
    assert two is not None and len(two.params) == 2
    assert loader.find_export("unit_a_one", 3) is None
    assert loader.arities("unit_a_one") == [(2, 2), (1, 1)]
    assert shared is not None and shared.function(None) == "unit_b"


def test_missing_requirement_names_the_loadmodule_line(folder: Path) -> None:
    loader.load_module("unit_b")
    with pytest.raises(ModuleError, match=r'loadmodule "unit_a\.so"'):
        loader.init_modules()


def test_binding_a_module_that_is_not_loaded_names_the_loadmodule_line(folder: Path) -> None:
    with pytest.raises(ModuleError, match=r'loadmodule "unit_a\.so"'):
        loader.bind_api("unit_a")


def test_life_runs_in_order(folder: Path) -> None:
    import sys

    loader.load_module("unit_a")
    loader.init_modules()
    loader.child_init(1)
    loader.destroy_modules()
    assert sys.modules["kahea.modules.unit_a"].life == ["init", 1, "destroy"]
