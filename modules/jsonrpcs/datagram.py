"""The datagram transport: a document in one datagram, its reply in one datagram to the sender."""

import contextlib
import errno
import os
import select
import socket
import stat
from typing import Any

from ...core.errors import ModuleError
from ...core.log import logger
from ...core.rpc.registry import RpcError
from .document import Reply, handle

log = logger(__name__)
DATAGRAM_MAX = 65456  # bytes of a document, as in Kamailio


class Datagram:
    """A unix datagram socket (a path) or a UDP socket (`udp:ip:port`); shared by `dgram_workers` processes."""

    def __init__(self, address: str, mode: int, user: int, group: int, timeout_ms: int, pretty: bool) -> None:
        self.timeout_ms, self.pretty = timeout_ms, pretty
        self.socket = bind_udp(address) if address.startswith("udp:") else bind_unix(address, mode, user, group)
        self.socket.setblocking(False)
        self.path = "" if address.startswith("udp:") else address

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
        """The end of the server; where we have no right to any more it stays, and the next start replaces it."""
        if self.path:
            with contextlib.suppress(OSError):
                os.unlink(self.path)

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


def bind_unix(path: str, mode: int, user: int, group: int) -> socket.socket:
    """Make the socket file; a left-over one is replaced."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        if os.path.lexists(path) and stat.S_ISSOCK(os.lstat(path).st_mode):
            refuse_if_served(path)
            os.unlink(path)
        sock.bind(path)
        os.chmod(path, mode)
        os.chown(path, user, group)
    except OSError as error:
        sock.close()
        raise ModuleError(f"cannot create the socket {path}: {error.strerror or error}") from error
    except ModuleError:
        sock.close()
        raise
    return sock


def refuse_if_served(path: str) -> None:
    """ModuleError when a running server has this socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(path)
        except OSError:
            return  # nobody
    raise ModuleError(f"the socket {path} belongs to a server that runs")


def bind_udp(address: str) -> socket.socket:
    """`udp:127.0.0.1:8090`, `udp:[::1]:8090`."""
    host, _, port = address.removeprefix("udp:").rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit():
        raise ModuleError(f'dgram_socket "{address}" is not udp:ip:port')
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((host, int(port)))
    except OSError as error:
        sock.close()
        raise ModuleError(f"cannot bind {address}: {error.strerror or error}") from error
    return sock
