"""The module's parameters."""

import grp
import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass

HTTP, FIFO, DATAGRAM = 1, 2, 4


@dataclass
class Settings:
    """Values of `modparam("jsonrpcs", ...)`. Modes are numbers, -1 as user or group leaves it as it is."""

    transport: int = 6  # sum of bits: 1 HTTP, 2 FIFO, 4 datagram; 0 all that are configured
    pretty_format: int = 1
    fifo_name: bytes = b"kamailio_rpc.fifo"  # under the run folder unless absolute; empty switches it off
    fifo_mode: int = 0o660
    fifo_user: int = -1
    fifo_group: int = -1
    fifo_reply_dir: bytes = b"/tmp/"
    dgram_socket: bytes = b"kamailio_rpc.sock"  # a path as above, or udp:ip:port
    dgram_mode: int = 0o660
    dgram_user: int = -1
    dgram_group: int = -1
    dgram_workers: int = 1
    dgram_timeout: int = 2000  # ms a reply may wait for its reader

    def uses(self, transport: int) -> bool:
        """Whether a transport is switched on."""
        return self.transport == 0 or bool(self.transport & transport)


settings = Settings()
INTEGERS = ("transport", "pretty_format", "fifo_mode", "dgram_mode", "dgram_workers", "dgram_timeout")
TEXTS = ("fifo_name", "fifo_reply_dir", "dgram_socket")


def identity(attribute: str) -> Callable[[int | bytes], None]:
    """A setter for a user or group: a number, or a name that must exist."""

    def setter(value: int | bytes) -> None:
        if isinstance(value, bytes):
            name = os.fsdecode(value)
            try:
                value = pwd.getpwnam(name).pw_uid if attribute.endswith("user") else grp.getgrnam(name).gr_gid
            except KeyError:
                raise ValueError(f"there is no {attribute.rpartition('_')[2]} {name}") from None
        setattr(settings, attribute, value)

    return setter


IDENTITIES: list[tuple[str, type, Callable[[int | bytes], None]]] = [
    (name, kind, identity(name))
    for name in ("fifo_user", "fifo_group", "dgram_user", "dgram_group")
    for kind in (int, bytes)
]
