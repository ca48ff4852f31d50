"""Each check: what passes, what fails, and with which answer. Answers are Kamailio 5.6's where it gives one."""

from collections.abc import Iterator
from typing import Any

import pytest

from kahea.modules.sanity import reply
from kahea.modules.sanity.check import sanity_check, specialise_check
from kahea.modules.sanity.reply import sanity_reply
from kahea.modules.sanity.settings import Settings, settings
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib

DIGEST = b'Digest username="a", realm="r", nonce="n", uri="sip:x", response="00112233445566778899aabbccddeeff"'


class Sl:
    """Stands for the sl module: notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, bytes]] = []

    def send_reply(self, msg: SipMsg, code: int, reason: bytes) -> int:
        self.sent.append((code, reason))
        return 1


@pytest.fixture(autouse=True)
def sl(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sl]:
    fake = Sl()
    monkeypatch.setattr(reply, "_sl", fake)
    yield fake
    for name in Settings.__slots__:
        setattr(settings, name, getattr(Settings(), name))


def message(first: bytes = b"INVITE sip:b@127.0.0.1 SIP/2.0", body: bytes = b"", **headers: bytes | None) -> SipMsg:
    values: dict[str, bytes | None] = {
        "Via": b"SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKx",
        "From": b"<sip:a@b.com>;tag=1",
        "To": b"<sip:c@d.com>",
        "CSeq": b"1 " + first.split()[0],
        "Call-ID": b"x",
        "Max-Forwards": b"70",
        "Content-Length": b"%d" % len(body),
    }
    values.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [first, *(name.encode() + b": " + value for name, value in values.items() if value is not None)]
    return SipMsg.from_bytes(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def failure(msg: SipMsg, checks: int, sl: Sl, uris: int = 7) -> tuple[int, bytes] | None:
    """The reply that a check sends, None when it passes."""
    before = len(sl.sent)
    rc = sanity_check(msg, checks, uris)
    assert (rc == 1) == (len(sl.sent) == before)
    return sl.sent[-1] if rc != 1 else None


def test_a_clean_request_passes_every_check(sl: Sl) -> None:
    msg = message(Contact=b"<sip:a@b>", Authorization=DIGEST, Expires=b"3600")
    assert failure(msg, 32767, sl, 15) is None
    assert (
        sanity_check(msg)
        == specialise_check()(msg)
        == specialise_check(3047)(msg)
        == specialise_check(3047, 7)(msg)
        == 1
    )


@pytest.mark.parametrize(
    ("check", "change", "answer"),
    [
        (1, {"first": b"INVITE sip:b@c SIP/3.0"}, (505, b"Version Not Supported")),
        (2, {"first": b"INVITE http://x.com SIP/2.0"}, (416, b"Unsupported URI Scheme")),
        (2, {"first": b"INVITE sip:a@2001:db8::1 SIP/2.0"}, (400, b"Bad Request URI")),
        (2, {"first": b"INVITE tel:+123 SIP/2.0"}, None),
        (2, {"first": b"INVITE urn:service:sos SIP/2.0"}, None),
        (2, {"first": b"INVITE sips:a@b SIP/2.0"}, None),
        (4, {"To": None}, (400, b"Missing Required Header in Request")),
        (4, {"From": None}, (400, b"Missing Required Header in Request")),
        (4, {"CSeq": None}, (400, b"Missing Required Header in Request")),
        (4, {"Call_ID": None}, (400, b"Missing Required Header in Request")),
        (4, {"Via": None}, (400, b"Missing Required Header in Request")),
        (32, {"CSeq": b"1 BYE"}, (400, b"CSeq method does not match request method")),
        (32, {"CSeq": b"1 FOO"}, (400, b"CSeq method does not match request method")),
        (64, {"CSeq": b"-1 INVITE"}, (400, b"CSeq number is illegal")),
        (64, {"CSeq": b"99999999999999999999 INVITE"}, (400, b"CSeq number is illegal")),
        (128, {"Content_Length": b"5"}, (400, b"Content-Length mis-match")),
        (128, {"Content_Length": b"0", "body": b"noise"}, None),
        (128, {"Content_Length": None, "body": b"xy"}, None),
        (256, {"Expires": b"4294967295"}, None),
        (256, {"Expires": b"-1"}, (400, b"Expires value is illegal")),
        (256, {"Expires": b"abc"}, (400, b"Expires value is illegal")),
        (512, {"Proxy_Require": b"foo, Bar"}, None),
        (512, {"Proxy_Require": b"foo,baz, qux"}, (420, b"Bad Proxy Require Extension")),
        (1024, {"first": b"INVITE sip:a@[::1 SIP/2.0"}, (400, b"Bad Request URI")),
        (1024, {"From": b"<sip:a@[::1>;tag=1"}, (400, b"Invalid From Header")),
        (1024, {"To": b"<sip:a@>"}, (400, b"Invalid To Header")),
        (1024, {"Contact": b"<sip:a@[::1>"}, (400, b"Bad Contact URI")),
        (1024, {"Contact": b"*"}, None),
        (2048, {"Authorization": DIGEST}, None),
        (2048, {"Proxy_Authorization": DIGEST.replace(b'nonce="n", ', b"")}, (400, b"Bad Auth Credentials")),
        (2048, {"Authorization": DIGEST + b", qop=auth"}, (400, b"Bad Auth Credentials")),
        (2048, {"Authorization": DIGEST.replace(b'"a"', b'""')}, (400, b"Auth Empty User")),
        (2048, {"Authorization": b"Basic abcd"}, (400, b"Bad Auth Credentials")),
        (4096, {"From": b"<sip:a@b>;tag=1;tag=2"}, (400, b"Many From Tag Params")),
        (4096, {"To": b"<sip:a@b>;tag=1;tag=2"}, (400, b"Many To Tag Params")),
        (8192, {"Authorization": b"Basic abcd"}, None),
        (8192, {"Authorization": DIGEST.replace(b'uri="sip:x", ', b"")}, (400, b"Bad Auth Credentials")),
        (16384, {"Via": b"SIP/2.0/UDP"}, (400, b"Bad Via1 Header")),
    ],
)
def test_each_check(check: int, change: dict[str, Any], answer: tuple[int, bytes] | None, sl: Sl) -> None:
    settings.set_proxy_require(b"foo, bar")
    assert failure(message(**change), check, sl, 15) == answer


def test_unsupported_lists_what_is_not_accepted(sl: Sl) -> None:
    settings.set_proxy_require(b"foo")
    msg = message(Proxy_Require=b"foo, baz, qux")
    assert sanity_check(msg, 512) == 0
    out = ffi.new("char[]", 4096)
    size = lib.kh_build_reply(msg.c, msg.edits, 420, b"Bad", 3, b"t", 1, ffi.NULL, 0, out, 4096)
    assert SipMsg.from_bytes(ffi.unpack(out, size)).header(b"Unsupported") == b"baz, qux"


def test_autodrop_decides_between_ending_the_script_and_false(sl: Sl) -> None:
    msg = message(Expires=b"x")
    assert sanity_check(msg) == 0
    settings.autodrop = 0
    assert sanity_check(msg) == specialise_check(3047, 7)(msg) == -1


def test_noreply_leaves_the_reply_to_the_script(sl: Sl) -> None:
    settings.noreply = 1
    msg = message(Expires=b"x")
    assert sanity_reply(msg) == -1
    assert sanity_check(msg) == 0
    assert sl.sent == []
    assert sanity_reply(msg) == 1
    assert sl.sent == [(400, b"Expires value is illegal")]
    assert sanity_reply(msg) == -1
