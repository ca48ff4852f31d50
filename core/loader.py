"""Loads modules, sets their parameters, and walks them through their life.

`loadmodule "tm.so"` finds `tm` in the folders of `mpath` (a folder `tm/` or a file `tm.py`), then among the modules
that come with Kahea, then among Python entry points of the group `kahea.modules`. Nothing else in `core` knows a
module: they are found by name here, and reach one another through `bind_api`.

All of this happens in the main process before fork, but `child_init` (each process) and `destroy` (main, at the end).
"""

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from . import runtime
from .errors import ModuleError
from .log import logger
from .rpc.registry import register_rpc, unregister_rpc
from .sr_module import CmdExport, ModuleExports, ParamExport, ProcExport
from .statistics import register_stat

log = logger(__name__)
ROOT = __name__.rsplit(".", 2)[0]  # the package: `kahea`
ENTRY_POINTS = "kahea.modules"


@dataclass(slots=True)
class LoadedModule:
    """A module in the list of the running server."""

    name: str
    exports: ModuleExports
    path: str


_modules: dict[str, LoadedModule] = {}  # in the order of loadmodule
_commands: dict[str, list[CmdExport]] = {}  # the module that was loaded last comes first, as in Kamailio
_search_path: list[str] = []


def set_search_path(path: str) -> None:
    """`mpath`/`loadpath`/`-L`: folders separated by colons; replaces the former list."""
    _search_path[:] = [folder for folder in path.split(":") if folder]


def module_name(text: str) -> str:
    """The name in what `loadmodule` was given: `tm`, `tm.so`, `dir/tm.so`, `/abs/tm/tm.so`."""
    name = os.path.basename(text.rstrip("/"))
    for ending in (".so", ".py"):
        name = name.removesuffix(ending)
    return name


def load_module(text: str) -> LoadedModule:
    """Load a module and make its functions, variables and commands known; ModuleError with a sentence if it fails."""
    name = module_name(text)
    if name in _modules:
        raise ModuleError(f'module "{name}" is loaded twice')
    python = import_module(name, text)
    exports = getattr(python, "exports", None)
    if not isinstance(exports, ModuleExports):
        raise ModuleError(f'"{name}" is not a Kahea module: it has no `exports = ModuleExports(...)`')
    module = LoadedModule(name, exports, getattr(python, "__file__", None) or "")
    _modules[name] = module
    for command in exports.cmds:
        for alias in (command.name, *command.aliases):
            _commands.setdefault(alias, []).insert(0, command)
    register_variables(exports)
    for rpc in exports.rpcs:
        try:
            register_rpc(rpc.name, rpc.function, rpc.doc, rpc.mi_names)
        except ValueError as error:
            raise ModuleError(f'module "{name}": {error}') from error
    log.debug("loaded module %s from %s", name, module.path)
    return module


def import_module(name: str, text: str) -> ModuleType:
    """Import the Python side of a module from wherever it is found first."""
    if not name.isidentifier():
        raise ModuleError(f'"{text}" is not the name of a module')
    try:
        for folder in ([os.path.dirname(text)] if os.path.isabs(text) else []) + _search_path:
            found = import_from_folder(name, folder)
            if found is not None:
                return found
        full = f"{ROOT}.modules.{name}"
        if importlib.util.find_spec(full) is not None:
            return importlib.import_module(full)
        found = import_entry_point(name)
        if found is not None:
            return found
    except ImportError as error:
        raise ModuleError(f'module "{name}" cannot be imported: {error}') from error
    raise ModuleError(f'module "{name}" was not found{did_you_mean(name)}')


def import_entry_point(name: str) -> ModuleType | None:
    """A module that another installed package offers in the group `kahea.modules`."""
    import importlib.metadata  # here, because it brings much that a worker never needs

    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS, name=name):
        module: ModuleType = entry.load()
        return module
    return None


def import_from_folder(name: str, folder: str) -> ModuleType | None:
    """Import `folder/name/__init__.py`, `folder/__init__.py` when the folder is called so, or `folder/name.py`."""
    candidates = [os.path.join(folder, name, "__init__.py"), os.path.join(folder, name + ".py")]
    if os.path.basename(folder.rstrip("/")) == name:
        candidates.insert(0, os.path.join(folder, "__init__.py"))
    for path in candidates:
        if os.path.isfile(path):
            break
    else:
        return None
    full = f"{ROOT}.modules.{name}"
    if full in sys.modules:
        return sys.modules[full]
    inside = [os.path.dirname(path)] if path.endswith("__init__.py") else None
    spec = importlib.util.spec_from_file_location(full, path, submodule_search_locations=inside)
    if spec is None or spec.loader is None:
        return None
    python = importlib.util.module_from_spec(spec)
    sys.modules[full] = python
    try:
        spec.loader.exec_module(python)
    except BaseException:
        del sys.modules[full]
        raise
    return python


def did_you_mean(name: str) -> str:
    """` (did you mean "x"?)` for a name close to one that exists."""
    import difflib

    close = difflib.get_close_matches(name, available(), 1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def available() -> list[str]:
    """Names of the modules that come with Kahea and of those in the search path."""
    import pkgutil

    folders = [*importlib.import_module(f"{ROOT}.modules").__path__, *_search_path]
    return sorted({entry.name for entry in pkgutil.iter_modules(folders)})


def register_variables(exports: ModuleExports) -> None:
    """Make the module's pseudo-variables and transformations known to the script."""
    if exports.items:
        from .pv import register_pv

        for item in exports.items:
            register_pv(item)
    if exports.selects:
        from .pv.variables.select import MODULE_ROOTS

        MODULE_ROOTS.update(exports.selects)
    if exports.transformations:
        from .pv import register_transformation

        for transformation in exports.transformations:
            register_transformation(transformation)


# parameters


def set_modparam(modules: str, name: str, value: int | bytes) -> None:
    """One `modparam(modules, name, value)`; `modules` is a regular expression over the names of loaded modules."""
    try:
        pattern = re.compile(f"^({modules})$", re.IGNORECASE)
    except re.error as error:
        raise ModuleError(f'modparam: "{modules}" is not a regular expression: {error}') from error
    matched = [module for module in _modules.values() if pattern.match(module.name)]
    if not matched:
        hint = f'; put loadmodule "{modules}.so" before it' if modules.isidentifier() else ""
        raise ModuleError(f'modparam: no loaded module matches "{modules}"{hint}')
    for module in matched:
        set_param(module, find_param(module, name), value)


def find_param(module: LoadedModule, name: str) -> ParamExport:
    """The parameter of that name, or a ModuleError that suggests one."""
    import difflib

    for param in module.exports.params:
        if param.name == name:
            return param
    close = difflib.get_close_matches(name, [param.name for param in module.exports.params], 1)
    hint = f' (did you mean "{close[0]}"?)' if close else ""
    raise ModuleError(f'modparam: module "{module.name}" has no parameter "{name}"{hint}')


def set_param(module: LoadedModule, param: ParamExport, value: int | bytes) -> None:
    """Check the type and store or hand over the value; a string is never taken for a number, as in Kamailio."""
    if not isinstance(value, param.kind):
        wanted = "an integer" if param.kind is int else "a string"
        raise ModuleError(f'modparam: parameter "{param.name}" of module "{module.name}" must be {wanted}')
    if param.limits is not None and isinstance(value, int) and not param.limits[0] <= value <= param.limits[1]:
        within = f"{param.limits[0]} to {param.limits[1]}"
        raise ModuleError(f'modparam: "{param.name}" of module "{module.name}" must be {within}, not {value}')
    if param.setter is None:
        setattr(param.store, param.attr or param.name, value)
        return
    try:
        param.setter(value)
    except ValueError as error:
        raise ModuleError(f'modparam: "{param.name}" of module "{module.name}": {error}') from error


# what modules give to the script, to the core and to one another


def find_export(name: str, nparams: int) -> CmdExport | None:
    """The script function `name` that takes `nparams` arguments."""
    for command in _commands.get(name, ()):
        least = len(command.params) if command.min_params is None else command.min_params
        if least <= nparams <= len(command.params):
            return command
    return None


def command_names() -> list[str]:
    """Names of all script functions of the loaded modules: for suggestions."""
    return sorted(_commands)


def arities(name: str) -> list[tuple[int, int]]:
    """(fewest, most) arguments of each function of that name: for the message about a wrong number."""
    found = _commands.get(name, ())
    return [(len(c.params) if c.min_params is None else c.min_params, len(c.params)) for c in found]


def module_loaded(name: str) -> bool:
    """Whether `loadmodule` named it (`#!ifmodule`, optional bindings)."""
    return name in _modules


def loaded_modules() -> list[LoadedModule]:
    """All modules in the order of loadmodule."""
    return list(_modules.values())


def bind_api(name: str) -> Any:
    """The API object of a loaded module; ModuleError that names the missing `loadmodule` otherwise."""
    module = _modules.get(name)
    if module is None:
        raise ModuleError(f'module "{name}" is needed: add loadmodule "{name}.so" to the configuration')
    if module.exports.api is None:
        raise ModuleError(f'module "{name}" has no API for other modules')
    return module.exports.api


def response_hooks() -> list[Callable[[Any], int]]:
    """The `response` callbacks, in the order of loadmodule: each sees every reply; 0 means consumed."""
    return [module.exports.response for module in _modules.values() if module.exports.response]


def module_procs() -> Iterator[tuple[LoadedModule, ProcExport]]:
    """The extra processes that modules want; asked for after `init_modules`."""
    for module in _modules.values():
        for proc in module.exports.procs:
            yield module, proc


# life


def init_modules() -> None:
    """Main process, shared memory ready, before fork: check needs, register statistics, run every `init` in order."""
    for module in _modules.values():
        for needed in module.exports.requires:
            if needed not in _modules:
                raise ModuleError(f'module "{module.name}" needs another one: add loadmodule "{needed}.so" before it')
        for stat in module.exports.stats:
            register_stat(stat.group or module.name, stat.name, stat.function, stat.no_reset)
    for module in _modules.values():
        if module.exports.init is not None:
            try:
                module.exports.init()
            except ModuleError as error:
                raise ModuleError(f'module "{module.name}": {error}') from error
        declare_settable(module)


def declare_settable(module: LoadedModule) -> None:
    """Its parameters that may change at run time, with the values that they have now."""
    for param in module.exports.params:
        if param.settable:
            name = param.attr or param.name
            take = param.setter or partial(setattr, param.store, name)
            value = getattr(param.store, name)
            runtime.declare(module.name, param.name, value, param.settable, take, param.limits)
    if module.exports.settled is not None:
        runtime.on_group_change(module.name, module.exports.settled)


def child_init(rank: int) -> None:
    """In every new process (and in main with Rank.INIT before any fork): each module's `child_init(rank)`."""
    for module in _modules.values():
        if module.exports.child_init is not None:
            module.exports.child_init(rank)


def destroy_modules() -> None:
    """Main process, children gone: each module's `destroy`, the last loaded first; errors are logged only."""
    for module in reversed(_modules.values()):
        if module.exports.destroy is not None:
            try:
                module.exports.destroy()
            except Exception:
                log.exception("module %s failed while it was destroyed", module.name)


def unload_all() -> None:
    """Forget all modules (tests that load several configurations in one process)."""
    for module in _modules.values():
        for rpc in module.exports.rpcs:
            unregister_rpc(rpc.name)
        for root in module.exports.selects:
            from .pv.variables.select import MODULE_ROOTS

            MODULE_ROOTS.pop(root, None)
    _modules.clear()
    _commands.clear()
