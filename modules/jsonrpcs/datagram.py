"""The datagram transport: a document in one datagram, its reply in one datagram to the sender."""

import errno
import select
import socket
from typing import Any

from ...core.errors import ModuleError
from ...core.log import logger
from ...core.rpc.endpoints import Access, bind_inet, bind_unix, remove_file
from ...core.rpc.registry import RpcError
from .document import Reply, handle

log = logger(__name__)
DATAGRAM_MAX = 65456  # bytes of a document, as in Kamailio


class Datagram:
    """A unix datagram socket (a path) or a UDP socket (`udp:ip:port`); shared by `dgram_workers` processes."""

    def __init__(self, address: str, access: Access, timeout_ms: int, pretty: bool) -> None:
        self.timeout_ms, self.pretty = timeout_ms, pretty
        self.path = "" if address.startswith("udp:") else address
        self.socket = bind_unix(self.path, socket.SOCK_DGRAM, access) if self.path else bind_udp(address)

    def fileno(self) -> int:
        return self.socket.fileno()

    def ready(self) -> None:
        """A datagram is there, unless another worker was faster."""
        try:
            data, sender = self.socket.recvfrom(DATAGRAM_MAX + 1)
        except (BlockingIOError, ConnectionError):
            return
        if len(data) > DATAGRAM_MAX or not sender:
            log.debug("JSON-RPC datagram of %d bytes dropped: too big, or no address to answer", len(data))
            return
        reply = handle(data)
        if reply is not None:
            self.send(reply.encode(self.pretty), sender)

    def remove(self) -> None:
        """The end of the server."""
        if self.path:
            remove_file(self.path)

    def send(self, data: bytes, sender: Any) -> None:
        """Answer; wait at most `dgram_timeout` for room in the reader's queue."""
        for _ in range(2):
            try:
                self.socket.sendto(data, sender)
                return
            except BlockingIOError:
                select.select([], [self.socket], [], self.timeout_ms / 1000)
            except OSError as error:
                if error.errno != errno.EMSGSIZE:
                    log.debug("cannot answer %r: %s", sender, error.strerror)
                    return
                data = too_big(len(data))
        log.debug("cannot answer %r: its queue is full", sender)


def too_big(size: int) -> bytes:
    """The fault for a result that no datagram can carry."""
    fault = RpcError(500, f"the reply of {size} bytes is too big for a datagram: use the FIFO")
    return Reply.fault(fault).encode(False)


def bind_udp(address: str) -> socket.socket:
    """`udp:127.0.0.1:8090`, `udp:[::1]:8090`."""
    host, _, port = address.removeprefix("udp:").rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit():
        raise ModuleError(f'dgram_socket "{address}" is not udp:ip:port')
    return bind_inet(host, int(port), socket.SOCK_DGRAM)
