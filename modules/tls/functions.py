"""Functions of the script."""

from typing import Any

from ...core.log import logger
from ...core.pv.exports import Value
from . import certificate
from .server_id import set_server_id
from .variables import BY_NAME, NEEDING_LIBRARY, connection, verified

log = logger(__name__)
NO, YES = -1, 1


def is_peer_verified(msg: Any) -> int:
    """1 when the message came over TLS from a peer whose certificate was verified, else -1."""
    made = connection(msg)
    return YES if made is not None and verified(made) else NO


def tls_set_connect_server_id(msg: Any, server_id: bytes) -> int:
    """The profile, by its server_id, of the next connection that this process opens; b"" takes it back. -1: it is too
    long to be one."""
    return YES if set_server_id(server_id) else NO


def cget(msg: Any, name: bytes) -> Value:
    """KEMI: the value of a variable by its name without the dollar sign ("tls_version"), as a text; None: unknown."""
    text = name.decode("latin-1")
    read, made = BY_NAME.get(text), connection(msg)
    if read is None or made is None:
        return None
    if not certificate.AVAILABLE and text in NEEDING_LIBRARY:
        log.error("%s %s", text, certificate.MISSING)
        return None
    value = read(made)
    return b"%d" % value if isinstance(value, int) else value
