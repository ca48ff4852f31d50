"""A SIP endpoint of a few lines, for tests that look at the wire.

It parses by splitting lines and nothing else, on purpose: what Kahea's own parser and builder produce must be judged by
something that shares no code with them.
"""

import itertools
import re
import socket
from dataclasses import dataclass, field

SERVER = ("127.0.0.1", 5060)
_serial = itertools.count(1)


@dataclass
class Wire:
    """One message as it arrived: start line, header list in order, body, and who sent it."""

    start: str
    headers: list[tuple[str, str]]
    body: str
    source: tuple[str, int]

    @classmethod
    def parse(cls, data: bytes, source: tuple[str, int]) -> "Wire":
        head, _, body = data.decode().partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        return cls(start, headers, body, source)

    @property
    def method(self) -> str:
        return self.start.split(" ", 1)[0]

    @property
    def uri(self) -> str:
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """The status code, 0 for a request."""
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/2.0 ") else 0

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        values = self.all(name)
        assert values, f"no {name} in {self.start}: {self.headers}"
        return values[0]

    @property
    def contact_uri(self) -> str:
        return uri_of(self.get("Contact"))


def uri_of(value: str) -> str:
    """The URI of a name-addr or addr-spec."""
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0]


@dataclass
class Call:
    """What one side must repeat through a dialog."""

    call_id: str
    local: str  # From as we write it, with tag
    remote: str  # To as we write it, with the peer's tag once known
    target: str  # Request-URI of the next request in the dialog
    routes: list[str] = field(default_factory=list)
    cseq: int = 1


class Peer:
    """A UDP socket on loopback that can speak and listen."""

    def __init__(self, port: int, user: str = "alice", server: tuple[str, int] = SERVER) -> None:
        self.user, self.port, self.server = user, port, server
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", port))

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: str | bytes, to: tuple[str, int] | None = None) -> None:
        self.sock.sendto(data.encode() if isinstance(data, str) else data, to or self.server)

    def recv(self, timeout: float = 2.0) -> Wire:
        self.sock.settimeout(timeout)
        data, source = self.sock.recvfrom(65535)
        return Wire.parse(data, source)

    def expect(self, what: str | int, timeout: float = 2.0, skip: tuple[int | str, ...] = (100,)) -> Wire:
        """The next message, which must be method or status `what`; those of `skip` may come before."""
        while True:
            message = self.recv(timeout)
            got: str | int = message.status or message.method
            if got == what:
                return message
            assert got in skip, f"{self.user} wanted {what}, got {message.start}"

    def silent(self, seconds: float) -> None:
        """Nothing may arrive for so long."""
        try:
            message = self.recv(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"{self.user} wanted silence, got {message.start}")

    def branch(self) -> str:
        return f"z9hG4bK-{self.port}-{next(_serial)}"

    def new_call(self, to: str, call_id: str | None = None) -> Call:
        n = next(_serial)
        target = to if to.startswith("sip:") else f"sip:{to}@127.0.0.1"
        return Call(call_id or f"c{n}-{self.port}@test", f"<sip:{self.user}@127.0.0.1>;tag=t{n}", f"<{target}>", target)

    def request(self, method: str, call: Call, extra: tuple[str, ...] = (), body: str = "", branch: str | None = None,
                max_forwards: int = 70, cseq: int | None = None) -> str:  # fmt: skip
        """The text of a request. ACK and CANCEL take the CSeq number of the INVITE through `cseq`."""
        lines = [
            f"{method} {call.target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch or self.branch()}",
            *(f"Route: {route}" for route in call.routes),
            f"From: {call.local}",
            f"To: {call.remote}",
            f"Call-ID: {call.call_id}",
            f"CSeq: {cseq or call.cseq} {method}",
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>",
            f"Max-Forwards: {max_forwards}",
            *extra,
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def reply(self, request: Wire, code: int, reason: str = "X", tag: str = "uas", extra: tuple[str, ...] = ()) -> str:
        """The text of a reply to `request`, with the headers RFC 3261 §8.2.6.2 wants copied."""
        to = request.get("To")
        if "tag=" not in to and code > 100:
            to += f";tag={tag}{self.port}"
        copied = [
            f"{n}: {v}" for n, v in request.headers if n.lower() in ("via", "from", "call-id", "cseq", "record-route")
        ]
        contact = [f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>"] if request.method == "INVITE" else []
        lines = [f"SIP/2.0 {code} {reason}", *copied, f"To: {to}", *contact, *extra, "Content-Length: 0"]
        return "\r\n".join(lines) + "\r\n\r\n"

    def answer(self, request: Wire, code: int, **kw: object) -> None:
        self.send(self.reply(request, code, **kw), request.source)  # type: ignore[arg-type]

    def invite(self, to: str) -> tuple[Call, str]:
        """Sends an INVITE; returns the call and its branch (for CANCEL and the ACK of a failure)."""
        call, branch = self.new_call(to), self.branch()
        self.send(self.request("INVITE", call, branch=branch))
        return call, branch

    def established(self, call: Call, ok: Wire) -> None:
        """Takes over what a 200 to our INVITE says: remote tag, remote target, route set in reverse."""
        call.remote, call.target = ok.get("To"), ok.contact_uri
        call.routes = list(reversed(split_list(ok.all("Record-Route"))))

    def accepted(self, invite: Wire, tag: str = "uas") -> Call:
        """The dialog as the callee of `invite` sees it, for requests of its own."""
        return Call(
            invite.get("Call-ID"), invite.get("To") + f";tag={tag}{self.port}", invite.get("From"), invite.contact_uri,
            split_list(invite.all("Record-Route")), 100,
        )  # fmt: skip

    def register(self, expires: int = 600, contacts: tuple[str, ...] | None = None, call_id: str | None = None,
                 cseq: int = 1, extra: tuple[str, ...] = ()) -> Wire:  # fmt: skip
        """Registers our own contact (or `contacts`, header values) and returns the final reply."""
        call = Call(call_id or f"reg-{self.port}", f"<sip:{self.user}@127.0.0.1>;tag=r{cseq}",
                    f"<sip:{self.user}@127.0.0.1>", "sip:127.0.0.1", [], cseq)  # fmt: skip
        text = self.request("REGISTER", call, extra=(f"Expires: {expires}", *extra))
        if contacts is not None:
            own = f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>\r\n"
            text = text.replace(own, "".join(f"Contact: {c}\r\n" for c in contacts))
        self.send(text)
        return self.recv()


def split_list(values: list[str]) -> list[str]:
    """Header values that may hold comma lists of name-addrs, as single values."""
    return [part.strip() for value in values for part in re.split(r",(?=\s*<)", value)]
