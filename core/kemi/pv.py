"""`KSR.pv` and `KSR.pvx`: variables of the current message, by their names in scripts, and by family."""

import functools
from collections.abc import Callable
from typing import Any

from ...cfg.compile.values import num
from ..log import logger
from ..pv import parse_spec
from .current import message, to_bytes, to_python
from .functions import Functions
from .hdr import NULL, Text

log = logger(__name__)
STATUS = "$rs"  # a text in native scripts; here a number, as in Kamailio
VARIABLES_KEPT = 4096  # parsed names


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
        return parse_spec(to_bytes(name))
    except (ValueError, LookupError) as error:
        log.error("KSR.pv: %s", error)
        return Unknown


class Pv:
    """`KSR.pv`: any pseudo-variable by its name in scripts."""

    def get(self, name: str) -> Text:
        """The value: text, number or None."""
        value = _spec(name).get(message())
        return num(value) if name == STATUS and value is not None else to_python(value)

    def gete(self, name: str) -> Text:
        """The value; "" for undefined."""
        value = self.get(name)
        return "" if value is None else value

    def getw(self, name: str) -> Text:
        """The value; "<null>" for undefined."""
        value = self.get(name)
        return NULL if value is None else value

    def geti(self, name: str) -> int:
        """The value as a number; 0 for a text that is none, and for undefined."""
        return num(_spec(name).get(message()))

    def getvn(self, name: str, default: int) -> Text:
        """The value, or a number when it is undefined."""
        value = self.get(name)
        return default if value is None else value

    def getvs(self, name: str, default: str) -> Text:
        """The value, or a text when it is undefined."""
        value = self.get(name)
        return default if value is None else value

    def sets(self, name: str, value: str) -> bool:
        """Set to a text; False when it cannot be written."""
        return self._set(name, to_bytes(value))

    def seti(self, name: str, value: int) -> bool:
        """Set to a number; False when it cannot be written."""
        return self._set(name, int(value))

    def unset(self, name: str) -> bool:
        """Set to undefined; False when it cannot be written."""
        return self._set(name, None)

    def is_null(self, name: str) -> bool:
        """Is it undefined?"""
        return _spec(name).get(message()) is None

    def _set(self, name: str, value: bytes | int | None) -> bool:
        setter = _spec(name).set
        if setter is None:
            log.error("KSR.pv: %s cannot be written", name)
            return False
        return setter(message(), value) != -1


#: family of `KSR.pvx` -> variable with the places of its names
FAMILIES = {"var": "$var({})", "shv": "$shv({})", "avp": "$avp({})", "xavp": "$xavp({})", "xavu": "$xavu({})",
            "xavi": "$xavi({})", "xavp_child": "$xavp({}[0]=>{})", "xavu_child": "$xavu({}=>{})",
            "xavi_child": "$xavi({}[0]=>{})"}  # fmt: skip


class Pvx(Functions):
    """`var_get("x")`, `avp_sets("x", "t")`, `xavp_child_seti("r", "c", 5)`...; else the functions of module pv."""

    def __init__(self, pv: Pv, env: Any) -> None:
        super().__init__("pv", env)
        for family, variable in FAMILIES.items():
            for name, function in _family(pv, variable).items():
                vars(self)[f"{family}_{name}"] = function
        self._own = frozenset(vars(self))

    def has(self, name: str) -> bool:
        """The families are made here; the rest is module pv's."""
        return name in self._own

    def prepare(self, name: str, args: tuple[Any, ...]) -> None:
        """As for any module, but what is made here needs nothing."""
        if name not in self._own:
            super().prepare(name, args)


def _family(pv: Pv, variable: str) -> dict[str, Callable[..., Any]]:
    """The functions of a variable with one name or two."""
    if variable.count("{}") == 2:
        made = _child_family(pv, variable)
        return (
            {**made, **_child_writers(pv, variable)} if variable.startswith("$xavu") else made
        )  # of others: module pv's

    def get(name: str) -> Text:
        return pv.get(variable.format(name))

    def gete(name: str) -> Text:
        return pv.gete(variable.format(name))

    def getw(name: str) -> Text:
        return pv.getw(variable.format(name))

    def sets(name: str, value: str) -> int:
        return 1 if pv.sets(variable.format(name), value) else -1

    def seti(name: str, value: int) -> int:
        return 1 if pv.seti(variable.format(name), value) else -1

    everything = "$(avp({})[*])" if variable.startswith("$avp") else variable

    def rm(name: str) -> int:
        return 1 if pv.unset(everything.format(name)) else -1

    def is_null(name: str) -> int:
        return 1 if pv.is_null(variable.format(name)) else -1

    return {f.__name__: f for f in (get, gete, getw, sets, seti, rm, is_null)}


def _child_family(pv: Pv, variable: str) -> dict[str, Callable[..., Any]]:
    def get(root: str, name: str) -> Text:
        return pv.get(variable.format(root, name))

    def gete(root: str, name: str) -> Text:
        return pv.gete(variable.format(root, name))

    def getw(root: str, name: str) -> Text:
        return pv.getw(variable.format(root, name))

    def is_null(root: str, name: str) -> int:
        return 1 if pv.is_null(variable.format(root, name)) else -1

    return {f.__name__: f for f in (get, gete, getw, is_null)}


def _child_writers(pv: Pv, variable: str) -> dict[str, Callable[..., Any]]:
    def sets(root: str, name: str, value: str) -> int:
        return 1 if pv.sets(variable.format(root, name), value) else -1

    def seti(root: str, name: str, value: int) -> int:
        return 1 if pv.seti(variable.format(root, name), value) else -1

    def rm(root: str, name: str) -> int:
        return 1 if pv.unset(variable.format(root, name)) else -1

    return {f.__name__: f for f in (sets, seti, rm)}
