"""Message flags: 32 bits that travel with the transaction, and runtime parameter groups."""

from collections.abc import Callable

from ...cfg.argtypes import Flag
from ...parser.msg import SipMsg
from ..sr_module import CmdExport


def setflag(msg: SipMsg, flag: int) -> int:
    """Sets a flag, 0 to 31."""
    msg.flags |= 1 << flag
    return 1


def resetflag(msg: SipMsg, flag: int) -> int:
    """Clears a flag."""
    msg.flags &= ~(1 << flag)
    return 1


def isflagset(msg: SipMsg, flag: int) -> int:
    """1 when the flag is set, else -1."""
    return 1 if msg.flags >> flag & 1 else -1


def _test(flag: int) -> Callable[[SipMsg], int]:
    bit = 1 << flag
    return lambda msg: 1 if msg.flags & bit else -1


COMMANDS = [
    CmdExport("setflag", setflag, (Flag,)),
    CmdExport("resetflag", resetflag, (Flag,)),
    CmdExport("isflagset", isflagset, (Flag,), specialise=_test),
]
