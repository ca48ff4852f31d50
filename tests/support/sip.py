"""A SIP user agent of a few lines: a UDP socket, a builder of requests and replies, a reader of messages."""

import itertools
import os
import socket
import time
from typing import Self

SERVER = ("127.0.0.1", 5060)
Address = tuple[str, int]
_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A text no other call of this run returned: for branches, tags and Call-IDs."""
    return f"{prefix}{os.getpid()}x{next(_numbers)}"


class SipMessage:
    """A message as text: start line, headers in order, body."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        self.start = lines[0]
        self.headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        self.body = body

    @property
    def status(self) -> int:
        """200 of a reply, 0 of a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        """`INVITE` of a request; of a reply the method in CSeq."""
        return self.all("CSeq")[0].split()[1] if self.status else self.start.split()[0]

    @property
    def uri(self) -> str:
        """The request URI."""
        return self.start.split()[1]

    def all(self, name: str) -> list[str]:
        """Values of all headers of that name, one an entry, top first."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next(iter(self.all(name)), None)

    def get(self, name: str) -> str:
        """The first header of that name, which must be there."""
        values = self.all(name)
        assert values, f"no {name} in {self.start}: {self.headers}"
        return values[0]

    @property
    def branch(self) -> str:
        """The branch of the top Via."""
        return self.all("Via")[0].partition("branch=")[2].partition(";")[0]

    def reply(self, status: int, reason: str = "", *headers: str, tag: str | None = "uas", body: str = "") -> bytes:
        """The reply a user agent sends: Via, Record-Route, From, To (with a tag), Call-ID, CSeq copied."""
        lines = [f"SIP/2.0 {status} {reason or 'Reason'}"]
        for name, value in self.headers:
            if name.lower() in ("via", "record-route", "from", "to", "call-id", "cseq"):
                if name.lower() == "to" and tag and ";tag=" not in value:
                    value = f"{value};tag={tag}"
                lines.append(f"{name}: {value}")
        return message(lines, headers, body)

    def __repr__(self) -> str:
        return self.data.decode("utf-8", "replace")


def message(lines: list[str], headers: tuple[str, ...], body: str) -> bytes:
    """Start line and headers, more headers, Content-Length, body."""
    return ("\r\n".join([*lines, *headers, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()


class SipSocket:
    """A UDP socket that sends and expects SIP messages."""

    transport = "UDP"  # as Via has it

    def __init__(self, port: int = 0, ip: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ip, port))
        self.ip, self.port = self.socket.getsockname()[:2]
        self.peer: Address = SERVER  # who sent the last message

    def request(
        self,
        method: str,
        uri: str,
        *headers: str,
        body: str = "",
        branch: str | None = None,
        call_id: str | None = None,
        cseq: int = 1,
        from_: str = "<sip:alice@test>;tag=uac",
        to: str | None = None,
        max_forwards: int | None = 70,
    ) -> bytes:
        """The bytes of a request from this socket; parameters left out get fresh or usual values."""
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.transport} {self.ip}:{self.port};branch={branch or unique('z9hG4bK')}",
            f"From: {from_}",
            f"To: {to or f'<{uri}>'}",
            f"Call-ID: {call_id or unique('call')}",
            f"CSeq: {cseq} {method}",
        ]
        if max_forwards is not None:
            lines.append(f"Max-Forwards: {max_forwards}")
        return message(lines, headers, body)

    def send(self, data: bytes, to: Address | None = None) -> None:
        """Send a datagram, to the server unless `to` is given."""
        self.socket.sendto(data, to or SERVER)

    def receive(self, timeout: float = 2.0) -> SipMessage:
        """The next message; TimeoutError after `timeout` seconds."""
        self.socket.settimeout(max(timeout, 0.001))
        data, address = self.socket.recvfrom(65535)
        self.peer = address[:2]
        return SipMessage(data)

    def expect(self, what: int | str, timeout: float = 2.0) -> SipMessage:
        """The next message that is this status or this request method; others (retransmissions, 100) are skipped."""
        end = time.monotonic() + timeout
        seen: list[str] = []
        while (left := end - time.monotonic()) > 0:
            try:
                received = self.receive(left)
            except TimeoutError:
                break
            if received.status == what or (isinstance(what, str) and not received.status and received.method == what):
                return received
            seen.append(received.start)
        raise AssertionError(f"expected {what} within {timeout} s, saw {seen}")

    def silent(self, seconds: float = 0.5) -> bool:
        """True when nothing arrives for that long."""
        try:
            self.receive(seconds)
        except TimeoutError:
            return True
        return False

    def call(self, data: bytes, status: int = 200, timeout: float = 2.0) -> SipMessage:
        """Send a request and expect a final status."""
        self.send(data)
        return self.expect(status, timeout)

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
