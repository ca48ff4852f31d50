"""Multipart bodies: made, extended, read, shortened."""

import pytest

from kahea.cfg.regex import compile_regex
from kahea.core.msg.translate import build_all
from kahea.core.pv import parse_spec
from kahea.modules.textops import multipart, search
from kahea.parser.body import find_part
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE


@pytest.fixture
def plain() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


@pytest.fixture
def mixed(plain: SipMsg) -> SipMsg:
    assert multipart.set_body_multipart(plain) == 1
    return SipMsg.from_bytes(build_all(plain))


def sent(msg: SipMsg) -> SipMsg:
    return SipMsg.from_bytes(build_all(msg))


def test_present_body_becomes_the_first_part(mixed: SipMsg) -> None:
    assert mixed.content_type == b'multipart/mixed;boundary="unique-boundary-1"'
    assert mixed.header(b"Mime-Version") == b"1.0"
    part = find_part(mixed, b"application/sdp")
    assert part is not None and part.content == b"v=0\n"


def test_given_text_and_boundary(plain: SipMsg) -> None:
    assert multipart.set_body_multipart(plain, b"text", b"text/plain", b"b1") == 1
    assert sent(plain).body == b"--b1\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b1--\r\n"


def test_parts_are_added_and_read(mixed: SipMsg) -> None:
    assert multipart.append_body_part(mixed, b"one", b"text/plain", b"signal") == 1
    assert multipart.append_body_part_hex(mixed, b"6b 61", b"text/hex\r\nX: y") == 1
    assert multipart.append_body_part_hex(mixed, b"6", b"text/hex") == -1
    msg, pv = sent(mixed), parse_spec(b"$var(part)")
    assert multipart.get_body_part(msg, b"text/plain", pv) == 1
    assert pv.get(msg) == b"one"
    assert multipart.get_body_part_raw(msg, b"TEXT/hex", pv) == 1
    assert pv.get(msg) == b"--unique-boundary-1\r\nContent-Type: text/hex\r\nX: y\r\n\r\nka\r\n"
    assert multipart.get_body_part(msg, b"text/none", pv) == -1


def test_parts_are_removed(mixed: SipMsg) -> None:
    multipart.append_body_part(mixed, b"one", b"text/plain")
    msg = sent(mixed)
    assert multipart.remove_body_part(msg, b"application/sdp") == 1
    assert multipart.remove_body_part(msg, b"text/none") == -1
    shorter = sent(msg)
    assert find_part(shorter, b"application/sdp") is None
    assert find_part(shorter, b"text/plain") is not None


def test_plain_bodies_have_no_parts(plain: SipMsg) -> None:
    assert multipart.append_body_part(plain, b"x", b"text/plain") == -1
    assert multipart.remove_body_part(plain, b"application/sdp") == -1


GROUPS = compile_regex(b"([a-z]+)([0-9]+)([a-z]*)")


@pytest.mark.parametrize(
    ("index", "most", "wanted"),
    [(0, 3, b"abc123def"), (1, 3, b"abc"), (2, 3, b"123"), (2, 2, None), (5, 9, None), (-1, 3, None)],
)
def test_group_of_a_match(plain: SipMsg, index: int, most: int, wanted: bytes | None) -> None:
    pv = parse_spec(b"$vn(group)")
    assert pv.set is not None
    pv.set(plain, None)
    code = search.regex_substring(plain, b"___ abc123def ___", GROUPS, index, most, pv)
    assert (code, pv.get(plain)) == (1 if wanted else -1, wanted)
