"""`KSR.pv`, `KSR.hdr`, `KSR.x`, `KSR.kx`: variables and headers of the current message."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from ...cfg.values import DROP, EXIT, ScriptExit, num
from ...cfg.words import words
from ..log import logger
from ..msg import lumps
from .current import message, to_bytes, to_python
from .functions import converter, variable

if TYPE_CHECKING:
    from ..script_env import ServerEnvironment

log = logger(__name__)
#: numbers that the native script sees as text (`$rp + 1` joins there); KEMI scripts get them as int, as in Kamailio
NUMBERS = words("$rs $rp $cs $dp $nh(p) $sp $Rp $T_reply_code $T_branch_idx $ml $bl $mt $prid $Ts $pp $mf $sf $bf")
VARIABLES_KEPT = 4096  # parsed names
Text = str | int | None


class Unknown:
    """A variable that no loaded module has: undefined, and not to be written."""

    set = None

    @staticmethod
    def get(msg: Any) -> None:
        """Always undefined."""


@functools.lru_cache(VARIABLES_KEPT)
def _spec(name: str) -> Any:
    """The accessor of a variable; what is wrong with a name is logged once, not raised into the route."""
    try:
        return variable(name)
    except (ValueError, LookupError) as error:
        log.error("KSR.pv: %s", error)
        return Unknown


class Pv:
    """`KSR.pv`: any pseudo-variable by its name in scripts."""

    def get(self, name: str) -> Text:
        """The value: text, number or None."""
        value = _spec(name).get(message())
        if name in NUMBERS and value is not None:
            return num(value)
        return to_python(value)

    def gete(self, name: str) -> str | int:
        """The value; undefined is the empty text."""
        value = self.get(name)
        return "" if value is None else value

    def getw(self, name: str) -> str | int:
        """The value; undefined is `<<null>>`."""
        value = self.get(name)
        return "<<null>>" if value is None else value

    def geti(self, name: str) -> int:
        """The value as a number."""
        return num(_spec(name).get(message()))

    def getvn(self, name: str, default: int) -> int:
        """The value as a number, or `default` when it is undefined."""
        value = _spec(name).get(message())
        return default if value is None else num(value)

    def getvs(self, name: str, default: str) -> str:
        """The value as text, or `default` when it is undefined."""
        value = self.get(name)
        return default if value is None else str(value)

    def sets(self, name: str, value: str) -> int:
        """Set to a text; -1 when it cannot be written."""
        return self._set(name, to_bytes(value))

    def seti(self, name: str, value: int) -> int:
        """Set to a number; -1 when it cannot be written."""
        return self._set(name, int(value))

    def unset(self, name: str) -> int:
        """Set to undefined; -1 when it cannot be written."""
        return self._set(name, None)

    def is_null(self, name: str) -> bool:
        """Is it undefined?"""
        return _spec(name).get(message()) is None

    def _set(self, name: str, value: bytes | int | None) -> int:
        setter = _spec(name).set
        if setter is None:
            return -1
        setter(message(), value)
        return 1


class Hdr:
    """`KSR.hdr`: header fields. Names without colon; texts with their CRLF."""

    def append(self, text: str) -> int:
        """Add lines behind the last header."""
        lumps.append_hf(message(), to_bytes(text))
        return 1

    def insert(self, text: str) -> int:
        """Add lines before the first header."""
        lumps.insert_hf(message(), to_bytes(text))
        return 1

    def remove(self, name: str) -> int:
        """Remove all headers of a name; -1 when there is none."""
        return 1 if lumps.remove_hf(message(), to_bytes(name)) > 0 else -1

    def rmappend(self, name: str, text: str) -> int:
        """Remove, then append."""
        self.remove(name)
        return self.append(text)

    def rminsert(self, name: str, text: str) -> int:
        """Remove, then insert."""
        self.remove(name)
        return self.insert(text)

    def append_to_reply(self, text: str) -> int:
        """Add lines to the replies that this server makes for the request."""
        lumps.add_lump_rpl(message(), to_bytes(text))
        return 1

    def is_present(self, name: str) -> int:
        """1 or -1."""
        return 1 if message().header(to_bytes(name)) is not None else -1

    def get(self, name: str) -> Text:
        """Body of the first header of a name, or None."""
        return to_python(message().header(to_bytes(name)))

    def gete(self, name: str) -> Text:
        """As `get`; "" for None."""
        return self.get(name) or ""

    def getw(self, name: str) -> Text:
        """As `get`; "<<null>>" for None."""
        value = self.get(name)
        return "<<null>>" if value is None else value

    def get_idx(self, name: str, index: int) -> Text:
        """Body of one of several; negative counts from the last."""
        bodies = list(message().headers(to_bytes(name)))
        return to_python(bodies[index]) if -len(bodies) <= index < len(bodies) else None

    def gete_idx(self, name: str, index: int) -> Text:
        """As `get_idx`; "" for None."""
        return self.get_idx(name, index) or ""


class X:
    """`KSR.x`: leave the script, call any script function."""

    def __init__(self, env: "ServerEnvironment") -> None:
        self._env = env

    def modf(self, name: str, *args: Any) -> int:
        """Call a script function by its name."""
        command = self._env.find_command(name, len(args))
        if command is None:
            raise AttributeError(f"KSR.x.modf: no function {name} with {len(args)} argument(s)")
        return converter(command)(message(), args)

    def exit(self) -> NoReturn:
        """End the script."""
        message().act |= EXIT
        raise ScriptExit(1)

    def drop(self) -> NoReturn:
        """End the script and drop the message."""
        message().act |= EXIT | DROP
        raise ScriptExit(0)


#: `KSR.kx.get_<name>` -> variable
KX = {
    "ruri": "$ru", "ruser": "$rU", "rhost": "$rd", "ouri": "$ou", "furi": "$fu", "fuser": "$fU", "fhost": "$fd",
    "turi": "$tu", "tuser": "$tU", "thost": "$td", "duri": "$du", "cturi": "$ct", "nhuri": "$nh(u)", "srcuri": "$su",
    "ua": "$ua", "srcip": "$si", "srcport": "$sp", "rcvip": "$Ri", "rcvport": "$Rp", "proto": "$pr", "protoid": "$prid",
    "au": "$au", "method": "$rm", "status": "$rs", "body": "$rb", "bodylen": "$bl", "timestamp": "$Ts", "callid": "$ci",
    "conid": "$conid", "msgbuf": "$mb", "msglen": "$ml", "msgtype": "$mt", "send_sock": "$fs",
}  # fmt: skip


class Kx:
    """`KSR.kx`: `get_ruri()`, `gete_ruser()`, `getw_ua()`... without writing variable names."""

    def __init__(self, pv: Pv) -> None:
        self._pv = pv

    def __getattr__(self, name: str) -> Callable[[], Text]:
        how, _, what = name.partition("_")
        reader = {"get": self._pv.get, "gete": self._pv.gete, "getw": self._pv.getw, "gets": self._pv.gete}.get(how)
        if reader is None or what not in KX:
            raise AttributeError(f"KSR.kx.{name}")
        made = self.__dict__[name] = functools.partial(reader, KX[what])
        return made


#: family of `KSR.pvx` -> variable with the places of its names
PVX = {"var": "$var({})", "shv": "$shv({})", "avp": "$avp({})", "xavp": "$xavp({})", "xavu": "$xavu({})",
       "xavi": "$xavi({})", "xavp_child": "$xavp({}=>{})", "xavu_child": "$xavu({}=>{})",
       "xavi_child": "$xavi({}=>{})"}  # fmt: skip
#: what is done -> method of Pv and whether a value follows the names
PVX_VERBS = {"get": "get", "gete": "gete", "getw": "getw", "seti": "seti", "sets": "sets", "rm": "unset",
             "is_null": "is_null"}  # fmt: skip


class Pvx:
    """`KSR.pvx`: `var_get("x")`, `avp_sets("x", "t")`, `xavp_child_seti("r", "c", 5)`...; else pv's functions."""

    def __init__(self, pv: Pv, functions: Any) -> None:
        self._pv = pv
        self._functions = functions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        for family in sorted(PVX, key=len, reverse=True):
            verb = PVX_VERBS.get(name.removeprefix(family + "_"))
            if name.startswith(family + "_") and verb is not None:
                made = self.__dict__[name] = self._make(PVX[family], getattr(self._pv, verb))
                return made
        found: Callable[..., Any] = getattr(self._functions, name)
        return found

    def _make(self, pattern: str, method: Callable[..., Any]) -> Callable[..., Any]:
        names = pattern.count("{}")

        def call(*args: Any) -> Any:
            return method(pattern.format(*args[:names]), *args[names:])

        return call
