"""Every leniency in both positions, and the characters that may be added."""

import pathlib
import re
from collections.abc import Callable, Iterator

import pytest

import kahea.parser
from kahea.cfg.core_params import CoreParams
from kahea.cfg.errors import ConfigError
from kahea.core import settings
from kahea.core.scripttest import ScriptTest
from kahea.parser import lenient
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib
from kahea.tests.core.msg.messages import REPLY, REQUEST

README = pathlib.Path(kahea.parser.__file__ or "").parent / "README.md"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    lenient.set_leniencies(b"")


def vital(data: bytes) -> int:
    return SipMsg.from_bytes(data).bad & lib.KH_BAD_VITAL


def with_change(old: bytes, new: bytes, data: bytes = REQUEST) -> Callable[[], int]:
    assert old in data
    return lambda: vital(data.replace(old, new, 1))


def is_uri(text: bytes) -> bool:
    return lib.kh_uri_parse(ffi.new("kh_uri *"), text, len(text)) == lib.KH_OK


def uri(text: bytes) -> Callable[[], int]:
    return lambda: 0 if is_uri(text) else lib.KH_BAD_URI


def header_param(text: bytes) -> Callable[[], int]:
    return with_change(b";tag=from", b";tag=from" + text)


def q(text: bytes) -> Callable[[], int]:
    return lambda: 0 if lib.kh_reg_q(text, len(text)) >= 0 else 1


STRICT, URI, FROM = lib.KH_BAD_STRICT, lib.KH_BAD_URI, lib.KH_BAD_FROM
#: leniency, what needs it, and what is noted without it
CASES: list[tuple[bytes, Callable[[], int], int]] = [
    (b"bare_lf", with_change(b"Max-Forwards: 70\r\n", b"Max-Forwards: 70\n"), STRICT),
    (b"bare_lf", with_change(b"SIP/2.0\r\n", b"SIP/2.0\n"), STRICT),
    (b"bare_lf", with_change(b"\r\n\r\n", b"\r\n\n"), STRICT),
    (b"bare_lf", with_change(b": id@", b":\n id@"), STRICT),
    (b"no_reason_blank", with_change(b"180 Ringing", b"180", REPLY), lib.KH_BAD_FLINE),
    (b"line_without_colon", with_change(b"Max-", b"what is this\r\nMax-"), STRICT),
    (b"same_length", with_change(b"Max-", b"l: 5\r\nMax-"), lib.KH_BAD_CLEN),
    (b"big_maxfwd", with_change(b": 70", b": 256"), lib.KH_BAD_MAXFWD),
    (b"uri_blanks", with_change(b"<sip:alice@example.com>", b"<sip:alice@example.com >"), FROM),
    (b"uri_blanks", with_change(b"<sip:alice@example.com>", b"< sip:alice@example.com>"), FROM),
    (b"display_chars", with_change(b"From: <", b"From: J\xc3\xbcrgen <"), FROM),
    (b"display_chars", with_change(b"From: <", b"From: a (b) <"), FROM),
    (b"param_chars", header_param(b";a=b@c"), FROM),
    (b"param_chars", header_param(b";a/b"), FROM),
    (b"param_chars", header_param(b";a="), FROM),
    (b"param_chars", uri(b"sip:a@b;c=d@e"), URI),
    (b"param_chars", uri(b"sip:a@b;c=d,e"), URI),
    (b"param_chars", uri(b"sip:a@b;c@=d"), URI),
    (b"empty_params", header_param(b";;a=b"), FROM),
    (b"empty_params", header_param(b";"), FROM),
    (b"empty_params", header_param(b"; "), FROM),
    (b"empty_params", with_change(b"To: <sip:bob@example.com>", b"To: <sip:bob@example.com>;"), lib.KH_BAD_TO),
    (b"empty_params", with_change(b"branch=z9hG4bKabc", b"branch=z9hG4bKabc;"), lib.KH_BAD_VIA),
    (b"empty_params", with_change(b";branch=z9hG4bKabc", b";"), lib.KH_BAD_VIA),
    (b"empty_params", uri(b"sip:a@b;;c"), URI),
    (b"empty_params", uri(b"sip:a@b;c;"), URI),
    (b"empty_params", uri(b"sip:a@b;"), URI),
    (b"host_underscore", uri(b"sip:a@my_host"), URI),
    (b"host_underscore", with_change(b"UDP 10.0.0.1", b"UDP my_host"), lib.KH_BAD_VIA),
    (b"user_chars", uri(b"sip:1#2@b"), URI),
    (b"user_chars", uri(b"sip:J\xc3\xbcrgen@b"), URI),
    (b"bare_percent", uri(b"sip:100%@b"), URI),
    (b"bare_percent", uri(b"sip:1%0g@b"), URI),
    (b"repeated_params", uri(b"sip:a@b;transport=tcp;transport=udp"), URI),
    (b"repeated_params", header_param(b";tag=two"), FROM),
    (b"short_q", q(b".7"), 1),
    (b"short_q", q(b"0.1234"), 1),
    (b"repeated_headers", with_change(b"Max-", b"From: <sip:x@y>;tag=z\r\nMax-"), FROM),
    (b"repeated_headers", with_change(b"Max-", b"CSeq: 7 INVITE\r\nMax-"), lib.KH_BAD_CSEQ),
    (b"repeated_headers", with_change(b"Max-", b"i: other\r\nMax-"), lib.KH_BAD_CALLID),
]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{n}-{case[0].decode()}" for n, case in enumerate(CASES)])
def test_each_leniency_in_both_positions(number: int) -> None:
    name, read, noted = CASES[number]
    for others in (b"all", b"none"):
        lenient.set_leniencies(others + b" +" + name)
        assert read() == 0
        lenient.set_leniencies(others + b" -" + name)
        assert read() == noted


def test_every_leniency_has_a_case() -> None:
    assert {name for name, *_ in CASES} == set(lenient.BITS)


def test_clean_messages_need_none() -> None:
    lenient.set_leniencies(b"none")
    assert SipMsg.from_bytes(REQUEST).bad == SipMsg.from_bytes(REPLY).bad == 0
    for text in (
        b"sip:a;b=c?d:e%40f@h.example.com:5060;transport=udp;maddr=[::1];x=%20y?Subject=a&To=b",
        b"sips:[2001:db8::1]:5061",
        b"tel:+1-234;phone-context=example.com",
        b"sip:-_.!~*'()&=+$,;?/@h",
    ):
        assert is_uri(text)
    for text in (b";received=2001:db8::1", b';a="b;c@d"', b";a = b ;c", b";a=[::1]"):
        assert header_param(text)() == 0
    for text in (b'"J\xc3\xbcrgen (x)" <', b"A b-c  <"):
        assert with_change(b"From: <", b"From: " + text)() == 0
    assert q(b"0.7")() == q(b"1")() == q(b"1.000")() == q(b"0.")() == 0


def test_all_but_repeated_headers_are_on() -> None:
    assert {name for name, on in lenient.leniencies().items() if not on} == {b"repeated_headers"}
    lenient.set_leniencies(b"", strict_mode=0)  # sip_parser_mode=0
    assert all(lenient.leniencies().values())


@pytest.mark.parametrize(
    ("words", "on"),
    [
        (b"none bare_lf, short_q", {b"bare_lf", b"short_q"}),
        (b"all -user_chars", set(lenient.BITS) - {b"user_chars"}),
        (b"none default -bare_lf", set(lenient.BITS) - {b"repeated_headers", b"bare_lf"}),
    ],
)
def test_words_are_taken_one_after_the_other(words: bytes, on: set[bytes]) -> None:
    lenient.set_leniencies(words)
    assert {name for name, is_on in lenient.leniencies().items() if is_on} == on


def test_wrong_name_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"-bare_fl is no leniency.*bare_lf"):
        CoreParams().set("parser_leniency", b"-bare_fl")


def test_more_characters_for_hosts_and_header_names() -> None:
    plain = REQUEST.replace(b"Max-", b"X&Y: 1\r\nX: 2\r\nMax-", 1)
    assert not is_uri(b"sip:a@b+c")
    assert SipMsg.from_bytes(plain).bad == lib.KH_BAD_HEADER
    lenient.set_leniencies(b"-host_underscore", host_chars=b"+_", name_chars=b"&")
    assert is_uri(b"sip:a@b+c_d")
    assert (SipMsg.from_bytes(plain).bad, SipMsg.from_bytes(plain).header(b"x&y")) == (0, b"1")
    lenient.set_leniencies(b"-host_underscore")
    assert not is_uri(b"sip:a@b+c") and not is_uri(b"sip:a@b_c")
    assert SipMsg.from_bytes(plain).header(b"x&y") is None


@pytest.mark.parametrize("chars", [b" ", b":", b";", b"\0", b"a>", b"\x7f"])
def test_delimiters_cannot_be_allowed(chars: bytes) -> None:
    for hosts, names in ((chars, b""), (b"", chars)):
        with pytest.raises(ValueError, match="delimiters"):
            lenient.set_leniencies(b"", 1, hosts, names)


def test_core_parameters_switch_them() -> None:
    params = CoreParams()
    params.set("parser_leniency", b"-bare_lf")
    params.set("sip_parser_mode", 0)
    params.set("hdr_name_extra_chars", b"&")
    settings.set_parser(params)
    assert [name for name, on in lenient.leniencies().items() if not on] == [b"bare_lf"]
    with pytest.raises(ConfigError, match="uri_host_extra_chars"):
        params.set("uri_host_extra_chars", b"@")


def test_request_that_needs_a_leniency_that_is_off_gets_400() -> None:
    head = 'listen=udp:192.0.2.1:5060\nparser_leniency="-line_without_colon"\n'
    with ScriptTest(head + 'request_route { rewritehostport("198.51.100.1:5060"); forward(); }\n') as script:
        broken = REQUEST.replace(b"Max-", b"what is this\r\nMax-")
        out = script.push(broken, ("192.0.2.9", 5060))
        assert (out.replied, out.relayed_to) == ([400], [])
        assert out.replies[0].reason == "Bad Syntax"
        assert script.push(REQUEST, ("192.0.2.9", 5060)).relayed_to == ["198.51.100.1:5060"]


def test_readme_lists_each_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (on|off) \| .+ \| .+ \|$", README.read_text(), re.M)
    assert rows == [(name.decode(), "on" if on else "off") for name, on in lenient.leniencies().items()]
