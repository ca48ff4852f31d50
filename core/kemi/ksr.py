"""The `KSR` object: core functions as its methods, modules as its attributes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...cfg.values import DROP
from .. import log
from .current import message, to_bytes
from .functions import Functions, converter
from .parts import Hdr, Kx, Pv, Pvx, X

if TYPE_CHECKING:
    from ..script_env import ServerEnvironment

LEVELS = {"alert": log.ALERT, "bug": log.BUG, "crit": log.CRIT, "err": log.ERR, "error": log.ERR, "warn": log.WARN,
          "notice": log.NOTICE, "info": log.INFO, "dbg": log.DBG, "debug": log.DBG}  # fmt: skip
#: letter of `is_method_in`
METHODS = {"I": b"INVITE", "A": b"ACK", "B": b"BYE", "C": b"CANCEL", "R": b"REGISTER", "M": b"MESSAGE", "O": b"OPTIONS",
           "S": b"SUBSCRIBE", "P": b"PUBLISH", "N": b"NOTIFY", "U": b"UPDATE", "K": b"KDMQ", "E": b"PRACK",
           "F": b"REFER", "G": b"GET", "T": b"POST", "V": b"PUT", "D": b"DELETE"}  # fmt: skip
PROTOS = {"u": 1, "t": 2, "e": 3, "s": 4, "v": 5, "w": 6}
#: KSR name -> script function, where they differ
CORE_NAMES = {"seturi": "rewriteuri", "setuser": "rewriteuser", "sethost": "rewritehost", "setbiflag": "setbflag",
              "resetbiflag": "resetbflag", "isbiflagset": "isbflagset", "add_tcp_alias": "force_tcp_alias"}  # fmt: skip
#: functions that answer True or False
TESTS = ("isflagset", "isbflagset", "isbiflagset", "issflagset", "isdsturiset")
#: `is_myself_x()` -> variable
MYSELF = {"ruri": "$ru", "duri": "$du", "nhuri": "$nh(u)", "furi": "$fu", "turi": "$tu", "suri": "$su", "srcip": "$si"}


class Ksr:
    """One a process; installed as the module `KSR`."""

    def __init__(self, env: "ServerEnvironment") -> None:
        self._env = env
        self.pv = Pv()
        self.hdr = Hdr()
        self.x = X(env)
        self.kx = Kx(self.pv)
        self.pvx = Pvx(self.pv, Functions("pv", env))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self._test(name) or self._core(name) or Functions(name, self._env)
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

    def set_drop(self) -> int:
        """The message is dropped when the route returns."""
        message().act |= DROP
        return 1

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

    # -- tests -----------------------------------------------------------------------------------------------------

    def is_method(self, name: str) -> bool:
        """Is it this method?"""
        return bool(message().method_name == to_bytes(name))

    def is_method_in(self, letters: str) -> bool:
        """Is it one of these methods, a letter each?"""
        name = message().method_name
        return any(METHODS.get(letter) == name for letter in letters)

    def is_proto(self, letters: str) -> bool:
        """Did it come by one of these transports, a letter each?"""
        return any(PROTOS.get(letter) == message().rcv.proto for letter in letters)

    def is_IPv4(self) -> bool:
        """Did it come over IPv4?"""
        return b":" not in message().rcv.src_ip

    def is_IPv6(self) -> bool:
        """Did it come over IPv6?"""
        return not self.is_IPv4()

    def is_src_port(self, port: int) -> bool:
        """The port it came from."""
        return bool(message().rcv.src_port == port)

    def is_dst_port(self, port: int) -> bool:
        """The port it arrived at."""
        return bool(message().rcv.dst_port == port)

    def is_myself(self, uri: str) -> bool:
        """Is it an address of this server?"""
        return self._env.is_myself(to_bytes(uri))

    def get_debug(self) -> int:
        """The log threshold."""
        return log.state.level

    def _test(self, name: str) -> Callable[[], bool] | None:
        """`is_INVITE()`, `is_UDP()`, `is_myself_ruri()`."""
        if not name.startswith("is_"):
            return None
        what = name[3:]
        if what.encode() in METHODS.values():
            wanted = what.encode()
            return lambda: message().method_name == wanted
        if what in ("UDP", "TCP", "TLS", "SCTP", "WS", "WSS", "WSX"):
            numbers = {"UDP": (1,), "TCP": (2,), "TLS": (3,), "SCTP": (4,), "WS": (5,), "WSS": (6,), "WSX": (5, 6)}[
                what
            ]
            return lambda: message().rcv.proto in numbers
        variable = MYSELF.get(what.removeprefix("myself_"))
        if variable is None or not what.startswith("myself_"):
            return None
        return lambda: (value := self.pv.get(variable)) is not None and self.is_myself(str(value))

    def _core(self, name: str) -> Callable[..., Any] | None:
        """A core command of the script."""
        script_name = CORE_NAMES.get(name, name)
        if script_name not in self._env.core:
            return None
        found: dict[int, Callable[[Any, tuple[Any, ...]], int]] = {}

        def call(*args: Any) -> int | bool:
            made = found.get(len(args))
            if made is None:
                command = self._env.find_command(script_name, len(args))
                if command is None:
                    raise TypeError(f"KSR.{name} does not take {len(args)} argument(s)")
                made = found[len(args)] = converter(command)
            code = made(message(), args)
            return code > 0 if name in TESTS else code

        call.__name__ = call.__qualname__ = name
        return call
