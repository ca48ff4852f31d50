"""Session descriptions and multipart bodies."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.parser.body import find_part, get_msg_body, parse_multipart, sdp_of
from kahea.parser.errors import BadHeader
from kahea.parser.msg import SipMsg
from kahea.parser.sdp import MAX_MEDIA, BadSdp, attributes, parse_sdp

from .corpus import ENTRIES, message, name

SDP = (
    b"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.102/127\r\n"
    b"t=0 0\r\na=sendonly\r\n"
    b"m=audio 49172/2 RTP/AVP 0 97 18\r\na=rtpmap:97 iLBC/8000\r\na=rtcp:53020 IN IP4 1.2.3.4\r\n"
    b"m=video 51372 RTP/SAVPF 31\r\nc=IN IP6 2001:db8::1\r\na=inactive\r\n"
)


def test_sessions_media_and_codecs() -> None:
    session = parse_sdp(SDP)
    audio, video = session.media
    assert (audio.kind, audio.port, audio.transport, audio.formats) == (
        b"audio",
        49172,
        b"RTP/AVP",
        (b"0", b"97", b"18"),
    )
    assert audio.codecs == [(b"0", b"PCMU/8000"), (b"97", b"iLBC/8000"), (b"18", b"G729/8000")]
    assert audio.rtcp_port == 53020 and video.rtcp_port is None
    assert (audio.direction, video.direction) == (b"sendonly", b"inactive")
    assert audio.on_hold and video.on_hold
    assert list(attributes(audio.lines, b"rtpmap")) == [b"97 iLBC/8000"]


def test_addresses_and_where_they_stand() -> None:
    session = parse_sdp(SDP)
    for connection, address in (
        (session.origin, b"192.0.2.101"),
        (session.media[0].connection, b"192.0.2.102"),
        (session.media[1].connection, b"2001:db8::1"),
    ):
        assert connection is not None
        assert connection.address == address
        assert SDP[connection.offset : connection.offset + len(address)] == address
    audio = session.media[0]
    assert SDP[audio.port_offset : audio.port_offset + 5] == b"49172"


def test_direction_is_sendrecv_when_nothing_says_otherwise() -> None:
    media = parse_sdp(b"v=0\no=- 1 1 IN IP4 1.1.1.1\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\nm=audio 1 RTP/AVP 0\n").media[0]
    assert media.direction == b"sendrecv"
    assert media.on_hold, "the address of RFC 2543"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"v=1\r\n",
        b"o=x\r\n",
        b"v=0\r\nm=audio x RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 1\r\n",
        b"v=0\r\nxy\r\n",
    ],
)
def test_what_is_no_description_is_refused(body: bytes) -> None:
    with pytest.raises(BadSdp):
        parse_sdp(body)


def test_descriptions_have_limits() -> None:
    with pytest.raises(BadSdp):
        parse_sdp(b"v=0\r\n" + b"m=audio 1 RTP/AVP 0\r\n" * (MAX_MEDIA + 1))
    with pytest.raises(BadSdp):
        parse_sdp(b"v=0\r\n" + b"a=x\r\n" * 10000)


MULTIPART = (
    b"preamble\r\n--b1\r\nContent-Type: application/sdp\r\nContent-Disposition: session;\r\n handling=required\r\n\r\n"
    + SDP
    + b"\r\n--b1\r\n\r\nplain text\r\n--b1--\r\nepilogue"
)


def test_parts_with_and_without_headers() -> None:
    sdp, plain = parse_multipart(MULTIPART, b"b1")
    assert sdp.content == SDP
    assert sdp.headers[1] == (b"Content-Disposition", b"session; handling=required")
    assert MULTIPART[sdp.offset :].startswith(SDP)
    assert (plain.content, plain.headers, bytes(plain.content_type)) == (b"plain text", (), b"text/plain")


@pytest.mark.parametrize("body", [b"", b"--b1", b"--b1\r\n", b"--b1\r\nx: y\r\n--b1--", b"--b2\r\n\r\nx\r\n--b2--"])
def test_open_multiparts_are_refused(body: bytes) -> None:
    with pytest.raises(BadHeader):
        parse_multipart(body, b"b1")


def with_body(kind: bytes, body: bytes) -> SipMsg:
    head = b"INFO sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return SipMsg.from_bytes(head % (kind, len(body)) + body)


def test_the_description_is_found_alone_and_in_a_multipart() -> None:
    for msg in (with_body(b"application/sdp", SDP), with_body(b"multipart/mixed;boundary=b1", MULTIPART)):
        session = sdp_of(msg)
        assert session is not None and len(session.media) == 2
        assert sdp_of(msg) is session
    assert sdp_of(with_body(b"text/plain", b"x")) is None
    assert get_msg_body(with_body(b"text/plain", b"x")) == b"x"


def test_binary_part_of_the_torture_message() -> None:
    msg = SipMsg.from_bytes(message(next(e for e in ENTRIES if name(e) == "mpart01")))
    part = find_part(msg, b"application/octet-stream")
    assert part is not None and b"\x00" in part.content


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=4))
def test_any_bytes_are_parsed_or_refused(data: bytes, boundary: bytes) -> None:
    for work in (lambda: parse_sdp(b"v=0\r\n" + data), lambda: parse_multipart(b"--" + boundary + data, boundary)):
        with contextlib.suppress(BadHeader):
            work()
