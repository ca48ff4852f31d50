"""Messages and a socket table for the tests of editing and building."""

from collections.abc import Iterator

import pytest

from kahea.core.net.addr import make_addr
from kahea.parser.msg import SipMsg
from kahea.parser.receive_info import ReceiveInfo
from kahea.src.native import ffi, lib

REQUEST = (
    b"INVITE sip:bob@example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKabc\r\n"
    b"Max-Forwards: 70\r\n"
    b"From: <sip:alice@example.com>;tag=from\r\n"
    b"To: <sip:bob@example.com>\r\n"
    b"Call-ID: id@10.0.0.1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Contact: <sip:alice@10.0.0.1:5062>\r\n"
    b"Content-Type: text/plain\r\n"
    b"Content-Length: 5\r\n"
    b"\r\n"
    b"hello"
)
REPLY = (
    b"SIP/2.0 180 Ringing\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKabc;received=198.51.100.7;rport=4444\r\n"
    b"From: <sip:alice@example.com>;tag=from\r\n"
    b"To: <sip:bob@example.com>;tag=to\r\n"
    b"Call-ID: id@10.0.0.1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)
FROM_CLIENT = ReceiveInfo(b"10.0.0.1", 5062, b"192.0.2.1", 5060)
FROM_NAT = ReceiveInfo(b"198.51.100.7", 4444, b"192.0.2.1", 5060)


def request(data: bytes = REQUEST, rcv: ReceiveInfo = FROM_CLIENT) -> SipMsg:
    return SipMsg.from_bytes(data, rcv)


def dest(ip: bytes = b"203.0.113.9", port: int = 5060, sock: int = 0) -> object:
    """A kh_dest."""
    made = ffi.new("kh_dest *")
    made.to = make_addr(ip, port)[0]
    made.sock = sock
    return made


@pytest.fixture
def sockets() -> Iterator[None]:
    """192.0.2.1:5060, 192.0.2.1:5070, and 10.9.9.9:5060 that shows itself as proxy.example.net:6060; none is open."""
    lib.kh_sock_clear()
    lib.kh_sock_add(-1, make_addr(b"192.0.2.1", 5060), 0, b"", 0, b"")
    lib.kh_sock_add(-1, make_addr(b"192.0.2.1", 5070), 0, b"", 0, b"side")
    lib.kh_sock_add(-1, make_addr(b"10.9.9.9", 5060), 0, b"proxy.example.net", 6060, b"")
    yield
    lib.kh_sock_clear()
