"""A phone of a few lines: the test client with a user, dialogs and answers, strict about what arrives."""

import re
from dataclasses import dataclass, field

from kahea.tests.support.sip import SERVER, Address, SipMessage, SipSocket, unique

COPIED_TO_REPLIES = ("via", "from", "call-id", "cseq", "record-route")  # RFC 3261 §8.2.6.2; To gets a tag


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
    """A user on a UDP port of loopback. Use as a context manager."""

    def __init__(self, port: int, user: str = "alice") -> None:
        self.line = SipSocket(port)
        self.user, self.port = user, port
        self.seen: set[bytes] = set()  # all that `expect` has met

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def send(self, text: str, to: Address = SERVER) -> None:
        self.line.send(text.encode(), to)

    def receive(self, timeout: float = 2.0) -> SipMessage:
        """Whatever comes next."""
        return self.line.receive(timeout)

    def expect(self, what: str | int, timeout: float = 2.0, skip: tuple[int | str, ...] = (100,)) -> SipMessage:
        """The next message, which must be method or status `what`; only those of `skip` may come before, and what came
        before already: on a busy machine a request is repeated although nothing was lost."""
        while True:
            message = self.receive(timeout)
            repeated = message.data in self.seen
            self.seen.add(message.data)
            got: str | int = message.status or message.method
            if got == what:
                return message
            if repeated:
                continue
            assert got in skip, f"{self.user} wanted {what}, got {message.start}"

    def quiet(self, seconds: float) -> None:
        """Nothing may arrive for so long."""
        assert self.line.silent(seconds), f"{self.user} wanted silence"

    def new_call(self, to: str, call_id: str | None = None) -> Call:
        target = to if to.startswith("sip:") else f"sip:{to}@127.0.0.1"
        own = f"<sip:{self.user}@127.0.0.1>;tag={unique('t')}"
        return Call(call_id or unique("call"), own, f"<{target}>", target)

    def request(self, method: str, call: Call, extra: tuple[str, ...] = (), body: str = "", branch: str | None = None,
                max_forwards: int = 70, cseq: int | None = None) -> str:  # fmt: skip
        """The text of a request. ACK and CANCEL take the CSeq number of the INVITE through `cseq`."""
        lines = [
            f"{method} {call.target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch or unique('z9hG4bK')}",
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

    def reply(
        self, request: SipMessage, code: int, reason: str = "X", tag: str = "uas", extra: tuple[str, ...] = ()
    ) -> str:
        """The text of a reply to `request`, with the headers RFC 3261 §8.2.6.2 wants copied."""
        to = request.get("To")
        if "tag=" not in to and code > 100:
            to += f";tag={tag}{self.port}"
        copied = [f"{name}: {value}" for name, value in request.headers if name.lower() in COPIED_TO_REPLIES]
        contact = [f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>"] if request.method == "INVITE" else []
        lines = [f"SIP/2.0 {code} {reason}", *copied, f"To: {to}", *contact, *extra, "Content-Length: 0"]
        return "\r\n".join(lines) + "\r\n\r\n"

    def answer(self, request: SipMessage, code: int, **kw: object) -> None:
        self.send(self.reply(request, code, **kw), self.line.peer)  # type: ignore[arg-type]

    def invite(self, to: str) -> tuple[Call, str]:
        """Sends an INVITE; returns the call and its branch (for CANCEL and the ACK of a failure)."""
        call, branch = self.new_call(to), unique("z9hG4bK")
        self.send(self.request("INVITE", call, branch=branch))
        return call, branch

    def established(self, call: Call, ok: SipMessage) -> None:
        """Takes over what a 200 to our INVITE says: remote tag, remote target, route set in reverse."""
        call.remote, call.target = ok.get("To"), uri_of(ok.get("Contact"))
        call.routes = list(reversed(split_list(ok.all("Record-Route"))))

    def accepted(self, invite: SipMessage, tag: str = "uas") -> Call:
        """The dialog as the callee of `invite` sees it, for requests of its own."""
        own, target = invite.get("To") + f";tag={tag}{self.port}", uri_of(invite.get("Contact"))
        routes = split_list(invite.all("Record-Route"))
        return Call(invite.get("Call-ID"), own, invite.get("From"), target, routes, 100)

    def register(self, expires: int = 600, contacts: tuple[str, ...] | None = None, call_id: str | None = None,
                 cseq: int = 1, extra: tuple[str, ...] = ()) -> SipMessage:  # fmt: skip
        """Registers our own contact (or `contacts`, header values) and returns the final reply."""
        call = Call(call_id or f"reg-{self.port}", f"<sip:{self.user}@127.0.0.1>;tag=r{cseq}",
                    f"<sip:{self.user}@127.0.0.1>", "sip:127.0.0.1", [], cseq)  # fmt: skip
        text = self.request("REGISTER", call, extra=(f"Expires: {expires}", *extra))
        if contacts is not None:
            own = f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>\r\n"
            text = text.replace(own, "".join(f"Contact: {c}\r\n" for c in contacts))
        self.send(text)
        return self.receive()


def split_list(values: list[str]) -> list[str]:
    """Header values that may hold comma lists of name-addrs, as single values."""
    return [part.strip() for value in values for part in re.split(r",(?=\s*<)", value)]
