"""The destination set beside the first branch."""

from ...cfg.argtypes import Int
from ...parser.msg import SipMsg
from ...src.native import lib
from ..sr_module import CmdExport


def remove_branch(msg: SipMsg, index: int = 0) -> int:
    """Drops an additional branch; a negative index counts from the last. One that is not there is no error."""
    count = msg.edits.n_branch
    index = index + count if index < 0 else index
    if 0 <= index < count:
        lib.kh_branch_remove(msg.edits, index)
    return 1


def clear_branches(msg: SipMsg) -> int:
    """Drops all additional branches."""
    lib.kh_branch_clear(msg.edits)
    return 1


COMMANDS = [
    CmdExport("remove_branch", remove_branch, (Int,), min_params=0),
    CmdExport("clear_branches", clear_branches),
]
