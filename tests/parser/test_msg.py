"""SipMsg: the values of a message, its facts, and what is malformed in it."""

import pytest

from kahea.parser.errors import BadMessage
from kahea.parser.malformed import fault
from kahea.parser.methods import Method, method_id, method_name, parse_methods
from kahea.parser.msg import SipMsg
from kahea.parser.receive_info import ReceiveInfo
from kahea.src.native import ffi, lib

HEADERS = (
    b"Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1;rport\r\n"
    b"Via: SIP/2.0/TCP b.example.com;branch=z9hG4bK2\r\n"
    b"Max-Forwards: 70\r\n"
    b'From: "Alice" <sip:alice@example.com>;tag=f1\r\n'
    b"To: <sip:bob@example.com>;tag=t1\r\n"
    b"Call-ID: call-1@a\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Contact: <sip:alice@a.example.com:5070>\r\n"
    b"Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\n"
    b"X-Custom: one\r\n"
    b"x-custom: two\r\n"
    b"c: application/sdp\r\n"
    b"Content-Length: 4\r\n"
)
INVITE = b"INVITE sip:bob@example.com SIP/2.0\r\n" + HEADERS + b"\r\nbody"
OK = b"SIP/2.0 200 All right\r\n" + HEADERS + b"\r\nbody"


def changed(old: bytes, new: bytes) -> SipMsg:
    assert old in INVITE
    return SipMsg.from_bytes(INVITE.replace(old, new, 1))


def test_values_of_a_request() -> None:
    msg = SipMsg.from_bytes(INVITE)
    assert msg.is_request and not msg.is_reply
    assert (msg.method, msg.method_name, msg.ruri, msg.status) == (Method.INVITE, b"INVITE", b"sip:bob@example.com", 0)
    assert (msg.callid, msg.from_tag, msg.to_tag, msg.cseq_num) == (b"call-1@a", b"f1", b"t1", 7)
    assert (msg.from_uri, msg.from_display) == (b"sip:alice@example.com", b'"Alice"')
    assert (msg.via1_host, msg.via1_branch, msg.via2_host) == (b"a.example.com", b"z9hG4bK1", b"b.example.com")
    assert (msg.contact_uri, msg.route_uri) == (b"sip:alice@a.example.com:5070", b"sip:p1.example.com;lr")
    assert (msg.max_forwards, msg.content_length, msg.body, msg.content_type) == (70, 4, b"body", b"application/sdp")
    assert msg.expires is None and msg.record_route is None
    assert msg.bad == 0 and fault(msg.bad) is None
    assert msg.buf == INVITE


def test_values_of_a_reply() -> None:
    msg = SipMsg.from_bytes(OK)
    assert msg.is_reply and not msg.is_request
    assert (msg.status, msg.reason, msg.method, msg.method_name) == (200, b"All right", Method.INVITE, b"INVITE")
    assert msg.ruri is None


def test_facts_tell_the_common_things_in_one_int() -> None:
    facts = SipMsg.from_bytes(INVITE).facts
    for bit in (lib.KH_F_REQUEST, lib.KH_F_TO_TAG, lib.KH_F_ROUTE, lib.KH_F_VIA2, lib.KH_F_RPORT, lib.KH_F_BODY):
        assert facts & bit
    for bit in (lib.KH_F_REPLY, lib.KH_F_RECORD_ROUTE, lib.KH_F_EXPIRES, lib.KH_F_AUTH, lib.KH_F_MALFORMED):
        assert not facts & bit


def test_headers_by_name_type_and_index() -> None:
    msg = SipMsg.from_bytes(INVITE)
    assert msg.header(b"x-CUSTOM") == b"one"
    assert (msg.header(b"X-Custom", 1), msg.header(b"X-Custom", -1), msg.header(b"X-Custom", -2)) == (
        b"two",
        b"two",
        b"one",
    )
    assert msg.header(b"X-Custom", 2) is None and msg.header(b"X-Custom", -3) is None
    assert msg.headers(b"X-Custom") == [b"one", b"two"]
    assert msg.headers(b"v") == msg.headers(b"Via") == msg.headers(lib.KH_HDR_VIA)
    assert msg.header(b"Via", -1) == b"SIP/2.0/TCP b.example.com;branch=z9hG4bK2"
    assert msg.header(b"Content-Type") == msg.header(b"C") == b"application/sdp"
    assert msg.header(b"X-None") is None and msg.header(b"") is None
    assert len(list(msg.all_headers())) == 13
    assert dict(msg.all_headers())[b"CSeq"] == b"7 INVITE"


def test_a_reused_object_forgets_the_message_before() -> None:
    msg = SipMsg.from_bytes(INVITE)
    assert msg.callid == b"call-1@a"
    msg.flags, msg.rc, msg.avps, msg.bflags = 5, -1, {b"a": [1]}, [3]
    kept = msg.avps
    buf = INVITE.replace(b"call-1@a", b"call-2@a")
    memory = ffi.new("char[]", buf)
    assert lib.kh_msg_parse(msg.c, memory, len(buf)) == 0
    msg.reset()
    assert msg.callid == b"call-2@a"
    assert (msg.flags, msg.rc, msg.avps, msg.bflags) == (0, 0, {}, [0])
    assert kept == {b"a": [1]}, "a transaction that took the old AVPs over still has them"


def test_receive_info_round_trip() -> None:
    info = ReceiveInfo(b"2001:db8::1", 5071, b"2001:db8::2", 5060, 1, 3, 9)
    assert SipMsg.from_bytes(INVITE, rcv=info).rcv == info
    assert SipMsg.from_bytes(INVITE).rcv.src_ip == b"127.0.0.1"
    assert info.proto_name == b"udp"


def test_leading_empty_lines_are_ignored() -> None:
    msg = SipMsg.from_bytes(b"\r\n\r\n" + INVITE)
    assert (msg.ruri, msg.bad) == (b"sip:bob@example.com", 0)


def test_bare_line_feeds_are_line_ends() -> None:
    msg = SipMsg.from_bytes(INVITE.replace(b"\r\n", b"\n"))
    assert (msg.bad, msg.body, msg.callid) == (0, b"body", b"call-1@a")


def test_octets_after_content_length_are_no_body() -> None:
    assert SipMsg.from_bytes(INVITE + b"noise").body == b"body"


def test_without_content_length_the_body_is_the_rest() -> None:
    msg = changed(b"Content-Length: 4\r\n", b"")
    assert (msg.body, msg.content_length, msg.bad) == (b"body", None, 0)


def test_folded_header_is_one_header() -> None:
    msg = changed(b"X-Custom: one\r\n", b"X-Custom: one\r\n two\r\n\tthree\r\n")
    assert msg.header(b"X-Custom") == b"one\r\n two\r\n\tthree"


def test_second_via_may_stand_in_the_same_header() -> None:
    msg = changed(b"rport\r\nVia: SIP/2.0/TCP", b"rport, SIP/2.0/TCP")
    assert (msg.via2_host, msg.bad) == (b"b.example.com", 0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"SIP/2.0\r\n", b"SIP/2.1\r\n", b"Version Not Supported"),
        (b"sip:bob@example.com SIP", b"sip:bob@ex ample.com SIP", b"Bad Request Line"),
        (b"sip:bob@example.com SIP", b"sip:bob@[::1 SIP", b"Bad Request-URI"),
        (b"SIP/2.0/UDP a", b"SIP/2.0/UDP,a", b"Bad Via"),
        (b"SIP/2.0/TCP b", b"SIP/2.0-TCP b", b"Bad Via"),
        (b"<sip:alice@example.com>;tag", b"sip:alice@example.com>;tag", b"Bad From"),
        (b"To: <", b"To: <sip:x>, <", b"Bad To"),
        (b"call-1@a", b"", b"Bad Call-ID"),
        (b"7 INVITE", b"seven INVITE", b"Bad CSeq"),
        (b"7 INVITE", b"2147483648 INVITE", b"Bad CSeq"),
        (b"7 INVITE", b"7 BYE", b"CSeq Names Another Method"),
        (b"Length: 4", b"Length: 5", b"Bad Content-Length"),
        (b"Length: 4", b"Length: -4", b"Bad Content-Length"),
        (b"Length: 4\r\n", b"Length: 4\r\nl: 3\r\n", b"Bad Content-Length"),
        (b"Forwards: 70", b"Forwards: x", b"Bad Max-Forwards"),
        (b"Route: <sip:p1.example.com;lr>", b"Route: sip p1", b"Bad Route"),
        (b"Call-ID: call-1@a\r\n", b"", b"Bad Call-ID"),
        (b"CSeq: 7 INVITE\r\n", b"CSeq: 7 INVITE\r\nCSeq: 7 INVITE\r\n", b"Bad CSeq"),
        (b"X-Custom: one\r\n", b"no colon here\r\n", b"Bad Header"),
        (b"Contact: <sip", b"Contact: <>sip", b"Bad Contact"),
    ],
)
def test_malformed_parts_are_named(old: bytes, new: bytes, reason: bytes) -> None:
    found = fault(changed(old, new).bad)
    assert found is not None and found[1] == reason


@pytest.mark.parametrize(("old", "new"), [(b"SIP/2.0/UDP a", b"SIP/7.0/UDP a"), (b";branch=z9hG4bK1", b";;,;,,")])
def test_of_a_malformed_via_what_a_reply_needs_is_read(old: bytes, new: bytes) -> None:
    msg = changed(old, new)
    assert msg.bad & lib.KH_BAD_VIA
    assert msg.via1_host == b"a.example.com"


def test_same_content_length_twice_is_tolerated() -> None:
    assert changed(b"Length: 4\r\n", b"Length: 4\r\nl: 4\r\n").bad == 0


def test_too_many_headers_are_known_as_such() -> None:
    msg = changed(b"X-Custom: one\r\n", b"X: y\r\n" * lib.KH_MAX_HDRS)
    assert msg.bad & lib.KH_BAD_TOO_MANY
    assert fault(msg.bad) == (513, b"Message Too Large")


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"hello\r\n\r\n", b"GET / GOPHER/1.1\r\n\r\n", b"\x00" * 20, b"INVITE"]
)
def test_what_is_not_sip_is_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        SipMsg.from_bytes(data)


def test_methods_are_numbered_as_kamailio_does() -> None:
    for method in Method:
        if method not in (Method.UNDEF, Method.OTHER):
            name = (method.name or "").encode()
            assert method_id(name) == method == getattr(lib, f"KH_M_{method.name}")
            assert method_name(method) == name
    assert method_id(b"invite") == method_id(b"FOO") == Method.OTHER
    assert parse_methods(b"INVITE, ACK ,BYE") == Method.INVITE | Method.ACK | Method.BYE
