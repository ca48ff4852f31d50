"""What a message looks like after edits, for tests of modules that edit."""

from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib

INVITE = (
    b"INVITE sip:bob@example.org:5060;x=1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
    b'From: "Alice" <sip:alice@example.org>;tag=1\r\n'
    b"To: <sip:bob@example.org>\r\n"
    b"Call-ID: a\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Contact: <sip:alice@10.0.0.1:5070;transport=udp>\r\n"
    b"Subject: one\r\n"
    b"X-A: first\r\n"
    b"s: two\r\n"
    b"Supported: 100rel, path\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 36\r\n"
    b"\r\n"
    b"v=0\r\no=x\r\nc=IN IP4 0.0.0.0\r\na=x-y\r\n\r\n"
)


def invite() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


def edited(msg: SipMsg) -> bytes:
    """The message with its edits applied."""
    out = ffi.new("char[]", 65536)
    size = lib.kh_build_plain(msg.c, msg.edits, out, 65536)
    assert size > 0
    return bytes(ffi.buffer(out, size))


def lines(msg: SipMsg, name: bytes) -> list[bytes]:
    """Bodies of a header after the edits."""
    return SipMsg.from_bytes(edited(msg)).headers(name)
