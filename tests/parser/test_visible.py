"""edits_visible: reads after an edit see it, and edits count in what is seen."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.msg import lumps
from kahea.core.msg.translate import build_all, build_req_buf_from_sip_req
from kahea.parser.headers.table import parsed_header
from kahea.parser.msg import SipMsg
from kahea.parser.visible import show_edits
from kahea.src.native import lib
from kahea.tests.core.msg.messages import REQUEST, dest, request, sockets

__all__ = ["sockets"]
# Content-Length on top: its number changes with the body, so edits by offset stay behind it
DATA = REQUEST.replace(b"Content-Length: 5\r\n", b"").replace(b"Via:", b"Content-Length: 5\r\nVia:", 1)
FIRST = DATA.index(b"Via:")


@pytest.fixture(autouse=True)
def visible() -> Iterator[None]:
    show_edits(True)
    yield
    show_edits(False)


def test_without_edits_the_message_is_read_as_received() -> None:
    msg = request()
    assert msg.seen == msg.c
    lumps.set_edit_text(msg, lib.KH_EDP_NEW_URI, b"sip:x@y")
    assert msg.seen == msg.c and msg.orig_uri == b"sip:bob@example.com"


def test_what_was_read_before_an_edit_is_read_anew() -> None:
    msg = request()
    assert (msg.from_uri, msg.body, msg.contact_uri) == (b"sip:alice@example.com", b"hello", b"sip:alice@10.0.0.1:5062")
    lumps.replace_lump(msg, msg.buf.index(b"alice@example"), 5, b"carol")
    lumps.replace_lump(msg, msg.buf.index(b"hello"), 5, b"good bye")
    lumps.remove_hf(msg, b"Contact")
    assert (msg.from_uri, msg.body, msg.contact_uri) == (b"sip:carol@example.com", b"good bye", None)
    assert (msg.content_length, msg.header(b"l")) == (8, b"8")
    assert msg.received(0, len(REQUEST)) == REQUEST


def test_parsed_header_is_parsed_anew() -> None:
    msg = request(REQUEST.replace(b"Max-", b"Event: one\r\nMax-"))
    assert parsed_header(msg, b"Event").text == b"one"
    lumps.replace_lump(msg, msg.buf.index(b"one\r\n"), 3, b"two")
    assert parsed_header(msg, b"Event").text == b"two"


def test_notes_of_modules_outlast_an_edit() -> None:
    msg = request()
    msg.cache["note"], msg.cache["read", 1] = 1, 2
    lumps.append_hf(msg, b"X: 1\r\n")
    assert "note" in msg.cache and ("read", 1) not in msg.cache


def test_appended_header_can_be_read_changed_and_removed() -> None:
    msg = request()
    lumps.append_hf(msg, b"X: 1\r\nY: 2\r\n")
    assert (msg.headers(b"X"), msg.headers(b"Y")) == ([b"1"], [b"2"])
    lumps.replace_lump(msg, msg.buf.index(b"1\r\nY"), 1, b"one")
    assert msg.header(b"X") == b"one"
    assert lumps.remove_hf(msg, b"X") == 1
    assert lumps.remove_hf(msg, b"X") == 0
    assert build_all(msg) == REQUEST.replace(b"\r\n\r\n", b"\r\nY: 2\r\n\r\n")


def test_removed_header_is_not_there() -> None:
    msg = request()
    assert lumps.remove_hf(msg, b"Contact") == 1
    assert msg.header(b"m") is None
    assert lumps.remove_hf(msg, b"Contact") == 0


def test_header_before_one_that_was_added() -> None:
    msg = request()
    lumps.insert_hf(msg, b"A: 1\r\n")
    lumps.insert_hf(msg, b"B: 2\r\n")
    assert build_all(msg).split(b"\r\n")[1:3] == [b"B: 2", b"A: 1"]


def test_several_edits_count_in_the_message_before_the_first() -> None:
    msg = request()
    lumps.append_hf(msg, b"X: aaa\r\n")
    places = [m.start() for m in re.finditer(rb"a", msg.buf) if m.start() > msg.seen.fline_len]
    expected = msg.buf[: msg.seen.fline_len] + msg.buf[msg.seen.fline_len :].replace(b"a", b"[A]")
    assert lumps.replace_pieces(msg, ((at, 1, b"[A]") for at in places)) == len(places)
    assert build_all(msg) == expected


def test_chain_can_hang_on_an_added_text() -> None:
    msg = request()
    lumps.append_hf(msg, b"X: 12\r\n")
    at = msg.buf.index(b"2\r\n\r\n")
    lump = lumps.anchor_lump(msg, at)
    lump = lumps.insert_new_lump_after(msg, lump, b"a")
    lumps.insert_new_lump_after(msg, lump, b"b")
    assert msg.header(b"X") == b"1ab2"


def record_route(msg: SipMsg) -> None:
    assert lib.kh_record_route(msg.edits, msg.c, 0, b"", 0, b"", 0) == 0


def test_record_route_is_seen_with_the_socket_known_so_far_and_sent_with_the_right_one(sockets: None) -> None:
    msg = request()
    record_route(msg)
    assert msg.record_route_uri == b"sip:192.0.2.1;lr"
    lumps.append_hf(msg, b"X: 1\r\n")
    assert b"Record-Route: <sip:proxy.example.net:6060;lr>\r\n" in build_req_buf_from_sip_req(msg, dest(sock=2))


def test_record_route_that_was_edited_is_sent_as_it_was_seen(sockets: None) -> None:
    msg = request()
    record_route(msg)
    lumps.replace_lump(msg, msg.buf.index(b";lr>"), 0, b";x")
    assert b"Record-Route: <sip:192.0.2.1;x;lr>\r\n" in build_req_buf_from_sip_req(msg, dest(sock=2))
    assert lib.kh_rr_add_param(msg.edits, b";y", 2) == lib.KH_ENOTFOUND
    lumps.remove_hf(msg, b"Record-Route")
    assert b"Record-Route" not in build_all(msg)


def test_replies_and_branches_go_by_what_was_received(sockets: None) -> None:
    from kahea.core.msg.translate import build_res_buf_from_sip_req

    msg = request()
    branch = build_req_buf_from_sip_req(msg, dest()).split(b"branch=")[1][:30]
    lumps.replace_lump(msg, msg.buf.index(b"alice@example"), 5, b"carol")
    assert msg.from_uri == b"sip:carol@example.com"
    assert b"From: <sip:alice@example.com>;tag=from\r\n" in build_res_buf_from_sip_req(msg, 200, b"OK")
    assert build_req_buf_from_sip_req(msg, dest()).split(b"branch=")[1][:30] == branch


def test_message_that_edits_make_unreadable_is_read_as_received() -> None:
    msg = request()
    lumps.append_hf(msg, b"X: " + b"y" * 60000 + b"\r\n")
    assert len(msg.header(b"X") or b"") == 60000
    lumps.replace_lump(msg, msg.buf.index(b"hello"), 5, b"z" * 5300)
    assert msg.buf == REQUEST


def test_two_messages_do_not_mix() -> None:
    one, two = request(), request()
    lumps.append_hf(one, b"X: 1\r\n")
    lumps.append_hf(two, b"X: 2\r\n")
    seen = one.seen
    assert (one.header(b"X"), two.header(b"X"), one.header(b"X")) == (b"1", b"2", b"1")
    assert two.seen == seen  # the kernel keeps one: what it was for must not be edited by it
    assert lib.kh_append_hf(one.edits, seen, b"Y: 1\r\n", 6) == lib.KH_EINVAL


def test_offset_in_the_first_line_or_behind_the_end_is_refused() -> None:
    msg = request()
    lumps.append_hf(msg, b"X: 1\r\n")
    for at, length in ((3, 0), (len(msg.buf), 1), (len(msg.buf) + 1, 0)):
        with pytest.raises(lumps.LumpError, match="outside"):
            lumps.replace_lump(msg, at, length, b"x")


def test_edit_without_room_changes_nothing() -> None:
    msg = request()
    lumps.append_hf(msg, b"X: 12\r\n")
    lib.kh_text_set(msg.edits, lib.KH_EDP_PATH, b"p" * (lib.KH_EDITS_CAP - 400), lib.KH_EDITS_CAP - 400)
    before = build_all(msg)
    with pytest.raises(lumps.LumpError, match="room"):
        lumps.replace_lump(msg, msg.buf.index(b"2\r\n\r\n"), 1, b"3" * 300)
    assert build_all(msg) == before


# any edits in any order: the message is what splicing its bytes gives

splice = st.tuples(st.booleans(), st.integers(0, 400), st.integers(0, 60), st.text("abc", max_size=6).map(str.encode))


def area(data: bytes, body: bool) -> tuple[int, int]:
    """Headers behind Content-Length without their last line end, or the body."""
    head = data.index(b"\r\n\r\n")
    return (head + 4, len(data)) if body else (FIRST, head)


def spliced(data: bytes, pieces: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, text in sorted(pieces, reverse=True):
        data = data[:at] + text + data[at + length :]
    body = len(data) - data.index(b"\r\n\r\n") - 4
    return re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % body, data, count=1)


def lines(data: bytes) -> int:
    return data.partition(b"\r\n\r\n")[0].count(b"\n")


@given(st.lists(st.lists(splice, min_size=1, max_size=3), max_size=8))
def test_any_edits_are_what_splicing_gives(groups: list[list[tuple[bool, int, int, bytes]]]) -> None:
    msg, model = SipMsg.from_bytes(DATA), DATA
    for group in groups:
        pieces: list[tuple[int, int, bytes]] = []
        for in_body, at, length, text in group:  # several at once: from left to right, none inside another
            start, end = area(model, in_body)
            at = start + at % (end - start + 1)
            length = min(length, end - at)
            if all(at >= a + n or at + length <= a for a, n, _ in pieces) and at not in [a for a, _, _ in pieces]:
                pieces.append((at, length, text))
        after = spliced(model, pieces)
        if lines(after) != lines(model):
            continue  # lines that grow together or end the headers: not of this test
        assert lumps.replace_pieces(msg, pieces) == len(pieces)
        model = after
        assert msg.buf == model
        assert build_all(msg) == model
