"""Route sets and what becomes of them: Request-URI, Routes, To tag -> code, Request-URI, dst_uri, Routes, socket.

Recorded from Debian's Kamailio 5.6.3 with the sockets 127.0.0.1:5060 and 127.0.0.1:5070, but `DIFFERENT`.
"""

from typing import NamedTuple


class Case(NamedTuple):
    """One request and what it must become."""

    name: str
    uri: str
    routes: list[str]
    to_tag: bool
    code: int
    uri_out: str
    dst_uri: str | None
    routes_out: list[str]
    socket: int | None = None


OURS, NEXT, STRICT = "<sip:127.0.0.1;lr;ftag=1>", "<sip:10.5.5.5;lr>", "<sip:10.6.6.6>"
BOB = "sip:bob@10.1.1.1"
RECORDED = [
    Case("no route", BOB, [], True, -1, BOB, None, []),
    Case("ours alone", BOB, [OURS], True, 1, BOB, None, []),
    Case("ours alone, initial", BOB, [OURS], False, -3, BOB, None, []),
    Case("ours and next", BOB, [OURS, NEXT], True, 1, BOB, "sip:10.5.5.5;lr", [NEXT]),
    Case("ours and next in one line", BOB, [f"{OURS}, {NEXT}"], True, 1, BOB, "sip:10.5.5.5;lr", [NEXT]),
    Case("ours and next, initial", BOB, [OURS, NEXT], False, 1, BOB, "sip:10.5.5.5;lr", [NEXT]),
    Case("foreign", BOB, [NEXT], True, 1, BOB, "sip:10.5.5.5;lr", [NEXT]),
    Case("foreign, initial", BOB, [NEXT], False, 1, BOB, "sip:10.5.5.5;lr", [NEXT]),
    Case("ours twice without r2", BOB, [OURS, OURS], True, 1, BOB, "sip:127.0.0.1;lr;ftag=1", [OURS]),
    Case("strict next hop", BOB, [OURS, STRICT], True, 1, "sip:10.6.6.6", None, [f"<{BOB}>"]),
    Case("strict and more", BOB, [f"{OURS}, {STRICT}, {NEXT}"], True, 1, "sip:10.6.6.6", None, [NEXT, f"<{BOB}>"]),
    Case("from strict", "sip:127.0.0.1;lr;ftag=1", [NEXT, f"<{BOB}>"], True, 1, BOB, "sip:10.5.5.5;lr", [NEXT]),
    Case("from strict, last", "sip:127.0.0.1;lr;ftag=1", [f"<{BOB}>"], True, 1, BOB, None, []),
    Case(
        "two of ours, r2",
        BOB,
        ["<sip:127.0.0.1;r2=on;lr;ftag=1>", "<sip:127.0.0.1:5070;r2=on;lr;ftag=1>"],
        True, 1, BOB, None, [], 1,
    ),
    Case(
        "two of ours and next, r2",
        BOB,
        ["<sip:127.0.0.1:5070;r2=on;lr;ftag=2>,<sip:127.0.0.1;r2=on;lr;ftag=2>", NEXT],
        True, 1, BOB, "sip:10.5.5.5;lr", [NEXT], 0,
    ),
]  # fmt: skip
DIFFERENT = [
    # Kamailio takes any of its addresses in the Request-URI for a strict router's work, RFC 3261 16.4 only what it put
    # into a Record-Route: a request for the server itself stays one
    Case("for the server itself", "sip:127.0.0.1", [OURS], True, 1, "sip:127.0.0.1", None, []),
    Case("for a user here", "sip:joe@127.0.0.1", [NEXT], True, 1, "sip:joe@127.0.0.1", "sip:10.5.5.5;lr", [NEXT]),
    # RFC 3261 16.12.1.2: several hops, a strict one in the middle and before us
    Case(
        "strict before us and after us",
        "sip:127.0.0.1;lr", [STRICT, f"<{BOB}>"], True, 1, "sip:10.6.6.6", None, [f"<{BOB}>"],
    ),
    Case("folded list", BOB, [f"{OURS},\r\n {NEXT}"], True, 1, BOB, "sip:10.5.5.5;lr", [NEXT]),
    Case("malformed", BOB, ["<sip:"], True, -1, BOB, None, ["<sip:"]),
    Case("malformed after ours", BOB, [f"{OURS}, <<"], True, -1, BOB, None, [f"{OURS}, <<"]),
]  # fmt: skip
