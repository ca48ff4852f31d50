"""Requests inside a call: what their Request-URI and headers are, from a message of that call (RFC 3261 12.2.1)."""

import re

from .message import Message

_URI = re.compile(r"<([^>]*)>|([^;,\s]+)")


def uri_of(address: str | None) -> str:
    """The URI in a name-addr; "" for none."""
    found = _URI.search(address or "")
    return "" if found is None else found[1] or found[2]


def split(bodies: list[str]) -> list[str]:
    """The values of comma lists."""
    return [value.strip() for body in bodies for value in re.split(r",(?=\s*<)", body) if value.strip()]


def within(message: Message, method: str, number: int) -> tuple[str, dict[str, str]]:
    """(Request-URI, headers) of the next request in the call that `message` belongs to.

    Of a reply: the next request of the caller. Of a request: of the called party, who got it. CSeq `number`; an ACK has
    that of its INVITE.
    """
    routes = split(message.headers("Record-Route"))
    sender, target = message.header("From") or "", message.header("To") or ""
    if message.is_request:
        sender, target = (target if "tag=" in target else target + ";tag=to"), sender
    else:
        routes.reverse()
    sequence = (message.header("CSeq") or "1").split(" ")[0] if method == "ACK" else str(number)
    headers = {"From": sender, "To": target, "Call-ID": message.header("Call-ID") or "", "CSeq": f"{sequence} {method}",
               "Route": ", ".join(routes)}  # fmt: skip
    return uri_of(message.header("Contact")) or uri_of(target), headers
