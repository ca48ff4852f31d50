"""Sockets and the log level over RPC."""

from typing import Any

from ...core import log
from ...core.net.addr import PROTO_NAMES
from ...core.net.sockets import sockets


def list_sockets() -> list[dict[str, Any]]:
    """In the shape of Kamailio's corex."""
    return [
        {
            "PROTO": PROTO_NAMES[info.proto],
            "NAME": info.ip.decode(),
            "ADDRLIST": {"ADDR": info.ip.decode()},
            "PORT": info.port,
            "MCAST": "no",
            "MHOMED": "no",
            "VIRTUAL": "yes" if info.virtual else "no",
            "SOCKNAME": info.name.decode() or "-",
            "ADVERTISE": info.advertise_host.decode() or "-",
        }
        for info in sockets()
    ]


def debug(level: int | None = None) -> dict[str, int]:
    """The level of the process that answers; with an argument it becomes that."""
    old = log.state.level
    if level is None:
        return {"debug": old}
    log.state.level = int(level)
    return {"old": old, "new": log.state.level}
