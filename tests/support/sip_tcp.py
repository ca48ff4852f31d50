"""The SIP user agent of sip.py over TCP: a client's connection, and a listener that accepts connections."""

import socket
import time

from .sip import SERVER, Address, SipMessage, SipSocket


class SipStream(SipSocket):
    """A connection to the server (or `to`), or one that SipListener has `accepted` from there."""

    transport = "TCP"

    def __init__(
        self, to: Address = SERVER, port: int = 0, ip: str = "127.0.0.1", accepted: socket.socket | None = None
    ):
        if accepted is None:
            accepted = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET)
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            accepted.bind((ip, port))
            accepted.settimeout(5)
            accepted.connect(to)
        self.socket = accepted
        self.ip, self.port = self.socket.getsockname()[:2]
        self.peer = to[:2]
        self.pending = b""  # what came behind the last message

    def send(self, data: bytes, to: Address | None = None) -> None:
        self.socket.settimeout(5)
        self.socket.sendall(data)

    def receive(self, timeout: float = 2.0) -> SipMessage:
        """The next message; TimeoutError, or EOFError when the other side has closed."""
        end = time.monotonic() + timeout
        while (size := self.complete()) == 0:
            self.more(end - time.monotonic())
        data, self.pending = self.pending[:size], self.pending[size:]
        return SipMessage(data)

    def complete(self) -> int:
        """Length of the message at the front, 0 when not all of it is there."""
        head, found, body = self.pending.partition(b"\r\n\r\n")
        if not found:
            return 0
        length = int(SipMessage(head + found).get("Content-Length"))
        return len(head) + 4 + length if len(body) >= length else 0

    def more(self, timeout: float) -> None:
        self.socket.settimeout(max(timeout, 0.001))
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self.pending += data

    def raw(self, size: int, timeout: float = 2.0) -> bytes:
        """The next bytes, whatever they are."""
        end = time.monotonic() + timeout
        while len(self.pending) < size:
            self.more(end - time.monotonic())
        data, self.pending = self.pending[:size], self.pending[size:]
        return data

    def closed(self, timeout: float = 2.0) -> bool:
        """Whether the other side closes it within that time; what it sends before is passed over."""
        try:
            while True:
                self.more(timeout)
        except (EOFError, ConnectionError):
            return True
        except TimeoutError:
            return False


class SipListener:
    """A port of TCP where the server connects to."""

    def __init__(self, port: int = 0, ip: str = "127.0.0.1") -> None:
        self.socket = socket.create_server((ip, port), family=socket.AF_INET6 if ":" in ip else socket.AF_INET)
        self.ip, self.port = self.socket.getsockname()[:2]

    def accept(self, timeout: float = 2.0) -> SipStream:
        self.socket.settimeout(timeout)
        accepted, peer = self.socket.accept()
        return SipStream(peer[:2], accepted=accepted)

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> "SipListener":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
