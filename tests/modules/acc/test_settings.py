"""Parameters: what is read, what is refused, and what is said about those without effect."""

import pytest

from kahea.core.errors import ModuleError
from kahea.core.loader import LoadedModule, find_param, set_param
from kahea.modules.acc import exports, lifecycle
from kahea.modules.acc.extra import legs, parse_extra
from kahea.modules.acc.record import phrase
from kahea.modules.acc.settings import Settings, mask
from kahea.parser.msg import SipMsg

MESSAGE = (
    b"MESSAGE sip:bob@b.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKx\r\nX: one;two\r\n"
    b"From: <sip:alice@a.test>;tag=1\r\nTo: <sip:bob@b.test>\r\nCSeq: 1 MESSAGE\r\nCall-ID: x\r\n\r\n"
)


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(MESSAGE)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"a=$fU", {"a": b"alice"}),
        (b"a=$fU;b=$rU;", {"a": b"alice", "b": b"bob"}),
        (b" a = $fU ; b=$(tU) ", {"a": b"alice", "b": b"bob"}),
        (b"a=$(hdr(X){s.select,1,;});b=$ml", {"a": b"two", "b": b"%d" % len(MESSAGE)}),
        (b"a=$avp(none)", {"a": None}),
        (b"", {}),
    ],
)
def test_extra_values(msg: SipMsg, text: bytes, values: dict[str, bytes | None]) -> None:
    assert {extra.name: extra.get(msg) for extra in parse_extra("log_extra", text)} == values


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"a", 'log_extra: "a" is not of the form'),
        (b"=$fU", "is not of the form"),
        (b"a=x", r"a variable begins with \$"),
        (b"a=$nosuch", "log_extra: .*nosuch"),
        (b"a=$fU b=$rU", 'a ";" is missing before " b='),
    ],
)
def test_what_is_no_list_of_values_is_refused(text: bytes, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        parse_extra("log_extra", text)


def test_legs_are_rows_of_the_same_place(msg: SipMsg) -> None:
    extras = parse_extra("multi_leg_info", b"src=$avp(src);dst=$avp(dst)")
    assert legs(extras, msg) == [[None, None]]
    msg.avps.update({b"src": [b"b", b"a"], b"dst": [5]})
    assert legs(extras, msg) == [[b"b", b"5"], [b"a", None]]


def test_flags_are_bits() -> None:
    assert (mask(-1), mask(0, 2, 2, -1), mask(31)) == (0, 5, 1 << 31)


@pytest.mark.parametrize("value", [b"", b"200", b"404,x", b"404,,487", b"1000"])
def test_filter_takes_codes_of_failures(value: bytes) -> None:
    with pytest.raises(ValueError, match="failed_filter"):
        Settings().set_filter(value)


@pytest.mark.parametrize(("name", "value"), [("log_flag", 32), ("time_mode", 5), ("db_insert_mode", -1)])
def test_numbers_have_limits(name: str, value: int) -> None:
    module = LoadedModule("acc", exports, "")
    with pytest.raises(ModuleError, match=f'"{name}" of module "acc" must be '):
        set_param(module, find_param(module, name), value)


def test_what_has_no_effect_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Settings(cdr_enable=1, db_insert_mode=2, db_flag=1)
    monkeypatch.setattr(lifecycle, "settings", chosen)
    cdr, mode, url = lifecycle.check()
    assert "cdr_enable needs module dialog" in cdr and "db_insert_mode" in mode and "db_url" in url
    monkeypatch.setattr(lifecycle, "settings", Settings())
    assert lifecycle.check() == []


def test_phrases() -> None:
    assert [phrase(code) for code in (404, 202, 499, 700)] == [b"Not Found", b"Successful", b"Request Failure", b""]
