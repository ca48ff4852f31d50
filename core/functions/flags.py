"""Flags: of the message (setflag), of branches (setbflag), of this run of the script (setsflag)."""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import Flag, Int, Raw
from ...src.native import ffi, lib
from ..pv.stores.flags import FLAG_COUNT, script_flags
from ..sr_module import CmdExport, keeping

_branch_get, _NULL = lib.kh_branch_get, ffi.NULL


def setflag(msg: Any, flag: int) -> int:
    """Message and transaction flag."""
    if not 0 <= flag < FLAG_COUNT:
        return -1
    msg.flags |= 1 << flag
    return 1


def resetflag(msg: Any, flag: int) -> int:
    """Clear it."""
    if not 0 <= flag < FLAG_COUNT:
        return -1
    msg.flags &= ~(1 << flag)
    return 1


def isflagset(msg: Any, flag: int) -> int:
    """Is it set?"""
    return 1 if 0 <= flag < FLAG_COUNT and msg.flags >> flag & 1 else -1


def _set_constant(flag: int) -> Callable[[Any], int]:
    bit = 1 << flag

    def function(msg: Any) -> int:
        msg.flags |= bit
        return 1

    return function


def _test_constant(flag: int) -> Callable[[Any], int]:
    bit = 1 << flag
    return lambda msg: 1 if msg.flags & bit else -1


# branch flags: branch 0 is the Request-URI's, from 1 on the additional ones


def _holder(msg: Any, branch: int) -> tuple[Any, str] | None:
    """Whose attribute the flags of a branch are."""
    if branch == 0:
        return msg.edits, "bflags"
    found = _branch_get(msg.edits, branch - 1) if branch > 0 else _NULL
    return None if found == _NULL else (found, "flags")


def setbflag(msg: Any, flag: int, branch: int = 0) -> int:
    """Set a flag of a branch."""
    holder = _holder(msg, branch)
    if holder is None or not 0 <= flag < FLAG_COUNT:
        return -1
    setattr(*holder, getattr(*holder) | 1 << flag)
    return 1


def resetbflag(msg: Any, flag: int, branch: int = 0) -> int:
    """Clear it."""
    holder = _holder(msg, branch)
    if holder is None or not 0 <= flag < FLAG_COUNT:
        return -1
    setattr(*holder, getattr(*holder) & ~(1 << flag))
    return 1


def isbflagset(msg: Any, flag: int, branch: int = 0) -> int:
    """Is it set?"""
    holder = _holder(msg, branch)
    return 1 if holder is not None and 0 <= flag < FLAG_COUNT and getattr(*holder) >> flag & 1 else -1


def _swapped(function: Callable[..., int]) -> Callable[..., int]:
    """The order of OpenSER 1.4: (branch, flag), or (flag)."""
    return lambda msg, first, *rest: function(msg, rest[0], first) if rest else function(msg, first)


# flags of the script


def setsflag(msg: Any, flag: int) -> int:
    """Set a flag that lasts until the block ends."""
    if not 0 <= flag < FLAG_COUNT:
        return -1
    script_flags.bits |= 1 << flag
    return 1


def resetsflag(msg: Any, flag: int) -> int:
    """Clear it."""
    if not 0 <= flag < FLAG_COUNT:
        return -1
    script_flags.bits &= ~(1 << flag)
    return 1


def issflagset(msg: Any, flag: int) -> int:
    """Is it set?"""
    return 1 if 0 <= flag < FLAG_COUNT and script_flags.bits >> flag & 1 else -1


def accepted(msg: Any, *_: object) -> int:
    """AVP flags of the first SER: taken, without effect."""
    return 1


def never(msg: Any, *_: object) -> int:
    """No AVP flag is ever set."""
    return -1


FLAGS = keeping(
    CmdExport("setflag", setflag, (Flag,), specialise=_set_constant),
    CmdExport("resetflag", resetflag, (Flag,)),
    CmdExport("isflagset", isflagset, (Flag,), specialise=_test_constant),
    CmdExport("setbflag", setbflag, (Int, Int), min_params=1),
    CmdExport("resetbflag", resetbflag, (Int, Int), min_params=1),
    CmdExport("isbflagset", isbflagset, (Int, Int), min_params=1),
    CmdExport("setbranchflag", _swapped(setbflag), (Int, Int), min_params=1),
    CmdExport("resetbranchflag", _swapped(resetbflag), (Int, Int), min_params=1),
    CmdExport("isbranchflagset", _swapped(isbflagset), (Int, Int), min_params=1),
    CmdExport("setsflag", setsflag, (Int,), aliases=("setscriptflag",)),
    CmdExport("resetsflag", resetsflag, (Int,), aliases=("resetscriptflag",)),
    CmdExport("issflagset", issflagset, (Int,), aliases=("isscriptflagset",)),
    CmdExport("setavpflag", accepted, (Raw, Raw)),
    CmdExport("resetavpflag", accepted, (Raw, Raw)),
    CmdExport("isavpflagset", never, (Raw, Raw)),
)
