from collections.abc import Callable

import pytest

from kahea.cfg.regex import compile_regex, parse_subst
from kahea.modules.textops import body, compare, methods, replace, search
from kahea.parser.msg import SipMsg
from kahea.parser.sdp import RFC2543_HOLD, RFC3264_HOLD
from kahea.src.native import lib
from kahea.tests.modules.edited import edited, invite, lines
from kahea.tests.parser.field_corpus import FIELD


@pytest.mark.parametrize(
    ("names", "result"),
    [(b"INVITE", 1), (b"BYE|INVITE", 1), (b"BYE", -1), (b"FOO", -1), (b"INVITE|FOO", 1), (b"SUBSCRIBE|NOTIFY", -1)],
)
def test_is_method(names: bytes, result: int) -> None:
    assert methods.is_method(invite(), names) == result
    assert methods.method_test(names)(invite()) == result


def test_is_method_in_a_reply_looks_at_cseq() -> None:
    reply = SipMsg.from_bytes(
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>;tag=2\r\n"
        b"Call-ID: x\r\nCSeq: 1 BYE\r\n\r\n"
    )
    assert methods.is_method(reply, b"BYE") == 1
    assert methods.method_test(b"INVITE")(reply) == -1


def test_unknown_method_is_matched_by_name() -> None:
    msg = SipMsg.from_bytes(invite().buf.replace(b"INVITE", b"DANCE"))
    assert methods.is_method(msg, b"DANCE") == 1
    assert methods.method_test(b"DANCE|BYE")(msg) == 1
    assert methods.method_test(b"SING")(msg) == -1


@pytest.mark.parametrize(("which", "pattern", "result"), [
    (b"a", b"two", 1), (b"f", b"two", -1), (b"l", b"two", 1), (b"a", b"three", -1),
])  # fmt: skip
def test_search_in_a_header(which: bytes, pattern: bytes, result: int) -> None:
    assert search.search_hf(invite(), b"Subject", compile_regex(pattern), which) == result


def test_search_append_puts_text_behind_the_match() -> None:
    msg = invite()
    assert search.search_append(msg, compile_regex(b"Subject: on"), b"c") == 1
    assert lines(msg, b"Subject") == [b"once", b"two"]
    assert search.search_append(msg, compile_regex(b"INVITE sip:"), b"x") == -1  # the first line is left alone


def test_replace_changes_the_first_match_and_replace_all_every_one() -> None:
    one, all_ = invite(), invite()
    replace.replace_hdrs(one, compile_regex(b"example\\.org>$|@example.org>"), b"@x>")
    assert replace.replace(one, compile_regex(b"two"), b"2") == 1
    assert lines(one, b"s")[-1] == b"2"
    assert replace.replace_all(all_, compile_regex(b"example"), b"ex") == 1
    assert b"example" not in edited(all_).split(b"\r\n", 1)[1]


def test_replace_in_the_body_keeps_content_length_true() -> None:
    msg = invite()
    assert replace.replace_body(msg, compile_regex(b"x-y"), b"longer") == 1
    built = SipMsg.from_bytes(edited(msg))
    assert built.content_length == len(built.body) == 39


@pytest.mark.parametrize(("mode", "count"), [(b"a", 0), (b"f", 1)])
def test_literal_replacement(mode: bytes, count: int) -> None:
    msg = invite()
    replace.replace_hdrs_str(msg, b"two", b"2", mode)
    replace.replace_hdrs_str(msg, b"sip:alice", b"sip:al", mode)
    assert edited(msg).count(b"sip:alice") == count


def test_subst_on_uri_user_header_and_body() -> None:
    msg = invite()
    assert replace.subst_uri(msg, parse_subst(b"/^sip:([^@]+)@/sip:x-\\1@/")) == 1
    assert msg.ruri == b"sip:x-bob@example.org:5060;x=1"
    assert replace.subst_user(msg, parse_subst(b"/^x-/00/")) == 1
    assert msg.ruri == b"sip:00bob@example.org:5060;x=1"
    assert replace.subst_hf(msg, b"Subject", parse_subst(b"/o/0/g"), b"a") == 1
    assert replace.subst_body(msg, parse_subst(b"/v=0/v=1/")) == 1
    assert lines(msg, b"Subject") == [b"0ne", b"tw0"]
    assert b"\r\n\r\nv=1\r\n" in edited(msg)


def test_subst_leaves_the_rest_of_the_message_to_other_edits() -> None:
    """Each match is an edit of its own; the whole text as one would push what comes first behind it, Via too."""
    msg = invite()
    via = invite().headers(b"Via")
    assert replace.replace(msg, compile_regex(b"alice"), b"zoe") == 1
    assert replace.subst(msg, parse_subst(b"/^(Subject): (.)/\\1: [\\2]/g")) == 1
    assert replace.subst_body(msg, parse_subst(b"/^v=0/v=1/")) == 1
    assert replace.replace_body(msg, compile_regex(b"^o="), b"O=") == 1
    assert lib.kh_insert_hf(msg.edits, msg.c, b"X-First: 1\r\n", 12) >= 0
    built = SipMsg.from_bytes(edited(msg))
    assert built.buf.split(b"\r\n")[1] == b"X-First: 1" and built.headers(b"Via") == via
    assert built.headers(b"Subject") == [b"[o]ne", b"two"] and b"zoe" in (built.header(b"From") or b"")
    assert (built.body or b"").startswith(b"v=1\r\nO=") and built.content_length == len(built.body or b"")


@pytest.mark.parametrize("expression", [b"/x*/Y/", b"/$/Y/g"])
def test_subst_refuses_to_match_the_empty_text(expression: bytes) -> None:
    msg = invite()
    assert replace.subst(msg, parse_subst(expression)) == -1
    assert edited(msg) == edited(invite())


def test_set_body_replaces_type_and_length() -> None:
    msg = invite()
    assert body.set_body(msg, b"hello", b"text/plain") == 1
    built = SipMsg.from_bytes(edited(msg))
    assert (built.body, built.headers(b"Content-Type"), built.content_length) == (b"hello", [b"text/plain"], 5)


@pytest.mark.parametrize(("mime", "result"), [(b"", 1), (b"application/sdp", 1), (b"text/plain", -1)])
def test_has_body(mime: bytes, result: int) -> None:
    assert body.has_body(invite(), mime) == result


@pytest.mark.parametrize(
    ("title", "result"),
    [
        ("odd/SDP on hold by address", RFC2543_HOLD),
        ("odd/SDP sendonly", RFC3264_HOLD),
        ("odd/SDP of a video on hold", -1),
        ("odd/no Content-Type", -1),
    ],
)
def test_hold_of_an_audio_stream(title: str, result: int) -> None:
    assert body.is_audio_on_hold(SipMsg.from_bytes(FIELD[title])) == result


def test_filter_body_keeps_the_part_of_a_type() -> None:
    mixed = SipMsg.from_bytes(FIELD["trunks/sip-i"])
    assert body.filter_body(mixed, b"text/plain") == -1
    assert body.filter_body(mixed, b"Application/SDP") == 1
    built = SipMsg.from_bytes(edited(mixed))
    assert built.content_type == b"Application/SDP" and (built.body or b"").endswith(b"a=ptime:20\r\n")
    assert body.filter_body(invite(), b"application/sdp") == 1
    assert body.filter_body(invite(), b"text/plain") == -1


@pytest.mark.parametrize(
    ("function", "args", "result"),
    [
        (compare.in_list, (b"b", b"a, b ,c", b","), 1),
        (compare.in_list, (b"d", b"a,b", b","), -1),
        (compare.in_list_prefix, (b"4930", b"44;49", b";"), 1),
        (compare.in_list_prefix, (b"4930", b"44;;", b";"), -1),
        (compare.cmp_str, (b"a", b"A"), -1),
        (compare.cmp_istr, (b"a", b"A"), 1),
        (compare.starts_with, (b"abc", b"ab"), 1),
        (compare.ends_with, (b"abc", b"ab"), -1),
        (compare.str_find, (b"abcb", b"b"), 2),
        (compare.str_find, (b"abc", b"x"), -1),
        (compare.str_ifind, (b"aBc", b"b"), 2),
    ],
)
def test_comparisons(function: Callable[..., object], args: tuple[object, ...], result: int) -> None:
    assert function(invite(), *args) == result
