"""The `KSR` object: functions of the core as its methods, modules as its attributes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...cfg.compile.values import DROP
from .. import log
from .current import message, to_bytes
from .functions import Functions, converter
from .hdr import Hdr
from .kx import Kx
from .pv import Pv, Pvx
from .questions import METHODS, PROTOS, questions
from .x import X

if TYPE_CHECKING:
    from ..script_env import ServerEnvironment

LEVELS = {"alert": log.ALERT, "bug": log.BUG, "crit": log.CRIT, "err": log.ERR, "error": log.ERR, "warn": log.WARN,
          "notice": log.NOTICE, "info": log.INFO, "dbg": log.DBG, "debug": log.DBG}  # fmt: skip
#: script functions that answer True or False, by their name in KSR
TRUE_OR_FALSE = {
    **{name: name for name in (
        "setflag", "resetflag", "isflagset", "setbflag", "resetbflag", "isbflagset", "setsflag", "resetsflag",
        "issflagset", "setdsturi", "resetdsturi", "isdsturiset", "force_rport", "add_local_rport", "set_forward_close",
        "set_forward_no_connect", "set_reply_close", "set_reply_no_connect",
    )},
    "setbiflag": "setbflag", "resetbiflag": "resetbflag", "isbiflagset": "isbflagset",
    "seturi": "rewriteuri", "setuser": "rewriteuser", "sethost": "rewritehost",
}  # fmt: skip
#: the others: their code
CODES = {"forward": "forward", "set_advertised_address": "set_advertised_address",
         "set_advertised_port": "set_advertised_port", "add_tcp_alias": "force_tcp_alias",
         "add_tcp_alias_via": "force_tcp_alias"}  # fmt: skip


class Ksr:
    """One a process; installed as the module `KSR`."""

    def __init__(self, env: "ServerEnvironment") -> None:
        self._env = env
        self.pv = Pv()
        self.hdr = Hdr()
        self.x = X(env)
        self.kx = Kx(self.pv)
        self.pvx = Pvx(self.pv, env)
        vars(self).update(questions(env.is_myself))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self._core(name) or Functions(name, self._env)
        self.__dict__[name] = made
        return made

    # -- logging ---------------------------------------------------------------------------------------------------

    def log(self, level: str, text: str) -> None:
        """A line at a level by name."""
        log.script(LEVELS.get(level, log.ERR), "script", text.rstrip("\n"))

    def dbg(self, text: str) -> None:
        """Debug."""
        self.log("dbg", text)

    def info(self, text: str) -> None:
        """Info."""
        self.log("info", text)

    def notice(self, text: str) -> None:
        """Notice."""
        self.log("notice", text)

    def warn(self, text: str) -> None:
        """Warning."""
        self.log("warn", text)

    def err(self, text: str) -> None:
        """Error."""
        self.log("err", text)

    def crit(self, text: str) -> None:
        """Critical."""
        self.log("crit", text)

    # -- the script ------------------------------------------------------------------------------------------------

    def set_drop(self) -> None:
        """The message is dropped when the route returns."""
        message().act |= DROP

    def route(self, name: str) -> int:
        """Call a native route block."""
        from ..script import script

        block = script.routes.get("route", {}).get(to_bytes(name))
        return -1 if block is None else block(message())

    def forward_uri(self, uri: str) -> int:
        """Forward without state to a URI."""
        self.setdsturi(uri)
        code: int = self.forward()
        return code

    def get_debug(self) -> int:
        """The log threshold."""
        return log.state.level

    # -- questions with an argument; the others are in questions.py ------------------------------------------------

    def is_method(self, name: str) -> bool:
        """Is it this method?"""
        return bool(message().method_name == to_bytes(name).upper())

    def is_method_in(self, letters: str) -> bool:
        """Is it one of these methods, a letter each?"""
        name = message().method_name
        return any(METHODS.get(letter) == name for letter in letters)

    def is_proto(self, letters: str) -> bool:
        """Did it come by one of these transports, a letter each?"""
        return any(PROTOS.get(letter) == message().rcv.proto for letter in letters.lower())

    def is_src_port(self, port: int) -> bool:
        """The port it came from."""
        return bool(message().rcv.src_port == port)

    def is_dst_port(self, port: int) -> bool:
        """The port it arrived at."""
        return bool(message().rcv.dst_port == port)

    def is_myself(self, uri: str) -> bool:
        """Is it an address of this server?"""
        return self._env.is_myself(to_bytes(uri))

    # -- functions of the core -------------------------------------------------------------------------------------

    def _core(self, name: str) -> Callable[..., Any] | None:
        """A function of the core's script language."""
        script_name = TRUE_OR_FALSE.get(name) or CODES.get(name) or name
        if script_name not in self._env.core:
            return None
        found: dict[int, Callable[[Any, tuple[Any, ...]], Any]] = {}

        def call(*args: Any) -> int | bool:
            made = found.get(len(args))
            if made is None:
                command = self._env.find_command(script_name, len(args))
                if command is None:
                    raise TypeError(f"KSR.{name} does not take {len(args)} argument(s)")
                made = found[len(args)] = converter(command)
            code: int = made(message(), args)
            return code > 0 if name in TRUE_OR_FALSE else code

        call.__name__ = call.__qualname__ = name
        return call
