"""The sockets of the control process: listeners, connections, datagrams. What is said on them is a `Talk`.

One process serves them all, one request after the other. A peer that does not take its answer, or that sends BUFFER_MAX
bytes without a request in them, is closed.
"""

import os
import select
import socket
from collections.abc import Callable
from typing import Any

from ...core.log import logger
from ...core.process.waiter import Waiter
from ...core.rpc.endpoints import WRITE_WAIT_S, bind_inet, bind_unix, make_fifo, remove_file, write_all
from ...core.runtime import run_folder
from ...core.statistics import get_stat
from .settings import DATAGRAM, FIFO, STREAM, TCP, Address, settings

log = logger(__name__)
BUFFER_MAX = 1 << 17  # bytes received and not yet understood
READ = 1 << 16

Talk = Callable[[bytearray], tuple[bytes, int]]  # (answer to the first request, its size); size 0: it is incomplete


class Closing(Exception):
    """Raised by a Talk: this answer is the last one."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(answer)
        self.answer = answer


def count(name: str, n: int = 1) -> None:
    """Count for the statistic `ctl:name`."""
    stat = get_stat(f"ctl:{name}")
    if stat is not None:
        stat.inc(n)


def answer_all(talk: Talk, buffer: bytearray, send: Callable[[bytes], None]) -> None:
    """Answer the complete requests in the buffer and take them out. Closing."""
    while buffer:
        answer, used = talk(buffer)
        if not used:
            break
        del buffer[:used]
        if answer:
            send(answer)
    if len(buffer) > BUFFER_MAX:
        count("bad_requests")
        raise Closing(b"")


class Listener:
    """Something that the main process has opened; `serve` and what follows run in the control process."""

    def __init__(self, address: Address, talk: Talk) -> None:
        self.address, self.talk = address, talk
        self.connections: dict[int, Connection] = {}
        self.buffer = bytearray()
        transport = address.transport
        kind = socket.SOCK_STREAM if transport in (STREAM, TCP) else socket.SOCK_DGRAM
        self.path = os.path.join(run_folder(), address.place) if transport in (STREAM, DATAGRAM, FIFO) else ""
        if transport == FIFO:
            self.fd = make_fifo(self.path, settings.access())
            return
        unix = bool(self.path)
        self.socket = (
            bind_unix(self.path, kind, settings.access()) if unix else bind_inet(address.place, address.port, kind)
        )
        self.fd = self.socket.fileno()

    def serve(self, waiter: Waiter) -> None:
        """Take part in the loop."""
        if self.address.transport == FIFO:
            waiter.add(self.fd, self.lines)
        elif self.address.transport in (STREAM, TCP):
            waiter.add(self.fd, lambda: self.accept(waiter))
        else:
            waiter.add(self.fd, self.datagram)

    def lines(self) -> None:
        """The FIFO: answers go elsewhere, the Talk sees to it."""
        try:
            self.buffer += os.read(self.fd, READ)
            answer_all(self.talk, self.buffer, lambda answer: None)
        except BlockingIOError:
            return
        except Closing:
            self.buffer.clear()

    def accept(self, waiter: Waiter) -> None:
        """A new connection, refused when there are `max_connections`."""
        try:
            sock, peer = self.socket.accept()
        except OSError:
            return
        if len(open_connections()) >= settings.max_connections:
            count("refused_connections")
            sock.close()
            return
        Connection(self, sock, peer, waiter)

    def datagram(self) -> None:
        """One request in one datagram, its answer in one."""
        try:
            data, peer = self.socket.recvfrom(READ)
        except OSError:
            return
        if not peer:
            log.debug("a control datagram came from a socket without a name: nobody to answer")
            return
        try:
            answer, used = self.talk(bytearray(data))
            if not used:
                count("bad_requests")
        except Closing as last:
            answer = last.answer
        if answer:
            self.send(answer, peer)

    def send(self, answer: bytes, peer: Any) -> None:
        """Waits a moment for room in the peer's queue."""
        for _ in range(2):
            try:
                self.socket.sendto(answer, peer)
                return
            except BlockingIOError:
                select.select([], [self.socket], [], WRITE_WAIT_S)
            except OSError as error:
                log.debug("cannot answer %r: %s", peer, error.strerror)
                break
        count("unsent_answers")

    def close(self) -> None:
        """The end of the server."""
        if self.path:
            remove_file(self.path)


class Connection:
    """One peer of a stream socket."""

    def __init__(self, listener: Listener, sock: socket.socket, peer: Any, waiter: Waiter) -> None:
        sock.setblocking(False)
        self.listener, self.sock, self.peer, self.waiter = listener, sock, peer, waiter
        self.buffer = bytearray()
        listener.connections[sock.fileno()] = self
        count("connections")
        waiter.add(sock.fileno(), self.ready)

    def ready(self) -> None:
        """Bytes, or the end."""
        try:
            data = self.sock.recv(READ)
            if data:
                self.buffer += data
                answer_all(self.listener.talk, self.buffer, self.send)
                return
        except BlockingIOError:
            return
        except Closing as last:
            self.last_words(last.answer)
        except OSError as error:
            log.debug("a control connection is given up: %s", error.strerror)
        self.close()

    def send(self, answer: bytes) -> None:
        """OSError when the peer does not take it."""
        try:
            write_all(self.sock.fileno(), answer)
        except OSError:
            count("unsent_answers")
            raise

    def last_words(self, answer: bytes) -> None:
        """What is said before the end, if the peer listens."""
        try:
            self.send(answer)
        except OSError as error:
            log.debug("a peer did not take the last answer: %s", error.strerror)

    def close(self) -> None:
        """Out of the loop."""
        fd = self.sock.fileno()
        self.waiter.remove(fd)
        del self.listener.connections[fd]
        self.sock.close()
        count("connections", -1)


_listeners: list[Listener] = []


def listeners() -> list[Listener]:
    """All that is open."""
    return _listeners


def open_connections() -> list[Connection]:
    """Of this process: there are some in the control process only."""
    return [connection for listener in _listeners for connection in listener.connections.values()]
