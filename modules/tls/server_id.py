"""Which client profile, and which name, the next outgoing connection is to have: said by the script, in the process
that sends; needed by the receiver that makes the connection.

It travels with the connection as a short text, `server_id NUL server_name`.
"""

from ...core.net.transports import ConnectionFacts
from ...core.pv.stores.xavp import Stack, pick
from .settings import settings

LARGEST = 255  # bytes of both together


class State:
    """Of this process."""

    server_id = b""  # tls_set_connect_server_id: for the next connection only


def set_server_id(server_id: bytes) -> bool:
    """Keep it until a connection is opened; False when it is too long or has a NUL."""
    if len(server_id) > LARGEST or b"\0" in server_id:
        return False
    State.server_id = server_id
    return True


def label(xavps: Stack) -> bytes:
    """What the connection that is opened now carries; what the function has set is used up."""
    server_id, State.server_id = State.server_id, b""
    name = b""
    if settings.xavp_cfg:
        fields = pick(xavps.get(settings.xavp_cfg), 0)
        if isinstance(fields, dict):
            server_id = server_id or _field(fields, b"server_id")
            name = _field(fields, b"server_name")
    text = server_id + b"\0" + name
    return text if len(text) > 1 and len(text) <= LARGEST else b""


def _field(fields: Stack, name: bytes) -> bytes:
    value = pick(fields.get(name), 0)
    return value if isinstance(value, bytes) and b"\0" not in value else b""


def wanted(facts: ConnectionFacts) -> tuple[str, str]:
    """(server_id, server_name) that a connection carries, empty where nothing was said."""
    server_id, _, name = facts.label.partition(b"\0")
    return server_id.decode("latin-1"), name.decode("latin-1")
