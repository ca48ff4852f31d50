"""The registry of management commands: `register_rpc(name, function, doc)` and `call(name, params)`.

A command is `function(*params)`; params are str, int or float. It returns what JSON can carry:

    None          nothing was added (`{}` in JSON-RPC)
    dict          a struct
    scalar        one value
    list          several top-level values (Kamailio's RET_ARRAY); a one-element list stays a list

Commands run in a process of the transport, never in a worker: they touch shared memory only.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

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

    __slots__ = ("doc", "function", "least", "mi_names", "most", "name")

    def __init__(self, name: str, function: Callable[..., Any], doc: str, mi_names: Sequence[str]) -> None:
        self.name = name
        self.function = function
        self.doc = doc
        self.mi_names = tuple(mi_names)
        self.least, self.most = arity(function)


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
    """Run a command; RpcError for everything that goes wrong, a bug of ours included (500, and a log line)."""
    command = _commands.get(name)
    if command is None:
        raise RpcError(500, "Method Not Found")
    if not command.least <= len(params) <= command.most:
        raise RpcError(400, "Too few or too many parameters")
    try:
        return command.function(*params)
    except RpcError:
        raise
    except Exception as error:
        log.exception("RPC command %s failed", name)
        raise RpcError(500, f"Internal error: {type(error).__name__}") from error
