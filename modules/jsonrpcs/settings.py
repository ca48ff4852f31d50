"""The module's parameters."""

from collections.abc import Callable
from dataclasses import dataclass

from ...core.rpc.endpoints import group_id, user_id

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
    number = user_id if attribute.endswith("user") else group_id
    return lambda value: setattr(settings, attribute, number(value))


IDENTITIES = [(name, identity(name)) for name in ("fifo_user", "fifo_group", "dgram_user", "dgram_group")]
