"""Script functions of modules as methods: `KSR.sl.sl_send_reply(404, "Not Found")`.

A function's KEMI name is its script name, or that name with words for the arguments it takes (`save_uri`,
`record_route_params`), or one of RENAMED. Arguments are numbers and strings as they stand: variables in them are not
replaced (but in the texts of xlog), as in Kamailio.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...cfg import values
from ...cfg.argtypes import ArgType
from ...cfg.errors import did_you_mean
from ...cfg.regex import compile_regex, parse_subst
from .. import loader
from .current import message, to_bytes

if TYPE_CHECKING:
    from ..script_env import ServerEnvironment
    from ..sr_module import CmdExport

#: KEMI name -> script name, where one is not the beginning of the other
RENAMED = {
    "maxfwd.process_maxfwd": "mf_process_maxfwd_header",
    "maxfwd.is_maxfwd_lt": "is_maxfwd_lt",
    "siputils.is_first_hop": "is_first_hop",
    "tm.t_replicate": "t_replicate",
    "auth.auth_challenge": "auth_challenge",
    "corex.append_branch_uri": "append_branch",
    "corex.append_branch_uri_q": "append_branch",
}

#: functions that exist in KEMI only
KEMI_ONLY: dict[str, Callable[[Any], int]] = {
    "corex.has_user_agent": lambda msg: 1 if msg.header(b"User-Agent") is not None else -1,
    "corex.has_ruri_user": lambda msg: 1 if variable("$rU").get(msg) else -1,
}

Function = Callable[..., int]
TEXTS = 512  # texts of xlog() kept parsed: a script may build them at run time


class Functions:
    """`KSR.<module>`: its functions as attributes, made on first use and kept."""

    def __init__(self, module: str, env: "ServerEnvironment") -> None:
        self._module = module
        self._env = env
        self._special: dict[tuple[Any, ...], Callable[[Any], int]] = {}  # (name, *arguments) -> made for them

    def __getattr__(self, name: str) -> Function:
        if name.startswith("__"):
            raise AttributeError(name)
        function = self._make(name)
        self.__dict__[name] = function
        return function

    def _make(self, name: str) -> Function:
        if not loader.module_loaded(self._module) and not self._env.command_counts(name):
            raise AttributeError(f'KSR.{self._module}: add loadmodule "{self._module}.so" to the configuration')
        only = KEMI_ONLY.get(f"{self._module}.{name}")
        if only is not None:
            return lambda: only(message())
        found: dict[int, Callable[[Any, tuple[Any, ...]], int]] = {}

        special = self._special

        def call(*args: Any) -> int:
            ready = special.get((name, *args))
            if ready is not None:
                return ready(message())
            made = found.get(len(args))
            if made is None:
                made = found[len(args)] = converter(self._command(name, len(args)))
            return made(message(), args)

        call.__name__ = call.__qualname__ = name
        return call

    def prepare(self, name: str, args: tuple[Any, ...]) -> None:
        """Main process, modules initialised: a call with these constants is in the script. What can be done once for
        them is done now (a location table is declared, a method mask made). AttributeError, ValueError."""
        if f"{self._module}.{name}" in KEMI_ONLY:
            return
        command = self._command(name, len(args))
        if command.specialise is not None and not any(isinstance(arg, bool) for arg in args):
            values_ = [_CONVERT[kind](arg) for kind, arg in zip(command.params, args, strict=False)]
            ready = command.specialise(*values_)
            if ready is not None:
                self._special[(name, *args)] = ready

    def _command(self, name: str, count: int) -> "CmdExport":
        script_name = RENAMED.get(f"{self._module}.{name}", name)
        while script_name:
            command = self._env.find_command(script_name, count)
            if command is not None:
                return command
            script_name = script_name.rpartition("_")[0]
        hint = did_you_mean(name, self._env.command_names())
        raise AttributeError(f"KSR.{self._module}.{name}: no such function with {count} argument(s)  {hint}".rstrip())


def converter(command: "CmdExport") -> Callable[[Any, tuple[Any, ...]], int]:
    """`function(msg, args)` that converts Python values to what the command takes."""
    converters = [_CONVERT[kind] for kind in command.params]
    function = command.function

    def call(msg: Any, args: tuple[Any, ...]) -> int:
        return function(msg, *[convert(arg) for convert, arg in zip(converters, args, strict=False)])

    return call


def number(value: Any) -> int:
    """An int argument."""
    return value if isinstance(value, int) else values.num(to_bytes(value))


@functools.lru_cache(TEXTS)
def parsed(text: bytes) -> Any:
    """A text with variables, kept."""
    from ..pv import parse_format

    return parse_format(text)


def text_with_variables(value: Any) -> Any:
    """What xlog takes: here variables are read, as in Kamailio."""
    return parsed(to_bytes(value))


def variable(name: Any) -> Any:
    """A variable's accessor by name; kept by the caller's cache."""
    from ..pv import parse_spec

    return parse_spec(to_bytes(name))


_CONVERT: dict[ArgType, Callable[[Any], Any]] = {
    ArgType.STR: to_bytes,
    ArgType.RAW: to_bytes,
    ArgType.FORMAT: text_with_variables,
    ArgType.ROUTE: to_bytes,
    ArgType.INT: number,
    ArgType.FLAG: number,
    ArgType.REGEX: lambda value: compile_regex(to_bytes(value)),
    ArgType.SUBST: lambda value: parse_subst(to_bytes(value)),
    ArgType.PV_READ: variable,
    ArgType.PV_WRITE: variable,
}
