"""Script functions of modules as methods: `KSR.sl.sl_send_reply(404, "Not Found")`.

A module's functions are there under their script names, and what it lists as `kemi` in its exports: functions that
only KEMI scripts have, and names for one that is called with other arguments. Arguments are numbers and strings as they
stand: variables in them are not replaced (but in the texts of xlog), as in Kamailio.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...cfg.argtypes import ArgType
from ...cfg.compile import values
from ...cfg.errors import did_you_mean
from ...cfg.regex import compile_regex, parse_subst
from .. import loader
from .current import message, to_bytes, to_python
from .namespace import Listed, signature

if TYPE_CHECKING:
    from ..script_env import ServerEnvironment
    from ..sr_module import CmdExport

Function = Callable[..., Any]
Prepared = Callable[[Any, tuple[Any, ...]], Any]
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

    def has(self, name: str) -> bool:
        """Is it a function that is made here, not one of the module's?"""
        return False

    def _make(self, name: str) -> Function:
        self._loaded(name)
        found: dict[int, Prepared] = {}
        special = self._special

        def call(*args: Any) -> Any:
            ready = special.get((name, *args)) if special else None
            if ready is not None:
                return ready(message())
            made = found.get(len(args))
            if made is None:
                made = found[len(args)] = converter(self.find(name, len(args)))
            return made(message(), args)

        call.__name__ = call.__qualname__ = name
        return call

    def _loaded(self, name: str) -> None:
        if not loader.module_loaded(self._module) and not self._env.command_counts(name):
            raise AttributeError(f'KSR.{self._module}: add loadmodule "{self._module}.so" to the configuration')

    def prepare(self, name: str, args: tuple[Any, ...]) -> None:
        """Main process, modules initialised: a call with these constants is in the script. What can be done once for
        them is done now (a location table is declared, a method mask made). AttributeError, ValueError."""
        command = self.find(name, len(args))
        if any(isinstance(arg, bool) for arg in args):
            return
        converted = [_CONVERT[kind](arg) for kind, arg in zip(command.params, args, strict=False)]
        if command.declare is not None:
            command.declare(*converted)
        ready = command.specialise(*converted) if command.specialise is not None else None
        if ready is not None:
            self._special[(name, *args)] = ready

    def find(self, name: str, count: int) -> "CmdExport":
        """The function of a name that takes `count` arguments; AttributeError with a sentence, TypeError."""
        self._loaded(name)
        commands = kemi_exports(self._module).get(name, ())
        for command in commands:
            if least(command) <= count <= len(command.params):
                return command
        found = self._env.find_command(name, count)
        if found is not None:
            return found
        counts = sorted({len(command.params) for command in commands} | set(self._env.command_counts(name)))
        if counts:
            wanted = " or ".join(map(str, counts))
            raise TypeError(f"KSR.{self._module}.{name} takes {wanted} argument(s), not {count}")
        hint = did_you_mean(name, [*kemi_exports(self._module), *self._env.command_names()])
        raise AttributeError(f"KSR.{self._module}.{name}: there is no such function  {hint}".rstrip())


def kemi_exports(module: str) -> dict[str, "list[CmdExport]"]:
    """What a loaded module gives to KEMI scripts, by name: its `kemi` exports, then its script functions."""
    found: dict[str, list[CmdExport]] = {}
    for loaded in loader.loaded_modules():
        if loaded.name == module:
            for command in (*loaded.exports.kemi, *loaded.exports.cmds):
                for name in (command.name, *command.aliases):
                    found.setdefault(name, []).append(command)
    return found


def listed(module: str) -> Iterator[Listed]:
    """The functions of a loaded module: name, types of the parameters, type of the result."""
    for name, commands in sorted(kemi_exports(module).items()):
        for command in commands:
            yield name, parameter_words(command.params, least(command)), signature(command.function)[1]


def parameter_words(params: Sequence[ArgType], required: int) -> str:
    """`str, int, [str]`: optional ones in brackets; "none"."""
    words = ["int" if kind in (ArgType.INT, ArgType.FLAG) else "str" for kind in params]
    return ", ".join(word if i < required else f"[{word}]" for i, word in enumerate(words)) or "none"


def least(command: "CmdExport") -> int:
    """How many arguments it needs."""
    return len(command.params) if command.min_params is None else command.min_params


def converter(command: "CmdExport") -> Prepared:
    """`function(msg, args)` that converts Python values to what the command takes, and its result back."""
    converters = [_CONVERT[kind] for kind in command.params]
    function: Callable[..., Any] = command.function

    def call(msg: Any, args: tuple[Any, ...]) -> Any:
        result = function(msg, *[convert(arg) for convert, arg in zip(converters, args, strict=False)])
        return to_python(result) if isinstance(result, bytes) else result

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
    """A variable's accessor by name."""
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
