"""SIP messages as tests write and read them: text, not bytes; no library of the server is involved."""

from dataclasses import dataclass, field

COMPACT = {"v": "via", "f": "from", "t": "to", "m": "contact", "i": "call-id", "s": "subject", "l": "content-length",
           "c": "content-type", "k": "supported"}  # fmt: skip
SINGLE = ("from", "to", "call-id", "cseq")  # copied into a reply, beside Via and Record-Route


@dataclass
class Message:
    """One message that left the server: `to` is the destination `ip:port`, `over` the transport, `socket` where it left
    ("udp:192.0.2.1:5060"), `connection` the number of the stream connection (0 for datagrams), `closes`: it is closed
    after it.
    """

    data: bytes
    to: str = ""
    over: str = "udp"
    socket: str = ""
    connection: int = 0
    closes: bool = False
    start: str = field(init=False)
    lines: list[tuple[str, str]] = field(init=False)  # headers: name, body
    body: str = field(init=False)

    def __post_init__(self) -> None:
        head, _, body = self.data.decode("utf-8", "surrogateescape").partition("\r\n\r\n")
        self.start, *lines = head.replace("\r\n ", " ").split("\r\n")
        self.lines = [(name.strip(), text.strip()) for name, _, text in (line.partition(":") for line in lines)]
        self.body = body

    @property
    def where(self) -> str:
        """The destination for people: with the transport when it is not UDP."""
        return self.to if self.over == "udp" else f"{self.over}:{self.to}"

    @property
    def is_request(self) -> bool:
        """A request, not a reply."""
        return not self.start.startswith("SIP/2.0")

    @property
    def method(self) -> str:
        """Method; of a reply the one in CSeq."""
        return self.start.split(" ")[0] if self.is_request else (self.header("CSeq") or "").split(" ")[-1]

    @property
    def uri(self) -> str:
        """Request-URI; "" in a reply."""
        return self.start.split(" ")[1] if self.is_request else ""

    @property
    def status(self) -> int:
        """Status code; 0 in a request."""
        return 0 if self.is_request else int(self.start.split(" ")[1])

    @property
    def reason(self) -> str:
        """Reason phrase of a reply."""
        return "" if self.is_request else self.start.split(" ", 2)[-1]

    def headers(self, name: str) -> list[str]:
        """Bodies of all headers of a name; compact forms are found under the long name."""
        wanted = name.lower()
        return [text for key, text in self.lines if COMPACT.get(key.lower(), key.lower()) == wanted]

    def header(self, name: str) -> str | None:
        """Body of the first, or None."""
        return next(iter(self.headers(name)), None)

    @property
    def text(self) -> str:
        """All of it, to be read by people."""
        head = "\n".join([self.start, *(f"{name}: {text}" for name, text in self.lines)])
        return f"{head}\n\n{self.body}".rstrip()

    def __repr__(self) -> str:
        return f"<{self.start!r} to {self.where}>"


def transport_param(over: str) -> str:
    """What a Contact says about a transport."""
    return "" if over == "udp" else f";transport={over}"


def make_request(
    method: str, uri: str, number: int, source: str, headers: dict[str, str], body: str, over: str = "udp"
) -> bytes:
    """A request with the usual headers; `headers` replaces or adds, a value of "" leaves one out."""
    fields = {
        "Via": f"SIP/2.0/{over.upper()} {source};branch=z9hG4bK-test-{number}",
        "Max-Forwards": "70",
        "From": f"<sip:alice@example.com>;tag=from{number}",
        "To": f"<{uri}>",
        "Call-ID": f"call-{number}@test",
        "CSeq": f"1 {method}",
        "Contact": f"<sip:alice@{source}{transport_param(over)}>",
        **headers,
        "Content-Length": str(len(body.encode())),
    }
    lines = [f"{method} {uri} SIP/2.0", *(f"{name}: {text}" for name, text in fields.items() if text)]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


def make_reply(request: Message, status: int, reason: str, headers: dict[str, str], body: str = "") -> bytes:
    """The reply of who got `request`; a To tag is added, except to a 100."""
    lines = [f"SIP/2.0 {status} {reason or 'Test'}"]
    for name, text in request.lines:
        key = COMPACT.get(name.lower(), name.lower())
        if key == "to" and status > 100 and "tag=" not in text:
            text += ";tag=to"
        if key in ("via", "record-route", *SINGLE):
            lines.append(f"{name}: {text}")
    if 100 < status < 300 and "Contact" not in headers and request.to:
        lines.append(f"Contact: <sip:{request.to}{transport_param(request.over)}>")
    lines += [f"{name}: {text}" for name, text in headers.items() if text]
    lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")
