"""Addresses with display names and parameters, alone and in lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.parser.errors import BadHeader
from kahea.parser.headers.nameaddr import iter_nameaddr, parse_nameaddr
from kahea.parser.headers.rr import parse_rr, route_set


def test_all_parts() -> None:
    addr = parse_nameaddr(b'"A. \\"B\\", C" <sip:a@b;x=1>;tag=t1;p="q;,r" ;flag')
    assert addr.display == b'"A. \\"B\\", C"'
    assert addr.display_text == b'A. "B", C'
    assert addr.uri == b"sip:a@b;x=1"
    assert addr.tag_value == b"t1"
    assert addr.params == b'tag=t1;p="q;,r" ;flag'
    assert addr.param_dict == {b"tag": b"t1", b"p": b"q;,r", b"flag": None}
    assert (addr.param(b"flag"), addr.param(b"p"), addr.param(b"none")) == (b"", b"q;,r", None)


def test_without_brackets_parameters_belong_to_the_header() -> None:
    addr = parse_nameaddr(b"sip:a@b;tag=1")
    assert (addr.uri, addr.params, addr.tag_value) == (b"sip:a@b", b"tag=1", b"1")


def test_blanks_and_folding_between_all_parts() -> None:
    addr = parse_nameaddr(b'"A"\r\n <sip:a@b>\r\n\t; tag = 5\r\n ;x')
    assert (addr.display, addr.uri, addr.tag_value) == (b'"A"', b"sip:a@b", b"5")


def test_display_name_of_several_tokens_and_without_blank() -> None:
    assert parse_nameaddr(b"caller<sip:caller@example.com>;tag=323").display == b"caller"
    assert parse_nameaddr(b"J. Rosenberg (desk) <sip:j@x>").display == b"J. Rosenberg (desk)"


def test_comma_list_is_iterated_and_commas_in_quotes_are_not() -> None:
    values = list(iter_nameaddr(b'"A, B" <sip:a@b>;q="1,2", <sip:c@d> ,sip:e@f'))
    assert [v.uri for v in values] == [b"sip:a@b", b"sip:c@d", b"sip:e@f"]
    assert [v.body for v in values] == [b'"A, B" <sip:a@b>;q="1,2"', b"<sip:c@d>", b"sip:e@f"]


def test_tag_is_found_in_any_case_and_its_first_counts() -> None:
    assert parse_nameaddr(b"<sip:a@b>;TAG=x;tag=y").tag_value == b"x"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"*", b'"A <sip:a@b>', b"<sip:a@b", b"sip:a@b>", b"<>", b"< >", b"<a@b>", b'"A" sip:a@b', b"<sip:a@b> x",
        b"<sip:a@b>;tag=1 x", b"Bell, Alexander <sip:a@b>", b"<sip:a@b>;p=\"q", b"<sip:a@b>;=x",
    ],
)  # fmt: skip
def test_malformed_addresses_are_refused(body: bytes) -> None:
    with pytest.raises(BadHeader):
        parse_nameaddr(body)


def test_one_value_is_not_a_list() -> None:
    with pytest.raises(BadHeader):
        parse_nameaddr(b"<sip:a@b>, <sip:c@d>")


def test_routes_need_brackets() -> None:
    assert [r.uri for r in parse_rr(b"<sip:p1;lr>, <sip:p2;lr>")] == [b"sip:p1;lr", b"sip:p2;lr"]
    assert [r.uri for r in route_set([b"<sip:p1;lr>", b"<sip:p2>"])] == [b"sip:p1;lr", b"sip:p2"]
    with pytest.raises(BadHeader):
        parse_rr(b"sip:p1;lr")


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20).map(str.encode)


@given(texts, st.from_regex(rb"[a-z0-9.-]{1,12}", fullmatch=True))
def test_any_quoted_display_name_survives(text: bytes, tag: bytes) -> None:
    from kahea.parser.params import quote

    addr = parse_nameaddr(quote(text) + b" <sip:a@b>;tag=" + tag)
    assert (addr.display_text, addr.tag_value) == (text, tag)


@given(st.binary(max_size=120))
def test_any_bytes_end(data: bytes) -> None:
    try:
        for value in iter_nameaddr(data):
            assert value.uri in data
    except BadHeader:
        pass
