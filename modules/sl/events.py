"""The event routes of the module. A script without them pays one comparison a reply."""

from typing import Any

from ...cfg.argtypes import RouteType
from ...core.script import run_block, script

LOCAL_RESPONSE, FILTERED_ACK = b"sl:local-response", b"sl:filtered-ack"


class Known:
    """The event routes of the script in use; looked up anew when the script was reloaded."""

    routes: Any = None
    local_response: Any = None
    filtered_ack: Any = None


def look_up() -> None:
    """Find our event routes in the script."""
    Known.routes = script.routes
    found = script.routes.get("event_route", {})
    Known.local_response = found.get(LOCAL_RESPONSE)
    Known.filtered_ack = found.get(FILTERED_ACK)


def local_response() -> bool:
    """Is there an event_route[sl:local-response]?"""
    if Known.routes is not script.routes:
        look_up()
    return Known.local_response is not None


def run_local_response(msg: Any) -> None:
    """After a stateless reply left; `msg` is the request."""
    run_block(Known.local_response, msg, RouteType.ONEVENT)


def run_filtered_ack(msg: Any) -> None:
    """An ACK was absorbed."""
    if Known.routes is not script.routes:
        look_up()
    if Known.filtered_ack is not None:
        run_block(Known.filtered_ack, msg, RouteType.ONEVENT)
