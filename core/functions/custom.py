"""cfg_select() and cfg_reset(): which instance of custom parameters `$ccp(group.name)` shows to a message."""

from typing import Any

from ...cfg.argtypes import Int, Raw
from ..sr_module import CmdExport

_CACHE = "cfg_select"


def selected(msg: Any) -> dict[str, int]:
    """group -> instance, for the message in hand."""
    return msg.cache.setdefault(_CACHE, {})


def cfg_select(msg: Any, group: bytes, instance: int) -> int:
    """Show the values of an instance; -1 when the group has none of that number."""
    from ..script import script

    name = group.decode("latin-1")
    if instance not in script.custom.get(name, {}):
        return -1
    selected(msg)[name] = instance
    return 1


def cfg_reset(msg: Any, group: bytes) -> int:
    """Back to the default values of a group."""
    return 1 if selected(msg).pop(group.decode("latin-1"), None) is not None else -1


CUSTOM = (CmdExport("cfg_select", cfg_select, (Raw, Int)), CmdExport("cfg_reset", cfg_reset, (Raw,)))
