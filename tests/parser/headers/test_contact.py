"""Contact: star, lists, q and expires."""

import pytest

from kahea.parser.errors import BadHeader
from kahea.parser.headers.contact import parse_contact, parse_q


def test_list_with_parameters() -> None:
    body = parse_contact(
        b'"Mr. W" <sip:w@b>;q=0.7;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=1, <mailto:w@b>;q=0.1'
    )
    assert not body.star
    first, second = body.contacts
    assert (first.uri, first.q, first.expires) == (b"sip:w@b", 700, 3600)
    assert (first.instance, first.reg_id) == (b"<urn:uuid:1>", b"1")
    assert (second.uri, second.q, second.expires, second.instance) == (b"mailto:w@b", 100, None, None)


def test_star() -> None:
    assert parse_contact(b" * ").star


@pytest.mark.parametrize(
    ("text", "q"),
    [(b"1", 1000), (b"0", 0), (b"0.5", 500), (b"0.123", 123), (b".5", 500), (b"1.000", 1000), (b"1.", 1000)],
)
def test_q_in_thousandths(text: bytes, q: int) -> None:
    assert parse_q(text) == q


@pytest.mark.parametrize("text", [b"", b"2", b"-1", b"0.x", b".", b"abc"])
def test_bad_q_is_refused(text: bytes) -> None:
    with pytest.raises(BadHeader):
        parse_q(text)
