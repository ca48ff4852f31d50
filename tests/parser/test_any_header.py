"""Every registered parser of a header body: whole ones are read, cut or broken ones are read or refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kahea.parser.errors import ParseError
from kahea.parser.headers.table import parsed_field, parser_of, registered_names
from kahea.parser.msg import SipMsg

from .field_corpus import FIELD
from .test_guide import REQUEST

GUIDE = dict(SipMsg.from_bytes(REQUEST).all_headers())
HAVE_A_PARSER = [name for name in GUIDE if parser_of(name)]
PIECES = [
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b"=",
    b"\\",
    b" ",
    b"\r\n ",
    b"%",
    b"*",
    b"sip:",
    b"a",
    b"9" * 25,
    b"\xff",
    b"\0",
]


def survives(name: bytes, body: bytes) -> bool:
    """Whether the parser of this header took it; anything but a ParseError is its fault."""
    parse = parser_of(name)
    assert parse is not None
    try:
        parse(body)
    except ParseError:
        return False
    return True


def test_the_sample_has_a_header_for_nearly_every_parser() -> None:
    assert len({parser_of(name) for name in HAVE_A_PARSER}) >= len({parser_of(name) for name in registered_names()}) - 1


@pytest.mark.parametrize("name", HAVE_A_PARSER, ids=lambda name: name.decode())
def test_a_body_cut_at_every_byte_is_read_or_refused(name: bytes) -> None:
    assert survives(name, GUIDE[name])
    for end in range(len(GUIDE[name])):
        survives(name, GUIDE[name][:end])


@pytest.mark.parametrize("name", sorted(registered_names()), ids=lambda name: name.decode())
@settings(max_examples=30)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=12), more=st.binary(max_size=20))
def test_any_bytes_are_read_or_refused(name: bytes, pieces: list[bytes], more: bytes) -> None:
    survives(name, b"".join(pieces) + more)
    survives(name, GUIDE.get(name, b"") + b"".join(pieces))


@pytest.mark.parametrize("title", [title for title in FIELD if title != "odd/comment in Via"])
def test_headers_of_messages_from_the_field_are_all_read(title: str) -> None:
    msg = SipMsg.from_bytes(FIELD[title])
    for number, (name, body) in enumerate(msg.all_headers()):
        if parser_of(name) and body:
            assert parsed_field(msg, number) is not None
