"""What `KSR.pvx` has beside the script functions: trees as Python values, texts evaluated."""

from typing import Any

from ...cfg.argtypes import Fmt, Int, PvWrite, Str
from ...core.pv import Format, PvSpec
from ...core.pv.stores.xavp import Stack, pick
from ...core.sr_module import CmdExport
from . import xavp

Tree = dict[str, list[Any]]


def evalx(msg: Any, pv: PvSpec, text: Format) -> int:
    """Store a text with its variables read; -1 for a variable that cannot be written."""
    if pv.set is None:
        return -1
    pv.set(msg, text.eval(msg))
    return 1


def tree(value: Any) -> Any:
    """A value of the stores as Python has it: a root with fields as {field: [values]}."""
    if isinstance(value, dict):
        return {key.decode("utf-8", "surrogateescape"): [tree(v) for v in values] for key, values in value.items()}
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _all(stack: Stack, name: bytes) -> list[Any] | None:
    values = stack.get(name)
    return None if values is None else [tree(value) for value in values]


def _one(stack: Stack, name: bytes, index: int) -> Any:
    return tree(pick(stack.get(name), index))


def _keys(stack: Stack, name: bytes, index: int) -> list[str] | None:
    found = _one(stack, name, index)
    return list(found) if isinstance(found, dict) else None


def xavp_getd(msg: Any, name: bytes) -> list[Any] | None:
    """All values of a name, the newest first; None without."""
    return _all(msg.xavps, name)


def xavp_getd_p1(msg: Any, name: bytes, index: int) -> Any:
    """One of them."""
    return _one(msg.xavps, name, index)


def xavp_get_keys(msg: Any, name: bytes, index: int) -> list[str] | None:
    """The names of its fields."""
    return _keys(msg.xavps, name, index)


def xavi_getd(msg: Any, name: bytes) -> list[Any] | None:
    """As xavp_getd, names in any case."""
    return _all(msg.xavis, name.lower())


def xavi_getd_p1(msg: Any, name: bytes, index: int) -> Any:
    """As xavp_getd_p1, names in any case."""
    return _one(msg.xavis, name.lower(), index)


def xavi_get_keys(msg: Any, name: bytes, index: int) -> list[str] | None:
    """As xavp_get_keys, names in any case."""
    return _keys(msg.xavis, name.lower(), index)


KEMI = (
    CmdExport("evalx", evalx, (PvWrite, Fmt)),
    CmdExport("xavp_copy_dst", xavp.copy, (Str, Int, Str, Int)),
    CmdExport("xavp_getd", xavp_getd, (Str,)),
    CmdExport("xavp_getd_p1", xavp_getd_p1, (Str, Int)),
    CmdExport("xavp_get_keys", xavp_get_keys, (Str, Int)),
    CmdExport("xavi_getd", xavi_getd, (Str,)),
    CmdExport("xavi_getd_p1", xavi_getd_p1, (Str, Int)),
    CmdExport("xavi_get_keys", xavi_get_keys, (Str, Int)),
)
