"""Session descriptions and multipart bodies."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.parser.body import (
    MAX_DEPTH,
    MAX_PARTS,
    find_part,
    get_msg_body,
    parse_multipart,
    parts_of,
    root_part,
    sdp_of,
    sessions_of,
)
from kahea.parser.errors import BadHeader
from kahea.parser.msg import SipMsg
from kahea.parser.sdp import MAX_MEDIA, RFC2543_HOLD, RFC3264_HOLD, BadSdp, Codec, parse_sdp, parse_sessions

from .corpus import ENTRIES, message, name

SDP = (
    b"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.102/127\r\n"
    b"t=0 0\r\na=sendonly\r\n"
    b"m=audio 49172/2 RTP/AVP 0 97 18\r\nb=AS:64\r\nb=TIAS:64000\r\na=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20\r\n"
    b"a=ptime:20\r\na=rtcp:53020 IN IP4 1.2.3.4\r\na=rtcp-mux\r\n"
    b"m=video 51372 RTP/SAVPF 31\r\nc=IN IP6 2001:db8::1\r\na=inactive\r\na=ice-ufrag:x\r\n"
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
    assert audio.codecs == [
        Codec(b"0", b"PCMU", 8000, 1, b""),
        Codec(b"97", b"iLBC", 8000, 1, b"mode=20"),
        Codec(b"18", b"G729", 8000, 1, b""),
    ]
    assert audio.ports == 2 and audio.ptime == 20 and video.ptime is None
    assert audio.rtcp == (53020, b"1.2.3.4") and video.rtcp is None
    assert audio.is_rtp and video.is_rtp
    assert (audio.bandwidth, session.bandwidth) == ({b"AS": 64, b"TIAS": 64000}, {})
    assert (audio.direction, video.direction) == (b"sendonly", b"inactive")
    assert (audio.hold, video.hold) == (RFC3264_HOLD, RFC3264_HOLD)
    assert list(audio.attributes(b"rtpmap")) == [b"97 iLBC/8000"]
    assert (audio.attribute(b"mid"), audio.attribute(b"rtcp-mux")) == (None, b"")
    assert session.on_hold and (session.name, session.media[1].has_ice) == (b"-", True)


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
    audio, video = session.media
    assert SDP[audio.start : audio.end].startswith(b"m=audio") and SDP[audio.end :].startswith(b"m=video")
    assert (audio.end, video.end) == (video.start, len(SDP))
    assert session.origin is not None
    assert (session.origin.session_id, session.origin.version) == (b"2890844526", b"2890844526")
    assert SDP[audio.port_offset : audio.port_offset + 5] == b"49172"


def test_direction_is_sendrecv_when_nothing_says_otherwise() -> None:
    media = parse_sdp(b"v=0\no=- 1 1 IN IP4 1.1.1.1\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\nm=audio 1 RTP/AVP 0\n").media[0]
    assert media.direction == b"sendrecv"
    assert media.hold == RFC2543_HOLD


def test_a_refused_stream_does_not_end_the_hold_of_the_others() -> None:
    head = b"v=0\no=- 1 1 IN IP4 1.1.1.1\ns=-\nc=IN IP4 1.1.1.1\nt=0 0\n"
    held = b"m=audio 9 RTP/AVP 0\na=inactive\n"
    assert parse_sdp(head + held + b"m=video 0 RTP/AVP 31\n").on_hold
    assert not parse_sdp(head + held + b"m=video 9 RTP/AVP 31\n").on_hold
    assert not parse_sdp(head).on_hold


def test_formats_of_what_is_no_rtp_are_no_codecs() -> None:
    fax = parse_sdp(b"v=0\nm=image 9 udptl t38\n").media[0]
    assert (fax.is_rtp, fax.codecs, fax.formats) == (False, [], (b"t38",))


def test_two_descriptions_in_one_body() -> None:
    first, second = parse_sessions(SDP + SDP.replace(b"s=-", b"s=two"))
    assert (first.name, second.name, len(first.media), len(second.media)) == (b"-", b"two", 2, 2)
    assert second.media[0].session is second
    assert second.lines[0].start == len(SDP)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"v=1\r\n",
        b"o=x\r\n",
        b"v=0\r\nm=audio x RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 1\r\n",
        b"v=0\r\nm=audio 70000 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 1/x RTP/AVP 0\r\n",
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


NESTED = (
    b"--b\r\nContent-Type: multipart/alternative;boundary=bb\r\n\r\n--bb\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
    b"--bb\r\nContent-Type: application/sdp\r\nContent-ID: <s1>\r\n\r\n" + SDP + b"\r\n--bb--\r\n"
    b"--b\r\nContent-Type: application/pidf+xml\r\n\r\n<presence/>\r\n--b--\r\n"
)


def test_multiparts_inside_multiparts_are_walked_in_order() -> None:
    msg = with_body(b'multipart/related;boundary="b";start="<s1>"', NESTED)
    kinds = [bytes(part.content_type) for part in parts_of(msg)]
    assert kinds == [b"text/html", b"application/sdp", b"application/pidf+xml"]
    for part in parts_of(msg):
        assert NESTED[part.offset :].startswith(part.content)
        assert NESTED[part.start :].startswith(b"--b") and NESTED[part.end :].startswith(b"--b")
        assert part.content in NESTED[part.start : part.end]
    root, session = root_part(msg), sdp_of(msg)
    assert root is not None and root.content == SDP and root.header(b"content-id") == b"<s1>"
    assert session is not None and NESTED[session.offset + session.media[0].start :].startswith(b"m=audio")
    assert sessions_of(msg) == [session]


def test_the_root_is_the_first_part_when_nothing_names_one() -> None:
    for kind in (b"multipart/mixed;boundary=b", b"multipart/related;boundary=b;start=no"):
        root = root_part(with_body(kind, NESTED))
        assert root is not None and root.content == b"<p>"
    alone, none = root_part(with_body(b"text/plain", b"x")), root_part(with_body(b"text/plain", b""))
    assert alone is not None and alone.content == b"x" and none is None


def test_multiparts_have_limits() -> None:
    def nest(depth: int) -> bytes:
        inner = b"x" if depth == MAX_DEPTH else nest(depth + 1)
        kind = b"text/plain" if depth == MAX_DEPTH else b"multipart/mixed;boundary=n%d" % (depth + 1)
        return b"--n%d\r\nContent-Type: %b\r\n\r\n%b\r\n--n%d--" % (depth, kind, inner, depth)

    with pytest.raises(BadHeader, match="inside one another"):
        parts_of(with_body(b"multipart/mixed;boundary=n0", nest(0)))
    many = b"--b\r\n\r\nx\r\n" * (MAX_PARTS + 1) + b"--b--"
    with pytest.raises(BadHeader, match="parts"):
        parts_of(with_body(b"multipart/mixed;boundary=b", many))


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
