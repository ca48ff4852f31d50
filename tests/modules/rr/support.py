"""Requests with Routes, and what leaves."""

from kahea.core.msg.translate import build_req_buf_from_sip_req
from kahea.core.net.addr import make_addr
from kahea.parser.msg import SipMsg
from kahea.parser.receive_info import ReceiveInfo
from kahea.src.native import ffi


def request(uri: str = "sip:bob@10.1.1.1", routes: tuple[str, ...] | list[str] = (), to_tag: bool = True) -> SipMsg:
    lines = "".join(f"Route: {route}\r\n" for route in routes)
    text = (
        f"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n{lines}"
        f"From: <sip:a@a.example>;tag=1\r\nTo: <sip:b@b.example>{';tag=2' if to_tag else ''}\r\nCall-ID: c\r\n"
        "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    )
    return SipMsg.from_bytes(text.encode(), ReceiveInfo(b"10.0.0.1", 5060, b"127.0.0.1", 5060))


def sent(msg: SipMsg, socket: int = 0) -> SipMsg:
    """The request as it leaves by a socket, parsed."""
    dest = ffi.new("kh_dest *")
    dest.to = make_addr(b"203.0.113.1", 5060)[0]
    dest.sock = socket
    return SipMsg.from_bytes(build_req_buf_from_sip_req(msg, dest))
