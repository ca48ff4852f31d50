"""`KSR.x`: leave the script, call any script function by its name."""

from typing import TYPE_CHECKING, Any, NoReturn

from ...cfg.compile.values import DROP, EXIT, ScriptExit
from .current import message
from .functions import converter

if TYPE_CHECKING:
    from ..script_env import ServerEnvironment


class X:
    """One a process."""

    def __init__(self, env: "ServerEnvironment") -> None:
        self._env = env

    def modf(self, name: str, *args: Any) -> int:
        """Call a script function of the core or a module."""
        command = self._env.find_command(name, len(args))
        if command is None:
            raise AttributeError(f"KSR.x.modf: no function {name} with {len(args)} argument(s)")
        code: int = converter(command)(message(), args)
        return code

    def exit(self) -> NoReturn:
        """End the script."""
        message().act |= EXIT
        raise ScriptExit(1)

    def drop(self) -> NoReturn:
        """End the script and drop the message."""
        message().act |= EXIT | DROP
        raise ScriptExit(0)
