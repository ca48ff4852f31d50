"""`ctl.*`: who is connected, where we listen. Flat lists, as kamcmd's `who` and `listen` print them."""

from typing import Any

from ...core.rpc.registry import RpcError
from ...core.statistics import get_stat
from .settings import TCP
from .sockets import listeners, open_connections

ANONYMOUS = "<anonymous unix socket>"


def who() -> list[Any]:
    """For each connection: protocol, transport, from, its port, to, its port."""
    found: list[Any] = []
    for connection in open_connections():
        address = connection.listener.address
        own = (connection.listener.path or address.place, address.port or "")
        peer = connection.peer[:2] if address.transport == TCP else (connection.peer or ANONYMOUS, "")
        found += [address.protocol, address.transport, *peer, *own]
    if not found:
        raise RpcError(400, "no open stream connection")
    return found


def connections() -> int:
    """How many, seen from any process."""
    stat = get_stat("ctl:connections")
    return stat.value if stat is not None else 0


def listen() -> list[Any]:
    """For each socket: protocol, transport, address, port."""
    found: list[Any] = []
    for listener in listeners():
        address = listener.address
        found += [address.protocol, address.transport, listener.path or address.place, address.port or ""]
    return found
