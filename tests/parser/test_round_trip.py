"""Put together, taken apart, built again: nothing is lost and nothing is invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.parser.hdr import HdrType, hdr_type, parse_headers, parsed_flag
from kahea.parser.msg import SipMsg, parse_msg
from kahea.src.native import ffi, lib
from kahea.tools.bench.parser.messages import MESSAGES as BENCH

from .corpus import ENTRIES, MESSAGES, name

out = ffi.new("char[]", lib.KH_MSG_MAX)


def rebuilt(msg: SipMsg) -> bytes:
    """The message built without any edit."""
    size = lib.kh_build_plain(msg.c, msg.edits, out, lib.KH_MSG_MAX)
    assert size >= 0
    return ffi.unpack(out, size)


@pytest.mark.parametrize(
    "data", [m for e, m in zip(ENTRIES, MESSAGES, strict=True) if name(e) != "test"], ids=lambda m: m[:20].decode()
)
def test_torture_messages_without_edits_are_built_byte_for_byte(data: bytes) -> None:
    msg = SipMsg.from_bytes(data)
    framed = data[: msg.c.body.off + msg.c.body.len]  # octets behind Content-Length belong to no message
    assert rebuilt(msg) == framed


@pytest.mark.parametrize(
    "data", [m for e, m in zip(ENTRIES, MESSAGES, strict=True) if name(e) != "test"], ids=lambda m: m[:20].decode()
)
def test_torture_messages_with_bare_line_feeds_are_read_the_same(data: bytes) -> None:
    head, empty, body = data.partition(b"\r\n\r\n")
    crlf, lf = SipMsg.from_bytes(data), SipMsg.from_bytes((head + empty).replace(b"\r\n", b"\n") + body)
    assert lf.bad == crlf.bad
    assert lf.body == crlf.body
    assert list(lf.all_headers()) == [(n, b.replace(b"\r\n", b"\n")) for n, b in crlf.all_headers()]
    assert [lib.kh_msg_field(lf.c, n) >= 0 for n in range(lib.KH_FIELDS)] == [
        lib.kh_msg_field(crlf.c, n) >= 0 for n in range(lib.KH_FIELDS)
    ]


@pytest.mark.parametrize("title", BENCH)
def test_messages_of_the_benchmark_are_clean(title: str) -> None:
    msg = parse_msg(BENCH[title])
    assert msg.bad == 0
    assert rebuilt(msg) == BENCH[title]


COMPACT = [b"%c" % letter for letter in b"abcdefijkmnorstuvxy"]  # all but l, which would have to be right
KNOWN = [b"Via", b"FROM", b"to", b"Call-ID", b"Cseq", b"contact", b"Record-Route", b"P-Asserted-Identity", b"X-A"]
names = st.one_of(
    st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,30}", fullmatch=True), st.sampled_from(COMPACT), st.sampled_from(KNOWN)
).filter(lambda name: hdr_type(name) != HdrType.CONTENTLENGTH)
blanks = st.sampled_from([b"", b" ", b"\t ", b"  "])
line_ends = st.sampled_from([b"\r\n", b"\n"])
folds = st.one_of(
    st.just(b""),
    st.builds(lambda end, more: end + b" " + more, line_ends, blanks),
    st.builds(lambda one, two: one + b"\t" + two + b" \t", line_ends, line_ends),  # a line of blanks alone between
)
words = st.from_regex(rb"[!-~\x80-\xff]{1,30}([ \t][!-~]{1,10}){0,3}", fullmatch=True)
headers = st.tuples(names, blanks, st.one_of(blanks, folds), words, folds, words, blanks, line_ends)
first_lines = st.sampled_from(
    [b"OPTIONS sip:a SIP/2.0", b"SIP/2.0 200 OK", b"INVITE tel:+1 SIP/2.0", b"PUT /x HTTP/1.1"]
)
before = st.sampled_from([b"", b"\r\n", b"\r\n\r\n", b"\n"])


@given(before, first_lines, line_ends, st.lists(headers, max_size=30), line_ends, st.binary(max_size=100))
def test_any_headers_come_apart_as_they_were_put_together(
    empty: bytes, first: bytes, end: bytes, parts: list[tuple[bytes, ...]], last: bytes, body: bytes
) -> None:
    lines = [name + b1 + b":" + b2 + one + fold + two + b3 + eol for name, b1, b2, one, fold, two, b3, eol in parts]
    data = empty + first + end + b"".join(lines) + last + body
    msg = SipMsg.from_bytes(data)
    wanted = [(h[0], h[3] + h[4] + h[5]) for h in parts]
    assert list(msg.all_headers()) == wanted
    framed = b"" if first.startswith(b"PUT") else body  # without a length a request of HTTP has no body
    assert (msg.body or b"") == framed
    assert rebuilt(msg) == data[: len(data) - len(body)] + framed
    for n, _ in wanted:
        assert msg.headers(n) == [b for m, b in wanted if m.lower() == n.lower() or _same_type(m, n)]


def _same_type(a: bytes, b: bytes) -> bool:
    return hdr_type(a) == hdr_type(b) != HdrType.OTHER


@given(st.binary(max_size=300))
def test_any_bytes_behind_a_first_line_are_survived(data: bytes) -> None:
    msg = SipMsg.from_bytes(b"OPTIONS sip:a SIP/2.0\r\n" + data)
    assert rebuilt(msg) == msg.buf[: msg.c.body.off + msg.c.body.len]
    assert parse_headers(msg) == parsed_flag(msg)
    for kind in HdrType:
        if kind > 0:
            assert len(msg.headers(int(kind))) == lib.kh_msg_hdr_count(msg.c, kind)
