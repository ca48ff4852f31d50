"""Functions that promise to keep variables."""

import importlib
from pathlib import Path

from kahea import modules
from kahea.cfg.argtypes import ArgType
from kahea.cfg.compile.compiler import compile_config
from kahea.cfg.syntax.parser import parse_text
from kahea.core.functions import CORE_FUNCTIONS
from kahea.core.script_env import ServerEnvironment
from kahea.core.sr_module import CmdExport


def promising() -> list[CmdExport]:
    """Those of the core and of all modules."""
    names = [path.parent.name for path in Path(modules.__path__[0]).glob("*/__init__.py")]
    commands = [*CORE_FUNCTIONS]
    for name in names:
        commands += importlib.import_module(f"kahea.modules.{name}").exports.cmds
    return [command for command in commands if command.keeps_variables]


def test_none_of_them_runs_a_route() -> None:
    found = promising()
    assert len(found) > 50
    for command in found:
        assert command.route_kind is None and ArgType.ROUTE not in command.params, command.name


def test_what_is_known_before_a_flag_is_set_is_known_behind_it() -> None:
    text = "request_route { $var(k) = 1; %s; $var(m) = $var(k) + 1; }"
    for call, known in (
        ("setflag(1)", True),
        ('log("x")', True),
        ("forward()", False),
        ('append_branch("sip:a@b")', False),
    ):
        source = compile_config(parse_text((text % call).encode()), ServerEnvironment()).source
        assert ("var_m.value = (var_k.value + 1)" in source) == known, call
