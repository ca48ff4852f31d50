"""The transaction layer of the kernel without a server: messages in, what would be sent into a socket of the test."""

import socket
from collections.abc import Iterator
from typing import Any

from kahea.modules.tm import fsm
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib
from kahea.tests.support import shared

CRLF = "\r\n"


class Clock:
    """How far ahead of the real time the test is, ms; the wheel never goes back."""

    ahead = 0


def ready() -> None:
    """Shared memory, and a new table with its wheel and machines: each test has its own time."""
    shared.attach()
    Clock.ahead = 0
    assert lib.kh_tm_init() == lib.KH_OK
    packed = fsm.packed()
    assert lib.kh_tm_load_fsm(packed, len(packed)) == lib.KH_OK
    conf = lib.kh_tm_conf_get()
    conf.trying_len = 6
    ffi.memmove(conf.trying, b"Trying", 6)


class Wire:
    """A socket of the server under test, and the two peers it talks to."""

    def __init__(self) -> None:
        self.server, self.caller, self.callee = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
        for sock in (self.server, self.caller, self.callee):
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
        addr = self.addr(self.server)
        lib.kh_sock_clear()
        assert lib.kh_sock_add(self.server.fileno(), addr, 0, b"", 0, b"") == 0

    def addr(self, sock: socket.socket) -> Any:
        """The kh_addr of a socket of this test."""
        addr = ffi.new("kh_addr *")
        addr.family, addr.proto, addr.port = socket.AF_INET, lib.KH_PROTO_UDP, sock.getsockname()[1]
        ffi.memmove(addr.ip, bytes([127, 0, 0, 1]), 4)
        return addr

    def received(self, sock: socket.socket) -> list[str]:
        """All that waits on a socket, first lines."""
        lib.kh_send_flush()
        lines = []
        while True:
            try:
                lines.append(sock.recv(65535).split(b"\r\n")[0].decode())
            except BlockingIOError:
                return lines

    def close(self) -> None:
        lib.kh_sock_clear()
        for sock in (self.server, self.caller, self.callee):
            sock.close()


def wire() -> Iterator[Wire]:
    """For a fixture."""
    ready()
    made = Wire()
    yield made
    made.close()
    lib.kh_tm_done()


def parse(text: str, wire: Wire, came_from: socket.socket) -> SipMsg:
    """A message as a worker gets it."""
    msg = SipMsg.from_bytes(text.encode())
    msg.c.rcv.src = wire.addr(came_from)[0]
    msg.c.rcv.dst = wire.addr(wire.server)[0]
    msg.c.rcv.sock = 0
    return msg


def request(wire: Wire, method: str, branch: str, callid: str, cseq: int = 1, to_tag: str = "") -> SipMsg:
    """From the caller, to the callee's address."""
    port, target = wire.caller.getsockname()[1], wire.callee.getsockname()[1]
    lines = [
        f"{method} sip:bob@127.0.0.1:{target} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch={branch}",
        "From: <sip:alice@test>;tag=a1",
        "To: <sip:bob@test>" + (f";tag={to_tag}" if to_tag else ""),
        f"Call-ID: {callid}",
        f"CSeq: {cseq} {method}",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return parse(CRLF.join(lines) + CRLF * 2, wire, wire.caller)


def reply(wire: Wire, cell: Any, number: int, status: int, method: str = "") -> SipMsg:
    """From the callee, to branch `number` of a cell."""
    sent = cell.branch[number].req
    text = ffi.unpack(sent.data, sent.len).decode() if sent else ""
    vias = [line for line in text.split(CRLF) if line.startswith("Via")]
    return replay(wire, vias, key(cell), status, method or "INVITE", cell.cseq_num)


def replay(wire: Wire, vias: list[str], callid: str, status: int, method: str, cseq: int = 1) -> SipMsg:
    """A reply with these Via lines."""
    lines = [f"SIP/2.0 {status} Text", *vias, "From: <sip:alice@test>;tag=a1", "To: <sip:bob@test>;tag=b1"]
    lines += [f"Call-ID: {callid}", f"CSeq: {cseq} {method}", "Content-Length: 0"]
    return parse(CRLF.join(lines) + CRLF * 2, wire, wire.callee)


def key(cell: Any) -> str:
    """Its Call-ID."""
    return ffi.unpack(cell.key, cell.k_callid).decode()


def lookup(msg: SipMsg) -> int:
    """kh_tm_lookup; the message lives as long as the call."""
    return int(lib.kh_tm_lookup(msg.c))


def relay(msg: SipMsg, send_100: int = 1) -> Any:
    """kh_tm_relay of a new request; the cell, held."""
    assert lib.kh_tm_relay(ffi.NULL, msg.c, msg.edits, send_100) == lib.KH_TM_NEW
    return lib.kh_tm_cell()


def run_clock(until: int) -> list[tuple[int, int]]:
    """All timers up to `until` (ms), tick by tick as the timer process has them; the events, given back at once."""
    events = []
    while event := lib.kh_tm_timer(until):
        events.append((event, lib.kh_tm_branch()))
        lib.kh_cell_release(lib.kh_tm_cell())
    return events


def end_all() -> None:
    """So far ahead that every transaction is gone."""
    for _ in range(4):
        Clock.ahead += 200_000
        run_clock(lib.kh_now_ms() + Clock.ahead)
