"""cfg_select() and cfg_reset(): which instance of a group of runtime values holds for the message in hand."""

from typing import Any

from ...cfg.argtypes import Int, Raw
from .. import runtime
from ..sr_module import CmdExport


def cfg_select(msg: Any, group: bytes, instance: int) -> int:
    """The group has the values of an instance until the next message; -1 when there is no such instance."""
    return 1 if runtime.select(group.decode("latin-1"), instance) else -1


def cfg_reset(msg: Any, group: bytes) -> int:
    """Back to the values of the group."""
    return 1 if runtime.unselect(group.decode("latin-1")) else -1


CUSTOM = (CmdExport("cfg_select", cfg_select, (Raw, Int)), CmdExport("cfg_reset", cfg_reset, (Raw,)))
