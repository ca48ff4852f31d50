"""Which client profile, and which name, an outgoing connection is to have: said by the script, in the process that
sends; needed by the receiver that owns the connection.

It travels with the connection as a label: `server_id NUL server_name`.
"""

from typing import Any

from ...core.net.transports import ConnectionFacts
from ...core.pv.stores.xavp import Stack, pick
from ...src.native import lib
from .settings import settings


def set_server_id(server_id: bytes) -> bool:
    """For the next connection that this process opens; b"" takes it back. False when it is too long or has a NUL."""
    if b"\0" in server_id:
        return False
    text = server_id + b"\0" if server_id else b""
    return int(lib.kh_stream_label(text, len(text), 1)) == lib.KH_OK


def label(msg: Any) -> bytes:
    """What connections for this message carry: of the xavp that `xavp_cfg` names. b"" when it says nothing."""
    fields = pick(msg.xavps.get(settings.xavp_cfg), 0)
    if not isinstance(fields, dict):
        return b""
    text = _field(fields, b"server_id") + b"\0" + _field(fields, b"server_name")
    return text if 1 < len(text) <= lib.KH_CONN_LABEL else b""


def _field(fields: Stack, name: bytes) -> bytes:
    value = pick(fields.get(name), 0)
    return value if isinstance(value, bytes) and b"\0" not in value else b""


def wanted(facts: ConnectionFacts) -> tuple[str, str]:
    """(server_id, server_name) that a connection carries, empty where nothing was said."""
    server_id, _, name = facts.label.partition(b"\0")
    return server_id.decode("latin-1"), name.decode("latin-1")
