"""The registry of management commands: `register_rpc(name, function, doc)` and `call(name, params)`.

A command is `function(*params)`; params are str, int or float. Where one is annotated with one of these, it gets this
type: a number in a text is a number, and what cannot be converted is the caller's fault (400). It returns what JSON can
carry:

    None          nothing was added (`{}` in JSON-RPC)
    dict          a struct
    scalar        one value
    list          several top-level values (Kamailio's RET_ARRAY); a one-element list stays a list

Commands run in a process of the transport, never in a worker: they touch shared memory only.
"""

import inspect
from collections.abc import Callable, Sequence
from types import UnionType
from typing import Any

from .. import runtime
from ..errors import KaheaError
from ..log import logger

log = logger(__name__)


class RpcError(KaheaError):
    """A command failed: an RPC code (400 wrong parameters, 404 not found, 500 failed) and a text for the caller."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class RpcCommand:
    """One entry: the function, its first line of help, how many parameters it takes and its MI names."""

    __slots__ = ("doc", "function", "least", "mi_names", "most", "name", "rest", "types")

    def __init__(self, name: str, function: Callable[..., Any], doc: str, mi_names: Sequence[str]) -> None:
        self.name = name
        self.function = function
        self.doc = doc
        self.mi_names = tuple(mi_names)
        self.least, self.most = arity(function)
        self.types, self.rest = types(function)

    def convert(self, params: Sequence[Any]) -> list[Any]:
        """The parameters in their types; RpcError names the first that has none."""
        converted = []
        for index, value in enumerate(params):
            wanted = self.types[index] if index < len(self.types) else self.rest
            if wanted in TYPES and not isinstance(value, wanted):
                try:
                    value = whole(value) if wanted is int else wanted(value)
                except (ValueError, OverflowError):
                    text = f"expected {TYPES[wanted]} type but record doesn't match type"
                    raise RpcError(400, f"error at parameter {index}: {text}") from None
            converted.append(value)
        return converted


def arity(function: Callable[..., Any]) -> tuple[int, float]:
    """(fewest, most) positional parameters of a function."""
    least, most = 0, 0.0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            most = float("inf")
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            most += 1
            least += parameter.default is parameter.empty
    return least, most


TYPES: dict[type, str] = {int: "integer", str: "string", float: "double"}


def whole(value: str | float) -> int:
    """The integer in a text or a double; ValueError when it is none."""
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return int(value)


def types(function: Callable[..., Any]) -> tuple[list[Any], Any]:
    """(annotation of each positional parameter, that of all further ones)."""
    found: list[Any] = []
    rest = None
    for parameter in inspect.signature(function).parameters.values():
        wanted = parameter.annotation
        if isinstance(wanted, UnionType):  # int | None: the default is None
            wanted = next((each for each in TYPES if each in wanted.__args__), None)
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = wanted
        else:
            found.append(wanted)
    return found, rest


_commands: dict[str, RpcCommand] = {}
_mi_names: dict[str, RpcCommand] = {}


def register_rpc(name: str, function: Callable[..., Any], doc: str, mi_names: Sequence[str] = ()) -> RpcCommand:
    """Add a command; ValueError when the name is taken."""
    if name in _commands:
        raise ValueError(f"the RPC command {name} exists already")
    command = _commands[name] = RpcCommand(name, function, doc, mi_names)
    for alias in mi_names:
        _mi_names.setdefault(alias, command)
    return command


def unregister_rpc(name: str) -> None:
    """Remove a command (tests, modules that stop)."""
    command = _commands.pop(name, None)
    for alias in command.mi_names if command else ():
        _mi_names.pop(alias, None)


def find_rpc(name: str) -> RpcCommand | None:
    """The command of that name."""
    return _commands.get(name)


def find_mi(name: str) -> RpcCommand | None:
    """The command of that OpenSER management-interface name."""
    return _mi_names.get(name)


def names() -> list[str]:
    """All command names, sorted."""
    return sorted(_commands)


def call(name: str, params: Sequence[Any] = ()) -> Any:
    """Run a command; RpcError for everything that goes wrong, a bug of ours included (500, and a log line).

    Parameters that the command does not have are ignored, as in Kamailio: its tools pass some.
    """
    command = _commands.get(name)
    if command is None:
        raise RpcError(500, "Method Not Found")
    if len(params) < command.least:
        raise RpcError(400, "Too few parameters")
    if len(params) > command.most:
        params = params[: int(command.most)]
    runtime.sync()
    try:
        return command.function(*command.convert(params))
    except RpcError:
        raise
    except Exception as error:
        log.exception("RPC command %s failed", name)
        raise RpcError(500, f"Internal error: {type(error).__name__}") from error
