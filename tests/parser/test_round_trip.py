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


@pytest.mark.parametrize("title", BENCH)
def test_messages_of_the_benchmark_are_clean(title: str) -> None:
    msg = parse_msg(BENCH[title])
    assert msg.bad == 0
    assert rebuilt(msg) == BENCH[title]


names = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,30}", fullmatch=True)
words = st.from_regex(rb"[!-~]{1,30}([ \t][!-~]{1,10}){0,3}", fullmatch=True)
folds = st.sampled_from([b"", b"\r\n ", b"\r\n\t"])
blanks = st.sampled_from([b"", b" ", b"\t ", b"  "])


@given(st.lists(st.tuples(names, blanks, blanks, words, folds, words), max_size=30), st.binary(max_size=100))
def test_any_headers_come_apart_as_they_were_put_together(
    headers: list[tuple[bytes, bytes, bytes, bytes, bytes, bytes]], body: bytes
) -> None:
    headers = [h for h in headers if hdr_type(h[0]) != HdrType.CONTENTLENGTH]
    lines = [name + b1 + b":" + b2 + first + fold + more for name, b1, b2, first, fold, more in headers]
    data = b"OPTIONS sip:a SIP/2.0\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body
    msg = SipMsg.from_bytes(data)
    wanted = [(h[0], (h[3] + h[4] + h[5]).rstrip()) for h in headers]
    assert [(n, b.rstrip()) for n, b in msg.all_headers()] == wanted
    assert (msg.body or b"") == body
    assert rebuilt(msg) == data
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
