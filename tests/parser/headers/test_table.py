"""The other headers, each by an example of its RFC and by what must be refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kahea.parser.errors import BadHeader
from kahea.parser.hdr import EOH_FLAG, HdrType, flag, get_header_body, hdr_fields, hdr_type, parsed_flag
from kahea.parser.headers.content_type import parse_accept, parse_content_type
from kahea.parser.headers.date import format_date, parse_date
from kahea.parser.headers.dialog_id import parse_rack, parse_replaces, parse_rseq, parse_target_dialog
from kahea.parser.headers.event import EventType, parse_event, parse_subscription_state
from kahea.parser.headers.identity import Privacy, parse_history_info, parse_identities, parse_identity, parse_privacy
from kahea.parser.headers.seconds import (
    MAX_SECONDS,
    parse_min_se,
    parse_retry_after,
    parse_seconds,
    parse_session_expires,
)
from kahea.parser.headers.table import parsed_header, parser_of, register_header
from kahea.parser.lists import parse_tokens, parse_valued, parse_valued_list, split_list
from kahea.parser.msg import SipMsg
from kahea.src.native import lib

from ..test_msg import INVITE


def test_lists_are_split_outside_quotes_and_brackets() -> None:
    assert list(split_list(b' a , "b, \\" c";x , <sip:d,e>,, f')) == [b"a", b'"b, \\" c";x', b"<sip:d,e>", b"f"]
    assert parse_tokens(b"INVITE, ACK,\r\n BYE") == (b"INVITE", b"ACK", b"BYE")
    assert parse_tokens(b"") == ()
    with pytest.raises(BadHeader):
        list(split_list(b'a, "b'))
    with pytest.raises(BadHeader):
        parse_tokens(b"100rel, a b")


def test_valued_bodies() -> None:
    reason = parse_valued_list(b'SIP;cause=200;text="Call completed elsewhere", Q.850;cause=16')
    assert [(v.value, v.param(b"cause")) for v in reason] == [(b"SIP", b"200"), (b"Q.850", b"16")]
    assert reason[0].param(b"text") == b"Call completed elsewhere"
    info = parse_valued(b"<http://x.org/a;b>;purpose=icon")
    assert (info.value, info.params) == (b"<http://x.org/a;b>", {b"purpose": b"icon"})
    with pytest.raises(BadHeader):
        parse_valued(b" ;a=b")


def test_content_type_has_kamailios_number() -> None:
    sdp = parse_content_type(b"Application/SDP")
    assert (sdp.type, sdp.subtype, sdp.number) == (b"application", b"sdp", 3 << 16 | 3)
    mixed = parse_content_type(b'multipart/mixed;boundary="7a9cbec02ceef655"')
    assert (mixed.boundary, mixed.number) == (b"7a9cbec02ceef655", 4 << 16 | 14)
    assert parse_content_type(b"x/y").number == 0xFF << 16 | 0xFF
    assert [bytes(t) for t in parse_accept(b"application/sdp;level=1, text/*")] == [b"application/sdp", b"text/*"]
    with pytest.raises(BadHeader):
        parse_content_type(b"application")


def test_event_and_subscription_state() -> None:
    event = parse_event(b"presence;id=a1")
    assert (event.text, event.type, event.id) == (b"presence", EventType.PRESENCE, b"a1")
    assert parse_event(b"foo").type == EventType.OTHER
    state = parse_subscription_state(b"Terminated;reason=timeout;retry-after=5")
    assert (state.state, state.reason, state.retry_after, state.expires) == (b"terminated", b"timeout", 5, None)
    assert parse_subscription_state(b"active;expires=600").expires == 600


def test_seconds() -> None:
    assert parse_seconds(b" 3600 ") == 3600
    assert parse_seconds(b"9" * 30) == MAX_SECONDS
    assert parse_min_se(b"90;x=y") == 90
    session = parse_session_expires(b"1800;Refresher=UAC")
    assert (session.interval, session.refresher) == (1800, b"uac")
    retry = parse_retry_after(b"18000;duration=3600")
    assert (retry.seconds, retry.comment, retry.duration) == (18000, b"", 3600)
    assert parse_retry_after(b"120 (I'm in a meeting)").comment == b"I'm in a meeting"


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (parse_seconds, b"-1"), (parse_seconds, b""), (parse_session_expires, b"1800;refresher=me"),
        (parse_retry_after, b"120 (open"), (parse_rack, b"1 2"), (parse_rack, b"x 2 INVITE"),
        (parse_rseq, b"4294967296"),
        (parse_replaces, b"a@b;to-tag=1"), (parse_date, b"Fri, 01 Jan 2010 16:00:00 EST"),
        (parse_date, b"Fri, 41 Jan 2010 16:00:00 GMT"), (parse_privacy, b"x"), (parse_privacy, b"none;id"),
        (parse_history_info, b"<sip:a@b>"), (parse_identities, b""), (parse_event, b"a b"),
    ],
)  # fmt: skip
def test_malformed_bodies_are_refused(parse: Any, body: bytes) -> None:
    with pytest.raises(BadHeader):
        parse(body)


def test_dialog_identifiers() -> None:
    replaces = parse_replaces(b"98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only")
    assert (replaces.callid, replaces.to_tag, replaces.from_tag, replaces.early_only) == (
        b"98732@sip.example.com", b"ff87ff", b"r33th4x0r", True,
    )  # fmt: skip
    target = parse_target_dialog(b"fa77as7dad8-sd98ajzz@host.example.com ;local-tag=kkaz-;remote-tag=6544")
    assert (target.to_tag, target.from_tag) == (b"6544", b"kkaz-")
    rack = parse_rack(b"776656 1 INVITE")
    assert (rack.rseq, rack.cseq, rack.method_id) == (776656, 1, lib.KH_M_INVITE)
    assert parse_rseq(b"988789") == 988789


def test_identities() -> None:
    pai = parse_identities(b'"Cullen Jennings" <sip:fluffy@cisco.com>, tel:+14085264000')
    assert [a.uri for a in pai] == [b"sip:fluffy@cisco.com", b"tel:+14085264000"]
    assert parse_privacy(b"id; critical") == Privacy.ID | Privacy.CRITICAL
    history = parse_history_info(
        b"<sip:bob@example.com?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1, <sip:b@c>;index=1.2;mp=1.1"
    )
    assert [(h.index, h.cause, h.kind) for h in history] == [(b"1.1", b"302", b"rc"), (b"1.2", b"", b"mp")]
    signed = parse_identity(b'eyJh.eyJk.sig;info=<https://cert.example.org/passport.cer>;alg=ES256;ppt="shaken"')
    assert (signed.passport, signed.info) == (b"eyJh.eyJk.sig", b"https://cert.example.org/passport.cer")
    assert (signed.alg, signed.ppt) == (b"ES256", b"shaken")


def test_date_round_trip() -> None:
    text = b"Sat, 13 Nov 2010 23:29:00 GMT"
    assert parse_date(text) == datetime(2010, 11, 13, 23, 29, tzinfo=UTC)
    assert format_date(parse_date(text)) == text


def test_header_objects_and_flags() -> None:
    msg = SipMsg.from_bytes(INVITE)
    vias = list(hdr_fields(msg, HdrType.VIA))
    assert [v.name for v in vias] == [b"Via", b"Via"]
    assert vias[0].body.startswith(b"SIP/2.0/UDP a") and vias[0].len == len(vias[0].body) + len(b"Via: \r\n")
    assert get_header_body(msg, b"i") == b"call-1@a"
    assert parsed_flag(msg) & flag(HdrType.ROUTE) and not parsed_flag(msg) & flag(HdrType.EVENT)
    assert flag(HdrType.EOH) == EOH_FLAG and flag(HdrType.ERROR) == 0
    assert hdr_type(b"x") == HdrType.SESSIONEXPIRES


def test_numbers_of_header_types_are_the_kernels() -> None:
    for kind in HdrType:
        if kind is not HdrType.ERROR:
            assert getattr(lib, f"KH_HDR_{kind.name}") == kind


def test_parsed_headers_are_kept_with_the_message() -> None:
    msg = SipMsg.from_bytes(INVITE)
    contact = parsed_header(msg, b"m")
    assert contact.contacts[0].uri == b"sip:alice@a.example.com:5070"
    assert parsed_header(msg, b"M") is contact
    assert parsed_header(msg, b"Event") is None
    with pytest.raises(KeyError):
        parsed_header(msg, b"X-Custom")


def test_a_new_header_parser_takes_one_function() -> None:
    @register_header(b"X-Custom")
    def parse_custom(body: bytes) -> bytes:
        return body.upper()

    assert parser_of(b"x-custom") is parse_custom
    assert parsed_header(SipMsg.from_bytes(INVITE), b"X-Custom", 1) == b"TWO"
