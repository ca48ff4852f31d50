"""Lumps: what the devel guide says of them, and any mix of them against a naive model."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.msg import lumps
from kahea.core.msg.translate import build_all, build_req_buf_from_sip_req
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib
from kahea.tests.core.msg.messages import REQUEST, dest, request

FIRST = len(b"INVITE sip:bob@example.com SIP/2.0\r\n")
BODY = REQUEST.index(b"hello")


def test_without_edits_the_message_comes_out_as_it_came() -> None:
    assert build_all(request()) == REQUEST


def test_delete_and_add_in_its_place() -> None:
    msg = request()
    at = REQUEST.index(b"70\r\n")
    lump = lumps.del_lump(msg, at, 2)
    lumps.insert_new_lump_after(msg, lump, b"69")
    assert build_all(msg) == REQUEST.replace(b"Max-Forwards: 70", b"Max-Forwards: 69")


def test_chain_after_goes_on_from_the_lump_returned() -> None:
    msg = request()
    lump = lumps.anchor_lump(msg, FIRST)
    lump = lumps.insert_new_lump_after(msg, lump, b"A: ")
    lumps.insert_new_lump_after(msg, lump, b"1\r\n")
    assert build_all(msg) == REQUEST[:FIRST] + b"A: 1\r\n" + REQUEST[FIRST:]


def test_chain_before_prints_from_the_nearest_outwards() -> None:
    msg = request()
    lump = lumps.anchor_lump(msg, FIRST)
    lump = lumps.insert_new_lump_before(msg, lump, b"A: ")
    lumps.insert_new_lump_before(msg, lump, b"1\r\n")
    assert build_all(msg) == REQUEST[:FIRST] + b"A: 1\r\n" + REQUEST[FIRST:]


def test_appended_headers_keep_their_order() -> None:
    msg = request()
    lumps.append_hf(msg, b"A: 1\r\n")
    lumps.append_hf(msg, b"B: 2\r\n")
    assert b"Content-Length: 5\r\nA: 1\r\nB: 2\r\n\r\nhello" in build_all(msg)


def test_several_edits_in_one_header() -> None:
    msg = request()
    at = REQUEST.index(b"<sip:alice@10.0.0.1:5062>")
    lumps.replace_lump(msg, at + 5, 5, b"carol")
    lumps.replace_lump(msg, at, 0, b'"C" ')
    lumps.replace_lump(msg, at + 25, 0, b";q=1")
    assert b'Contact: "C" <sip:carol@10.0.0.1:5062>;q=1\r\n' in build_all(msg)


def test_header_removed_twice_is_gone_once() -> None:
    msg = request()
    assert lumps.remove_hf(msg, b"contact") == lumps.remove_hf(msg, b"m") == 1
    assert build_all(msg) == REQUEST.replace(b"Contact: <sip:alice@10.0.0.1:5062>\r\n", b"")


def test_overlapping_deletions_delete_the_union() -> None:
    msg = request()
    lumps.del_lump(msg, FIRST, 20)
    lumps.del_lump(msg, FIRST + 10, 20)
    lumps.del_lump(msg, FIRST + 5, 5)
    assert build_all(msg) == REQUEST[:FIRST] + REQUEST[FIRST + 30 :]


def test_what_is_added_inside_a_deleted_part_appears_where_it_ends() -> None:
    msg = request()
    lumps.del_lump(msg, FIRST, 20)
    lumps.replace_lump(msg, FIRST + 10, 0, b"<>")
    assert build_all(msg) == REQUEST[:FIRST] + b"<>" + REQUEST[FIRST + 20 :]


def test_edited_body_gets_its_content_length() -> None:
    msg = request()
    lumps.replace_lump(msg, BODY, 5, b"good bye")
    assert build_all(msg) == REQUEST.replace(b"hello", b"good bye").replace(b"Length: 5", b"Length: 8")


def test_body_without_content_length_gets_one_when_edited() -> None:
    data = REQUEST.replace(b"Content-Length: 5\r\n", b"")
    msg = request(data)
    lumps.replace_lump(msg, len(data), 0, b"!")
    assert build_all(msg).endswith(b"Content-Length: 6\r\n\r\nhello!")


def test_appended_header_leaves_content_length_alone() -> None:
    data = REQUEST.replace(b"Content-Length: 5\r\n", b"")
    msg = request(data)
    lumps.append_hf(msg, b"A: 1\r\n")
    assert b"Content-Length" not in build_all(msg)


@pytest.mark.parametrize(
    ("subst", "text"),
    [
        (lumps.SUBST_RCV_IP, b"192.0.2.1"),
        (lumps.SUBST_SND_IP, b"proxy.example.net"),
        (lumps.SUBST_RCV_PORT, b"5060"),
        (lumps.SUBST_SND_PORT, b"6060"),
        (lumps.SUBST_SND_PROTO, b"udp"),
        (lumps.SUBST_RCV_ALL, b"192.0.2.1"),
        (lumps.SUBST_SND_ALL, b"proxy.example.net:6060"),
        (lumps.SUBST_NOP, b""),
    ],
)
def test_substitutions_show_the_sockets(sockets: None, subst: int, text: bytes) -> None:
    msg = request()
    lump = lumps.insert_new_lump_after(msg, lumps.anchor_lump(msg, FIRST), b"X: [")
    lump = lumps.insert_subst_lump_after(msg, lump, subst)
    lumps.insert_new_lump_after(msg, lump, b"]\r\n")
    assert b"X: [" + text + b"]\r\n" in build_req_buf_from_sip_req(msg, dest(sock=2))


def test_substitution_with_the_name_of_the_socket(sockets: None) -> None:
    msg = request()
    lumps.insert_subst_lump_after(msg, lumps.anchor_lump(msg, FIRST), lumps.SUBST_SND_ALL_EX)
    assert b"192.0.2.1:5070;sn=side" in build_req_buf_from_sip_req(msg, dest(sock=1))


@pytest.mark.parametrize(
    ("cond", "sock", "shown"),
    [
        (lumps.COND_TRUE, 0, True),
        (lumps.COND_FALSE, 0, False),
        (lumps.COND_IF_DIFF_REALMS, 0, False),
        (lumps.COND_IF_DIFF_REALMS, 1, True),
        (lumps.COND_IF_DIFF_PORT, 1, True),
        (lumps.COND_IF_DIFF_PORT, 2, False),
        (lumps.COND_IF_DIFF_IP, 1, False),
        (lumps.COND_IF_DIFF_IP, 2, True),
        (lumps.COND_IF_DIFF_PROTO, 2, False),
        (lumps.COND_IF_DIFF_AF, 2, False),
    ],
)
def test_conditions_govern_their_chain_up_to_the_next_one(sockets: None, cond: int, sock: int, shown: bool) -> None:
    msg = request()
    lump = lumps.insert_cond_lump_after(msg, lumps.anchor_lump(msg, FIRST), cond)
    lump = lumps.insert_new_lump_after(msg, lump, b"A: 1\r\n")
    lump = lumps.insert_cond_lump_after(msg, lump, lumps.COND_TRUE)
    lumps.insert_new_lump_after(msg, lump, b"B: 2\r\n")
    sent = build_req_buf_from_sip_req(msg, dest(sock=sock))
    assert (b"A: 1\r\n" in sent) == shown
    assert b"B: 2\r\n" in sent


def test_lumps_of_a_type_can_be_taken_back() -> None:
    msg = request()
    lump = lumps.anchor_lump(msg, FIRST, 99)
    lumps.insert_new_lump_after(msg, lump, b"A: 1\r\n", 99)
    lumps.insert_new_lump_before(msg, lump, b"B: 1\r\n", 99)
    assert lumps.remove_lumps(msg, 99) == 2
    assert build_all(msg) == REQUEST


def test_edit_outside_the_message_is_refused() -> None:
    msg = request()
    with pytest.raises(lumps.LumpError, match="outside"):
        lumps.del_lump(msg, len(REQUEST) - 2, 3)
    with pytest.raises(lumps.LumpError, match="outside"):
        lumps.anchor_lump(msg, 3)
    with pytest.raises(lumps.LumpError, match="outside"):
        lumps.insert_new_lump_after(msg, 5, b"x")


def test_too_many_edits_are_refused_and_the_message_stays_good() -> None:
    msg = request()
    with pytest.raises(lumps.LumpError, match="no room"):
        while True:
            lumps.append_hf(msg, b"X: " + b"y" * 2000 + b"\r\n")
    assert SipMsg.from_bytes(build_all(msg)).callid == b"id@10.0.0.1"


def test_clone_of_edits_builds_the_same(sockets: None) -> None:
    msg = request()
    lumps.append_hf(msg, b"A: 1\r\n")
    size = lib.kh_edits_size(msg.edits)
    clone = ffi.new("char[]", size)
    ffi.memmove(clone, msg.edits, size)
    expected = build_all(msg)
    out = ffi.new("char[]", 4096)
    length = lib.kh_build_plain(msg.c, ffi.cast("kh_edits *", clone), out, 4096)
    assert ffi.unpack(out, length) == expected


def test_reply_lumps_take_one_body() -> None:
    msg = request()
    lumps.add_lump_rpl(msg, b"b", lumps.LUMP_RPL_BODY)
    with pytest.raises(lumps.LumpError, match="body"):
        lumps.add_lump_rpl(msg, b"c", lumps.LUMP_RPL_BODY)


# any mix of edits in the headers against a model: what is not deleted stays, texts stand at their offset in order

HEADERS = REQUEST.index(b"\r\n\r\n") + 2
edit = st.tuples(
    st.integers(FIRST, HEADERS - 1),
    st.integers(0, 40),
    st.lists(st.binary(max_size=5), max_size=3),
    st.lists(st.binary(max_size=5), max_size=3),
)


def apply_model(data: bytes, edits: list[tuple[int, int, list[bytes], list[bytes]]]) -> bytes:
    """Byte by byte: gone when any deletion covers it; texts sorted by offset, then by time."""
    gone = {i for at, length, _, _ in edits for i in range(at, at + length)}
    texts = sorted(((at, n, b"".join(before + after)) for n, (at, _, before, after) in enumerate(edits)))
    out = b""
    for i in range(len(data) + 1):
        out += b"".join(text for at, _, text in texts if at == i)
        if i < len(data) and i not in gone:
            out += data[i : i + 1]
    return out


@given(st.lists(edit, max_size=12))
def test_any_mix_of_edits_is_what_the_model_says(edits: list[tuple[int, int, list[bytes], list[bytes]]]) -> None:
    msg = request()
    edits = [(at, min(length, HEADERS - at), before, after) for at, length, before, after in edits]
    for at, length, before, after in edits:
        top = lumps.del_lump(msg, at, length) if length else lumps.anchor_lump(msg, at)
        lump = top
        for text in before:
            lump = lumps.insert_new_lump_before(msg, lump, text)
        lump = top
        for text in after:
            lump = lumps.insert_new_lump_after(msg, lump, text)
    assert build_all(msg) == apply_model(REQUEST, edits)


# chains with conditions and substitutions: without sockets a substitution is empty, and no condition but TRUE holds

item = st.one_of(
    st.tuples(st.just("text"), st.binary(max_size=5)),
    st.tuples(st.just("subst"), st.integers(lumps.SUBST_NOP, lumps.SUBST_SND_ALL_EX)),
    st.tuples(st.just("cond"), st.integers(lumps.COND_FALSE, lumps.COND_IF_DIFF_IP)),
)
chain = st.lists(item, max_size=5)
INSERT: dict[str, Any] = {
    "text": (lumps.insert_new_lump_before, lumps.insert_new_lump_after),
    "subst": (lumps.insert_subst_lump_before, lumps.insert_subst_lump_after),
    "cond": (lumps.insert_cond_lump_before, lumps.insert_cond_lump_after),
}


def printed(items: list[tuple[str, Any]]) -> bytes:
    """What a chain shows: a condition governs what follows, up to the next one."""
    out, shown = b"", True
    for kind, value in items:
        if kind == "cond":
            shown = value == lumps.COND_TRUE
        elif kind == "text" and shown:
            out += value
    return out


@given(st.lists(st.tuples(st.integers(FIRST, HEADERS - 1), st.integers(0, 40), chain, chain), max_size=6))
def test_any_chains_print_what_the_model_says(edits: list[tuple[int, int, Any, Any]]) -> None:
    msg = request()
    edits = [(at, min(length, HEADERS - at), before, after) for at, length, before, after in edits]
    for at, length, before, after in edits:
        top = lumps.del_lump(msg, at, length) if length else lumps.anchor_lump(msg, at)
        for side, items in enumerate((before, after)):
            lump = top
            for kind, value in items:
                lump = INSERT[kind][side](msg, lump, value)
    assert build_all(msg) == apply_model(
        REQUEST, [(at, length, [printed(before)], [printed(after)]) for at, length, before, after in edits]
    )
