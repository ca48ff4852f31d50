"""The module's parameters, and the addresses in them: `[protocol:]path` or `[protocol:][host:]port`."""

import os
import re
from dataclasses import dataclass, field

from ...core.rpc.endpoints import Access, group_id, user_id

DEFAULT = b"unixs:kamailio_ctl"  # in the run folder
PORT = 2049
STREAM, DATAGRAM, FIFO, TCP, UDP = "unix_stream", "unix_dgram", "fifo", "tcp", "udp"  # as ctl.listen names them
PROTOCOLS = {"unixs": STREAM, "unix": STREAM, "unixd": DATAGRAM, "fifo": FIFO, "tcp": TCP, "udp": UDP}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a protocol is spoken: a path (port 0), or host and port."""

    protocol: str  # binrpc or fifo
    transport: str
    place: str
    port: int = 0


@dataclass
class Settings:
    """Values of `modparam("ctl", ...)`."""

    addresses: list[Address] = field(default_factory=list)
    mode: int = 0o600
    user: int = -1
    group: int = -1
    autoconversion: int = 0  # types are converted whatever it says
    binrpc_buffer_size: int = 1024  # Kamailio's for printing; we need none
    binrpc_max_body_size: int = 32  # KB of a reply
    binrpc_struct_max_body_size: int = 8  # KB of a struct in it
    max_connections: int = 64  # open at a time

    def access(self) -> Access:
        """Rights of the files."""
        return Access(self.mode, self.user, self.group)

    def add_binrpc(self, value: bytes) -> None:
        """One more address; the default is then none."""
        self.addresses.append(parse_address("binrpc", value))

    def add_fifo(self, value: bytes) -> None:
        """The same for the old line protocol."""
        self.addresses.append(parse_address("fifo", value))

    def set_user(self, value: int | bytes) -> None:
        self.user = user_id(value)

    def set_group(self, value: int | bytes) -> None:
        self.group = group_id(value)

    def set_buffer(self, value: int | bytes) -> None:
        """Kamailio takes a number in a text, too."""
        self.binrpc_buffer_size = int(value)

    def wanted(self) -> list[Address]:
        """Where to listen; the default when nothing was said of binrpc."""
        given = any(address.protocol == "binrpc" for address in self.addresses)
        return [*([] if given else [parse_address("binrpc", DEFAULT)]), *self.addresses]


def parse_address(protocol: str, value: bytes) -> Address:
    """ValueError with a sentence."""
    text = os.fsdecode(value)
    name, colon, rest = text.partition(":")
    transport = PROTOCOLS.get(name) if colon else None
    if transport is None:
        rest = text
        transport = guess(protocol, text)
    if transport == FIFO and protocol == "binrpc":
        raise ValueError("binrpc needs a socket: unixs, unixd, tcp or udp")
    if not rest:
        raise ValueError(f'"{text}" has no address')
    return Address(protocol, transport, *split(transport, rest))


def guess(protocol: str, text: str) -> str:
    """The transport of an address that does not name it: a path is a file, anything else UDP."""
    if protocol == "fifo":
        return FIFO
    return STREAM if "/" in text else UDP


def split(transport: str, text: str) -> tuple[str, int]:
    """(path, 0) or (host, port); `*`, or only a port, is every address of the machine."""
    if transport not in (TCP, UDP):
        return text, 0
    found = re.fullmatch(r"(?:(\[[0-9a-fA-F:.]+\]|[^:\[\]]*):)?(\d+)", text)
    host, port = (found[1] or "*", int(found[2])) if found else (text, PORT)
    if not found and ":" in text.strip("[]") and not text.startswith("["):
        raise ValueError(f'"{text}" is not host:port')
    if not 0 < port < 65536:
        raise ValueError(f"{port} is no port")
    return ("0.0.0.0" if host == "*" else host.strip("[]")), port


settings = Settings()
INTEGERS = (
    "mode", "autoconversion", "binrpc_max_body_size", "binrpc_struct_max_body_size", "max_connections",
)  # fmt: skip
