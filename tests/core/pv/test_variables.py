"""What the recorded comparison does not cover: replies, From and To in what is sent, time, limits of stores."""

import time
from typing import Any

import pytest

from kahea.cfg.compile.compiler import compile_config
from kahea.cfg.syntax.parser import parse_text
from kahea.core.pv import PvSpec, parse_format, parse_spec
from kahea.core.pv.stores import avp as avp_store
from kahea.core.pv.stores import xavp as xavp_store
from kahea.core.pv.stores.script_var import var_cell, vn_cell
from kahea.core.script_env import ServerEnvironment
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE, REPLY


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


def put(msg: SipMsg, name: bytes, value: Any) -> PvSpec:
    spec = parse_spec(name)
    assert spec.set is not None
    spec.set(msg, value)
    return spec


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"$rs", b"180"), (b"$rsi", 180), (b"$rr", b"Ringing now"), (b"$rm", b"INVITE"), (b"$ru", None), (b"$rU", None),
        (b"$ou", None), (b"$mt", 2), (b"$mts", b"rp"), (b"$tt", b"tt1"),
        (b"$rpl(duri)", b"sip:10.9.9.9:7070;transport=udp"),
        (b"$rpl(dhost)", b"10.9.9.9"), (b"$rpl(dport)", 7070), (b"$rpl(dproto)", b"udp"), (b"$rpl(dprotoid)", 1),
        (b"$rpl(cntvia)", 2), (b"$rpl(cntrr)", 0), (b"$nh(d)", b"10.9.9.9"), (b"$nh(p)", b"7070"), (b"$ua", None),
        (b"$cl", 0), (b"$rb", b""), (b"$bs", 0), (b"$ct", None), (b"$expires(min)", None), (b"$au", None),
    ],
)  # fmt: skip
def test_reply(name: bytes, value: Any) -> None:
    assert parse_spec(name).get(SipMsg.from_bytes(REPLY)) == value


@pytest.mark.parametrize("name", [b"$ru", b"$rU", b"$rd", b"$rp"])
def test_request_uri_of_a_reply_cannot_be_set(name: bytes) -> None:
    msg = SipMsg.from_bytes(REPLY)
    put(msg, name, b"sip:x@y")
    assert msg.new_uri is None


SENT = [
    (b"$fu", b"sip:new@h", b'From: "Alice A" <sip:new@h>;tag=ft1\r\n'),
    (b"$fU", b"zoe", b'From: "Alice A" <sip:zoe@atlanta.com;p=1>;tag=ft1\r\n'),
    (b"$fU", None, b'From: "Alice A" <sip:atlanta.com;p=1>;tag=ft1\r\n'),
    (b"$fd", b"h.org", b'From: "Alice A" <sip:alice@h.org;p=1>;tag=ft1\r\n'),
    (b"$fn", b'"Z"', b'From: "Z" <sip:alice@atlanta.com;p=1>;tag=ft1\r\n'),
    (b"$tu", b"tel:+1", b"To: <tel:+1>\r\n"),
    (b"$tU", b"bo", b"To: <sip:bo@biloxi.com>\r\n"),
    (b"$td", b"h", b"To: <sip:bob@h>\r\n"),
    (b"$tn", b"Bob", b"To: Bob <sip:bob@biloxi.com>\r\n"),
]


@pytest.mark.parametrize(("name", "value", "line"), SENT)
def test_from_and_to_change_in_what_is_sent(msg: SipMsg, name: bytes, value: Any, line: bytes) -> None:
    before = parse_spec(name).get(msg)
    put(msg, name, b"first")
    put(msg, name, value)
    assert parse_spec(name).get(msg) == before
    assert line in (parse_spec(b"$mbu").get(msg) or b"")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "value"),
    [(b"$ru", 5), (b"$ru", None), (b"$ru", b""), (b"$rd", None), (b"$rU", 5), (b"$du", 5), (b"$fu", None), (b"$fu", 5),
     (b"$mf", b"x"), (b"$bf", None), (b"$Mf(1)", b"x"), (b"$fs", b"udp:9.9.9.9:1"), (b"$br", None),
     (b"$branch(uri)", b"sip:a@b"), (b"$msgbuf(0)", b"X")],
)  # fmt: skip
def test_refused_values_change_nothing(msg: SipMsg, name: bytes, value: Any) -> None:
    before = parse_spec(name).get(msg)
    spec = parse_spec(name)
    assert spec.set is not None
    assert spec.set(msg, value) == -1
    assert parse_spec(name).get(msg) == before


def test_time_is_the_same_for_a_whole_message(msg: SipMsg) -> None:
    first = parse_format(b"$Ts $TV(s) $TV(u)").eval(msg)
    time.sleep(0.01)
    assert parse_format(b"$Ts $TV(s) $TV(u)").eval(msg) == first
    assert abs(parse_spec(b"$TS").get(msg) - time.time()) < 2  # type: ignore[operator]


def test_broken_down_time(msg: SipMsg) -> None:
    now = time.localtime()
    assert parse_spec(b"$time(year)").get(msg) == now.tm_year
    assert parse_spec(b"$time(mon)").get(msg) == now.tm_mon
    assert parse_spec(b"$timef(%Y-%m)").get(msg) == time.strftime("%Y-%m").encode()
    wday = parse_spec(b"$utime(wday)").get(msg)
    assert isinstance(wday, int) and 1 <= wday <= 7


def test_updated_buffer_shows_edits(msg: SipMsg) -> None:
    put(msg, b"$rU", b"carol")
    assert b"INVITE sip:carol:pw@example.com:5080" in parse_spec(b"$mbu").get(msg)  # type: ignore[operator]
    assert b"INVITE sip:bob:pw@" in parse_spec(b"$mb").get(msg)  # type: ignore[operator]


def test_avps_are_bounded(msg: SipMsg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avp_store, "MAX_VALUES", 3)
    monkeypatch.setattr(xavp_store, "MAX_VALUES", 3)
    for _ in range(10):
        put(msg, b"$avp(x)", b"v")
        put(msg, b"$xavp(x=>y)", b"v")
    assert parse_format(b"$cnt($avp(x)) $cnt($xavp(x))").eval(msg) == b"3 3"


def test_environment_and_process(msg: SipMsg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHEA_TEST", "12ab")
    assert parse_format(b"$env(KAHEA_TEST) $envn(KAHEA_TEST) $env(KAHEA_NONE) $envn(KAHEA_NONE)").eval(msg) == (
        b"12ab 12 <null> <null>"
    )


def test_index_by_variable_that_is_no_number_is_null(msg: SipMsg) -> None:
    put(msg, b"$var(k)", b"x")
    assert parse_spec(b"$(hdr(X-Test)[$var(k)])").get(msg) is None


def test_dynamic_names(msg: SipMsg) -> None:
    put(msg, b"$var(name)", b"X-Test")
    assert parse_spec(b"$hdr($var(name))").get(msg) == b"one"
    assert parse_spec(b"$hdrc($var(name))").get(msg) == 3
    put(msg, b"$avp($var(name))", b"v")
    assert parse_spec(b"$avp(X-Test)").get(msg) == b"v"
    put(msg, b"$(avp($var(name))[*])", None)
    assert parse_spec(b"$avp(X-Test)").get(msg) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (b"via", b"SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKa;rport"), (b"via.host", b"10.0.0.2"),
        (b"v[2].host", b"10.0.0.3"),
        (b"via[-1].transport", b"TCP"), (b"via[3].host", None), (b"via.port", b"5062"),
        (b"via[2].params.received", b"10.9.9.9"),
        (b'via.params["branch"]', b"z9hG4bKa"), (b"msg.header.X_Test", b"one"), (b'msg.h["X-Test"][2]', b"two"),
        (b'msg.header["X-Test"][-1]', b"three"), (b'proxy_authorization["r1"].username', b"alice@atlanta.com"),
        (b'proxy_authorization["r1"].username.user', b"alice"), (b'proxy_authorization["other"].nonce', None),
        (b'authorization["r1"].nonce', None), (b"to.uri.host", b"biloxi.com"), (b"contact.uri.user", b"alice"),
        (b"contact.expires", b"60"), (b"ruri.params.x", b"1"), (b"msg.first_line", INVITE.partition(b"\r\n")[0]),
    ],
)  # fmt: skip
def test_selects(msg: SipMsg, path: bytes, value: Any) -> None:
    assert parse_spec(b"$sel(" + path + b")").get(msg) == value


@pytest.mark.parametrize("path", [b"via.colour", b"via[0]", b"nope", b'authorization["r"].nope', b"ruri.nope"])
def test_selects_that_do_not_exist(path: bytes) -> None:
    with pytest.raises(ValueError):
        parse_spec(b"$sel(" + path + b")")


def test_script_variables_are_read_and_written_in_place(msg: SipMsg) -> None:
    config = parse_text(b"request_route { $var(q) = $var(q) + 1; $vn(q) = $hdr(X-None); $var(q2) = $hdr(X-None); }")
    compiled = compile_config(config, ServerEnvironment())
    var_cell(b"q").value, vn_cell(b"q").value, var_cell(b"q2").value = 4, b"old", b"old"
    compiled.routes["request_route"][b""](msg)
    assert (var_cell(b"q").value, vn_cell(b"q").value, var_cell(b"q2").value) == (5, None, 0)
    assert "var_q.value = " in compiled.source and "set_var" not in compiled.source
