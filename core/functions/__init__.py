"""Functions that scripts have without any module: rewritehost(), setflag(), forward(), log()... a file a subject.

To add one: a CmdExport in the list at the end of the file it belongs to. What a module can hold belongs in a module.
"""

from ..sr_module import CmdExport
from .branches import BRANCHES
from .custom import CUSTOM
from .flags import FLAGS
from .forwarding import FORWARDING
from .logging import LOGGING
from .openser import OPENSER
from .replying import REPLYING
from .ruri import RURI
from .sending import SENDING

CORE_FUNCTIONS = (*RURI, *BRANCHES, *FLAGS, *FORWARDING, *LOGGING, *REPLYING, *SENDING, *CUSTOM, *OPENSER)


def core_commands() -> tuple[CmdExport, ...]:
    """All of them."""
    return CORE_FUNCTIONS


__all__ = ["CORE_FUNCTIONS", "core_commands"]
