"""Sockets and the log level over RPC."""

from typing import Any

from ...core import runtime
from ...core.net.addr import PROTO_NAMES
from ...core.net.sockets import aliases, sockets


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


def list_aliases() -> list[dict[str, Any]]:
    """In the shape of Kamailio's corex."""
    return [
        {"PROTO": PROTO_NAMES[proto] if proto else "any", "ADDR": host.decode(), "PORT": port}
        for host, port, proto in aliases()
    ]


def debug(level: int | None = None) -> dict[str, int]:
    """The log level; with an argument it becomes that in all processes."""
    runtime.sync()
    variable = runtime.find("core", "debug")
    old = int(variable.value) if variable is not None else 0
    if level is None:
        return {"debug": old}
    runtime.set_values({("core", "debug"): int(level)})
    return {"old": old, "new": int(level)}
