"""`core.sockets_list`, `core.ppdefines`: where the server listens, and which defines its configuration had."""

from typing import Any

from ..net.addr import PROTO_NAMES
from ..net.sockets import aliases, sockets
from ..script import script
from .registry import register_rpc


def sockets_list() -> list[dict[str, Any]]:
    """One `socket` struct each, in Kamailio's shape: texts, yes and no."""
    return [
        {
            "socket": {
                "proto": PROTO_NAMES[info.proto],
                "address": info.ip.decode(),
                "ipaddress": info.ip.decode(),
                "port": str(info.port),
                "mcast": "no",
                "mhomed": "no",
                "virtual": "yes" if info.virtual else "no",
                **({"name": info.name.decode()} if info.name else {}),
                **({"advertise": info.advertise_host.decode()} if info.advertise_host else {}),
            }
        }
        for info in sockets()
    ]


def aliases_list() -> dict[str, Any]:
    """Kamailio's shape: `*` is any protocol or port."""
    entries = [
        {"alias": {"proto": PROTO_NAMES[proto] if proto else "*", "address": host.decode(), "port": port or "*"}}
        for host, port, proto in aliases()
    ]
    return {"myself_callbacks": "no", "aliases": entries}


def ppdefines() -> list[str]:
    return sorted(script.defines)


def ppdefines_full() -> list[dict[str, str]]:
    return [
        {"name": name, "type": "define" if value else "boolean", "value": value or "none"}
        for name, value in sorted(script.defines.items())
    ]


COMMANDS: list[tuple[str, Any, str]] = [
    ("core.sockets_list", sockets_list, "Listening sockets."),
    ("core.aliases_list", aliases_list, "Names of this server besides its sockets."),
    ("core.ppdefines", ppdefines, "Names of the preprocessor defines."),
    ("core.ppdefines_full", ppdefines_full, "Preprocessor defines with their values."),
]


def register_all() -> None:
    """Main process, once."""
    for name, function, doc in COMMANDS:
        register_rpc(name, function, doc)
