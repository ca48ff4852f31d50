"""The list of all KEMI functions that scripts have here: app_python.api_list, the docs and the tests read it."""

from collections.abc import Iterator
from typing import NamedTuple

from .. import loader
from ..script_env import ServerEnvironment
from ..sr_module import CmdExport
from .functions import least, listed, parameter_words
from .ksr import CODES, TRUE_OR_FALSE, Ksr
from .namespace import functions_of


class Entry(NamedTuple):
    """`KSR.<module>.<name>(<params>)`; module "" for `KSR.<name>`. Types: str int bool xval none, optional in []."""

    module: str
    name: str
    params: str
    ret: str


def entries() -> Iterator[Entry]:
    """All of them, for the modules that are loaded."""
    ksr = Ksr(ServerEnvironment())
    for name, params, ret in functions_of(ksr):
        yield Entry("", name, params, ret)
    yield from core_entries(ksr._env.core)
    for part in ("pv", "hdr", "x", "kx", "pvx"):
        yield from (Entry(part, *row) for row in functions_of(getattr(ksr, part)))
    for loaded in loader.loaded_modules():
        module = "pvx" if loaded.name == "pv" else loaded.name  # KSR.pv is the core's
        yield from (Entry(module, *row) for row in listed(loaded.name))


def core_entries(core: dict[str, list[CmdExport]]) -> Iterator[Entry]:
    """Functions of the core's script language."""
    for names, ret in ((TRUE_OR_FALSE, "bool"), (CODES, "int")):
        for name, script_name in names.items():
            for command in core.get(script_name, ()):
                yield Entry("", name, parameter_words(command.params, least(command)), ret)
