"""Messages found in a stream of bytes, whatever the size of the pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.src.native import ffi, lib

HEAD = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n"
MAX = 65535


def frame(data: bytes, limit: int = MAX, flags: int = 0) -> int:
    """Length of the message at the front of these bytes, or the code."""
    return int(lib.kh_frame_next(ffi.new("kh_frame *"), data, len(data), limit, flags))


def message(length: bytes, body: bytes = b"") -> bytes:
    return HEAD + length + b"\r\n" + body


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (b"Content-Length: 0\r\n", b""),
        (b"Content-Length: 5\r\n", b"hello"),
        (b"l: 5\r\n", b"hello"),
        (b"L:5\r\n", b"hello"),
        (b"CONTENT-LENGTH :\t 5 \r\n", b"hello"),
        (b"Content-Length:\r\n 5\r\n", b"hello"),
        (b"Content-Length: 0000000000000005\r\n", b"hello"),
        (b"Content-Length: 5\r\nl: 5\r\n", b"hello"),
        (b"X: a\r\n Content-Length: 9\r\nContent-Length: 5\r\n", b"hello"),
        (b"Lucky: 7\r\nContent-Lengthy: 8\r\nContent-Length: 5\r\n", b"hello"),
        (b"Content-Length: 5\n", b"hello"),
    ],
)
def test_content_length_says_where_the_message_ends(lines: bytes, body: bytes) -> None:
    whole = message(lines, body)
    assert frame(whole + b"INVITE next") == len(whole)
    assert frame(whole) == len(whole)
    if body:
        assert frame(whole[:-1]) == lib.KH_EINCOMPLETE


@pytest.mark.parametrize(
    "lines",
    [
        b"", b"Content-Length:\r\n", b"Content-Length: -1\r\n", b"Content-Length: abc\r\n", b"Content-Length: 5x\r\n",
        b"Content-Length: 5 5\r\n", b"Content-Length: +5\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"l: 5\r\nContent-Length: 0\r\n", b"Content-Length: 0x10\r\n", b"Content-Length\r\n",
    ],
)  # fmt: skip
def test_without_a_good_content_length_there_is_no_message(lines: bytes) -> None:
    assert frame(message(lines, b"hello")) == lib.KH_EMALFORMED


def test_message_without_content_length_has_no_body_where_that_is_accepted() -> None:
    assert frame(message(b"") + b"next", flags=lib.KH_FRAME_NO_CL) == len(message(b""))
    assert frame(message(b"l: x\r\n"), flags=lib.KH_FRAME_NO_CL) == lib.KH_EMALFORMED


@pytest.mark.parametrize("number", [b"65536", b"99999999", b"4294967296", b"18446744073709551616", b"9" * 200])
def test_what_is_too_long_is_known_from_its_headers(number: bytes) -> None:
    assert frame(message(b"Content-Length: " + number + b"\r\n")) == lib.KH_ETOOBIG


def test_limit_holds_for_headers_and_body() -> None:
    whole = message(b"Content-Length: 5\r\n", b"hello")
    assert frame(whole, len(whole)) == len(whole)
    assert frame(whole, len(whole) - 1) == lib.KH_ETOOBIG
    assert frame(HEAD, len(HEAD)) == lib.KH_ETOOBIG
    assert frame(HEAD, len(HEAD) + 1) == lib.KH_EINCOMPLETE


@pytest.mark.parametrize("first", [b"\x16\x03\x01\x02", b" OPTIONS", b":", b"\xff", b"<"])
def test_what_begins_with_no_name_is_refused_at_once(first: bytes) -> None:
    assert frame(first) == lib.KH_EMALFORMED


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n"])
def test_line_ends_of_either_kind_end_the_headers(end: bytes) -> None:
    whole = b"OPTIONS sip:a SIP/2.0\nl: 0" + end
    assert frame(whole + b"x") == len(whole)
    for size in range(1, len(whole)):
        assert frame(whole[:size]) == lib.KH_EINCOMPLETE


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_pieces_of_any_size_give_the_same_messages(bodies: list[bytes], sizes: list[int]) -> None:
    messages = [message(b"X: %d\r\nContent-Length: %d\r\n" % (n, len(b)), b) for n, b in enumerate(bodies)]
    stream, state, found, front = b"".join(messages), ffi.new("kh_frame *"), [], 0
    end, pieces = 0, 0
    while front < len(stream):
        end = min(end + sizes[pieces % len(sizes)], len(stream))
        pieces += 1
        while front < end and (size := lib.kh_frame_next(state, stream[front:end], end - front, MAX, 0)) > 0:
            found.append(stream[front : front + size])
            front += size
            state = ffi.new("kh_frame *")
        assert front == end or size == lib.KH_EINCOMPLETE
    assert found == messages


@given(st.binary(max_size=300), st.integers(1, 400), st.sampled_from([0, 1]))
def test_any_bytes_are_framed_or_refused(data: bytes, limit: int, flags: int) -> None:
    code = frame(data, limit, flags)
    assert 0 < code <= min(len(data), limit) or code in (lib.KH_EINCOMPLETE, lib.KH_EMALFORMED, lib.KH_ETOOBIG)
    if code == lib.KH_EINCOMPLETE:
        assert len(data) < limit


def test_no_byte_is_looked_at_twice() -> None:
    """A peer that sends byte after byte costs what it sends."""
    state, data = ffi.new("kh_frame *"), HEAD * 200
    looked = 0
    for size in range(1, len(data)):
        assert lib.kh_frame_next(state, data, size, MAX, 0) == lib.KH_EINCOMPLETE
        assert state.looked >= size - 2 >= looked - 2
        looked = size


@pytest.mark.parametrize(
    ("pieces", "pings", "left"),
    [
        ([b"\r\n"], 0, b""),
        ([b"\r\n\r\n"], 1, b""),
        ([b"\r\n", b"\r\n"], 1, b""),
        ([b"\r", b"\n", b"\r", b"\n"], 1, b""),
        ([b"\r\n\r\n\r\n"], 1, b""),
        ([b"\r\n\r\n\r\n\r\n"], 2, b""),
        ([b"\0\0\0\0OPT"], 0, b"OPT"),
        ([b"\r\n\r\nOPT"], 1, b"OPT"),
        ([b"\n\n\n\n"], 0, b""),
        ([b"\r\nA", b"\r\n"], 0, b""),
        ([b"OPT"], 0, b"OPT"),
    ],
)
def test_line_ends_between_messages_are_pings_when_double(pieces: list[bytes], pings: int, left: bytes) -> None:
    """RFC 5626 4.4.1"""
    state, count = ffi.new("kh_frame *"), ffi.new("uint32_t *")
    rest = b""
    for piece in pieces:
        rest = piece[lib.kh_frame_blanks(state, piece, len(piece), count) :]
    assert (count[0], rest) == (pings, left)
