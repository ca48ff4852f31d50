"""What a module declares about itself: the devel guide's `module_exports` (chapter 16) as dataclasses.

A module folder's `__init__.py` holds a docstring and `exports = ModuleExports(...)`, nothing else. Field names are the
guide's. Functions take `(msg, *values)` and return an int: > 0 true, < 0 false, 0 stops the script.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import UnionType
from typing import Any

from ..cfg.argtypes import ArgType, RouteType

Command = Callable[..., Any]


class Rank(enum.IntEnum):
    """What a process is, as `child_init(rank)` sees it. Workers have ranks from 1."""

    MAIN = 0
    TIMER = -1
    RPC = -2
    TCP_MAIN = -4
    UNIXSOCK = -5
    ATTENDANT = -10
    INIT = -127
    SIPINIT = 1


@dataclass(frozen=True, slots=True)
class CmdExport:
    """A script function. Several entries may share a name with different numbers of parameters.

    `min_params` lets trailing parameters be left out (the function has defaults). `specialise`, when all arguments are
    constants, is called once at load with their values and returns the function of `msg` alone to run at each call:
    the place to precompute (a method mask, a parsed URI). `route_kind` names the block kind ("failure_route", ...)
    that an ArgType.ROUTE argument refers to.
    `declare` is called once at load for each call in the script, with None for arguments that are not constant: the
    place to make what must exist before the fork (a table). Both raise ValueError with a sentence for the user.
    `continues` gives the function one more argument, which no script writes: the name of the `route` block that is made
    of the statements after the call in its list; b"" where none follow, or the call is no statement of its own.
    `keeps_variables` promises that a call writes no `$var` but one that is passed to be written, and runs no other part
    of the script (a route, an event): the compiler knows behind it what it knew before (cfg.compile.known).
    """

    name: str
    function: Command
    params: Sequence[ArgType] = ()
    min_params: int | None = None
    routes: RouteType = RouteType.ANY
    specialise: Callable[..., Callable[[Any], int] | None] | None = None
    declare: Callable[..., None] | None = None
    route_kind: str | None = None
    keeps_variables: bool = False
    aliases: Sequence[str] = ()
    continues: bool = False


def keeping(*commands: CmdExport) -> tuple[CmdExport, ...]:
    """Commands that all keep variables."""
    return tuple(replace(command, keeps_variables=True) for command in commands)


@dataclass(frozen=True, slots=True)
class ParamExport:
    """A `modparam`. Without `setter` the value is stored as attribute `attr` (default: the name) of `store`.

    `kind` is `int` or `bytes`; a value of the other type is refused, as Kamailio does, unless `kind` is `int | bytes`
    (a user by number or name). A number is within `limits`. A
    `setter(value)` is called for every modparam line and raises ValueError with a sentence for the user.
    `settable` describes a parameter that may change at run time (core/runtime.py): the value is stored, or its setter
    called, in every process. The functions that use it must then read it from `store` each time.
    """

    name: str
    kind: type | UnionType
    store: Any = None
    attr: str | None = None
    setter: Callable[[Any], None] | None = None
    settable: str = ""
    limits: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ProcExport:
    """Processes a module wants: `function(index)` runs in each of `count()` of them and does not return."""

    name: str
    function: Callable[[int], None]
    count: Callable[[], int] = lambda: 1
    rank: int = Rank.RPC


@dataclass(frozen=True, slots=True)
class StatExport:
    """A statistic `group:name`; `function` makes it computed on read instead of counted."""

    name: str
    group: str | None = None  # default: the module's name
    function: Callable[[], int] | None = None
    no_reset: bool = False


@dataclass(frozen=True, slots=True)
class RpcExport:
    """A management command: `function(*params)` gets str/int/float, returns what JSON can carry, raises RpcError.

    `mi_names` are the names of the same command in the OpenSER management interface.
    """

    name: str
    function: Callable[..., Any]
    doc: str
    mi_names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ModuleExports:
    """All a module gives to the server. Callbacks run in the order of life: init, child_init, destroy."""

    name: str
    cmds: Sequence[CmdExport] = ()
    kemi: Sequence[CmdExport] = ()  # functions of KEMI scripts beside `cmds`; these may return bytes or None too
    params: Sequence[ParamExport] = ()
    stats: Sequence[StatExport] = ()
    rpcs: Sequence[RpcExport] = ()
    items: Sequence[Any] = ()  # pseudo-variables: core.pv.PvExport
    transformations: Sequence[Any] = ()  # core.pv.TransformationExport
    selects: Mapping[str, Any] = field(default_factory=dict)  # root of selects -> core.pv.variables.select.Root
    procs: Sequence[ProcExport] = ()
    requires: Sequence[str] = ()  # modules that must be loaded before
    check: Callable[[], Sequence[str]] | None = None  # `kahea -c`, not initialised: warnings; raises ConfigError
    init: Callable[[], None] | None = None  # before fork; raises ModuleError to stop the start
    child_init: Callable[[int], None] | None = None  # in each process, with its rank
    destroy: Callable[[], None] | None = None  # in main, at the end
    settled: Callable[[], None] | None = None  # in each process, after `settable` parameters changed in it
    response: Callable[[Any], int] | None = None  # each reply: > 0 go on forwarding, 0 consumed
    api: Any = None  # what bind_api(name) returns to other modules
    event_routes: Sequence[str] = field(default=())  # event_route names this module runs
    event_callbacks: Mapping[str, str] = field(default_factory=dict)  # event -> parameter that names a KEMI method
