"""event_route[core:pre-routing]: sees every request and reply before the script; `drop` ends the message there."""

from typing import Any

from ...cfg.values import DROPPED
from ..script import script
from .script_cb import ONREPLY_CB, PRE_SCRIPT_CB, REQUEST_CB, register_script_cb

PRE_ROUTING = b"core:pre-routing"


def pre_routing(msg: Any) -> int:
    """Callback before the script: 0 when the event route dropped the message."""
    return 0 if script.run_route("event_route", PRE_ROUTING, msg) == DROPPED else 1


def register_core_events() -> None:
    """Main process, script compiled: who has no such route pays nothing."""
    if script.has_route("event_route", PRE_ROUTING):
        register_script_cb(pre_routing, PRE_SCRIPT_CB | REQUEST_CB | ONREPLY_CB)
