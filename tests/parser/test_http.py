"""Messages of HTTP: read by the same parser, known by the protocol of the first line, nothing of SIP missed in them."""

import pytest

from kahea.parser.errors import BadMessage
from kahea.parser.methods import Method
from kahea.parser.msg import parse_msg
from kahea.parser.sip_msg import (
    FLINE_FLAG_PROTO_HTTP,
    FLINE_FLAG_PROTO_HTTP2,
    FLINE_FLAG_PROTO_SIP,
    SIP_REPLY,
    SIP_REQUEST,
    first_line,
    sip_msg,
)
from kahea.src.native import ffi, lib

from .test_msg import INVITE

POST = (
    b"POST /RPC?x=1 HTTP/1.1\r\nHost: a.example.com\r\nExpires: Thu, 01 Dec 1994 16:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n"
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_requests_are_read(method: str) -> None:
    msg = parse_msg(POST.replace(b"POST", method.encode()))
    line = first_line(msg)
    assert (line.type, line.flags) == (SIP_REQUEST, FLINE_FLAG_PROTO_HTTP)
    assert line.u.uri == b"/RPC?x=1" and line.u.version == b"HTTP/1.1"
    assert msg.method == line.u.method_value == Method[method]
    assert msg.bad == 0 and msg.facts & lib.KH_F_HTTP and not msg.facts & lib.KH_F_MALFORMED
    assert msg.header(b"host") == b"a.example.com"
    assert (msg.body, msg.content_type) == (b"{}", b"application/json")


def test_what_is_sips_own_is_absent_also_in_a_struct_that_held_a_sip_message() -> None:
    msg = parse_msg(INVITE)
    memory = ffi.new("char[]", POST)
    assert lib.kh_msg_parse(msg.c, memory, len(POST)) == 0
    msg.reset()
    assert (msg.callid, msg.from_, msg.from_tag, msg.to, msg.via1, msg.via2, msg.contact, msg.route) == (None,) * 8
    assert (msg.cseq_num, msg.cseq_method, msg.max_forwards, msg.expires) == (0, None, None, None)
    assert (msg.record_route, sip_msg(msg).via1) == (None, None)


def test_without_a_length_a_request_has_no_body_and_a_reply_the_rest() -> None:
    assert parse_msg(b"GET / HTTP/1.0\r\nHost: a\r\n\r\nmore").body is None
    reply = parse_msg(b"HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\n<html>")
    line = first_line(reply)
    assert (line.type, line.flags, line.u.statuscode, line.u.reason) == (
        SIP_REPLY, FLINE_FLAG_PROTO_HTTP, 404, b"Not Found",
    )  # fmt: skip
    assert (reply.body, reply.bad) == (b"<html>", 0)


def test_protocols_are_told_apart() -> None:
    assert first_line(parse_msg(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).flags == FLINE_FLAG_PROTO_HTTP2
    assert first_line(parse_msg(INVITE)).flags == FLINE_FLAG_PROTO_SIP
    assert not parse_msg(INVITE).facts & lib.KH_F_HTTP
    assert parse_msg(b"GET / HTTP/1.7\r\n\r\n").bad == lib.KH_BAD_VERSION


def test_a_bad_length_is_malformed() -> None:
    assert parse_msg(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n").bad == lib.KH_BAD_CLEN


@pytest.mark.parametrize("line", [b"GET / HTTP", b"GET / HTTP/", b"GET /", b"GET / XHTTP/1.1"])
def test_what_names_no_protocol_is_refused(line: bytes) -> None:
    with pytest.raises(BadMessage):
        parse_msg(line + b"\r\n\r\n")
