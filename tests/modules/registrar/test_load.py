"""50,000 phones register over the wire; every one is found again, and what they cost is known."""

import socket
from collections.abc import Callable, Iterator

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SERVER, SipSocket

PHONES = 50_000
WINDOW = 64  # requests on the way at a time
BYTES_A_CONTACT = 400  # of shared memory, at most; measured 224

CONFIG = """
loadmodule "sl.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "jsonrpcs.so"
request_route {
    if (is_method("REGISTER")) { save("location"); exit; }
    if (lookup("location")) { sl_send_reply("302", "Found"); exit; }
    sl_send_reply("404", "Not Found");
}
"""


def request(method: str, n: int) -> bytes:
    user = f"sip:phone{n}@127.0.0.1"
    contact = f"Contact: <sip:phone{n}@127.0.0.1:5070>;expires=3600\r\n" if method == "REGISTER" else ""
    return (
        f"{method} {user} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK{method}{n}\r\n"
        f"From: <{user}>;tag={n}\r\nTo: <{user}>\r\nCall-ID: {n}@load\r\nCSeq: 1 {method}\r\n{contact}"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def answers(phone: SipSocket, method: str) -> Iterator[bytes]:
    """The reply to each request; what was lost on the way is sent again (two seconds without any reply)."""
    missing = set(range(PHONES))
    while missing:
        waiting = sorted(missing)
        for at in range(0, len(waiting), WINDOW):
            window = waiting[at : at + WINDOW]
            for n in window:
                phone.socket.sendto(request(method, n), SERVER)
            phone.socket.settimeout(2)
            try:
                for _ in window:
                    reply = phone.socket.recv(4096)
                    n = int(reply.split(b"Call-ID: ")[1].split(b"@")[0])
                    if n in missing:
                        missing.discard(n)
                        yield reply
            except TimeoutError:
                continue


def used(server: Server) -> int:
    return int(server.rpc("core.shmmem")["real_used"])


def test_all_phones_are_found_again(start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]) -> None:
    server = start_server(CONFIG, "-m", "64")
    phone = sip_socket(5070)
    phone.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    before = used(server)
    assert all(reply.startswith(b"SIP/2.0 200 ") for reply in answers(phone, "REGISTER"))
    assert (used(server) - before) / PHONES < BYTES_A_CONTACT
    for reply in answers(phone, "INVITE"):
        n = reply.split(b"Call-ID: ")[1].split(b"@")[0]
        assert reply.startswith(b"SIP/2.0 302 ") and b"Contact: <sip:phone%s@127.0.0.1:5070>\r\n" % n in reply
    assert server.rpc("stats.get_statistics", "usrloc:") is not None
    answer = server.rpc("ul.lookup", "location", "phone4711")
    assert answer["Contacts"][0]["Contact"]["Address"] == "sip:phone4711@127.0.0.1:5070"
