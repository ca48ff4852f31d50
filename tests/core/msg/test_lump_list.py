"""The lists of lumps: looked at, copied, taken out."""

import pytest

from kahea.core.msg import lump_list, lumps
from kahea.core.msg.translate import build_all, build_res_buf_from_sip_req
from kahea.parser.hdr import HdrType
from kahea.tests.core.msg.messages import REQUEST, request

FIRST = len(b"INVITE sip:bob@example.com SIP/2.0\r\n")
BODY = REQUEST.index(b"hello")


def test_lists_show_what_was_recorded() -> None:
    msg = request()
    lump = lumps.del_lump(msg, BODY, 2)
    lumps.insert_new_lump_after(msg, lump, b"x")
    anchor = lumps.anchor_lump(msg, FIRST, HdrType.RECORDROUTE)
    first = lumps.insert_new_lump_before(msg, anchor, b"R: ", HdrType.RECORDROUTE)
    lumps.insert_subst_lump_before(msg, first, lumps.SUBST_SND_ALL)
    (head,) = lump_list.add_rm(msg)
    assert (head.number, head.op, head.type, head.offset, head.len) == (anchor, lumps.LUMP_NOP, 10, FIRST, 0)
    assert [(each.op, each.text, each.arg) for each in head.before] == [
        (lumps.LUMP_ADD, b"R: ", 0),
        (lumps.LUMP_ADD_SUBST, b"", lumps.SUBST_SND_ALL),
    ]
    (body,) = lump_list.body_lumps(msg)
    assert (body.op, body.offset, body.len, body.after[0].text) == (lumps.LUMP_DEL, BODY, 2, b"x")


def test_reply_lumps_are_listed_and_can_be_taken_out() -> None:
    msg = request()
    one, two, three = (lumps.add_lump_rpl(msg, b"%s: 1\r\n" % name) for name in (b"A", b"B", b"C"))
    assert [lump.text for lump in lump_list.reply_lumps(msg)] == [b"A: 1\r\n", b"B: 1\r\n", b"C: 1\r\n"]
    assert lump_list.unlink_lump_rpl(msg, two) and lump_list.unlink_lump_rpl(msg, three)
    assert not lump_list.unlink_lump_rpl(msg, two)
    lumps.add_lump_rpl(msg, b"D: 1\r\n")
    reply = build_res_buf_from_sip_req(msg, 200, b"OK")
    assert b"A: 1\r\nD: 1\r\n" in reply and b"B: 1" not in reply and b"C: 1" not in reply
    assert lump_list.reply_lumps(msg)[0].number == one


def test_flags_of_the_guide_that_only_speak_of_memory_are_accepted() -> None:
    msg = request()
    lumps.add_lump_rpl(msg, b"A: 1\r\n", lumps.LUMP_RPL_HDR | lumps.LUMP_RPL_NODUP | lumps.LUMP_RPL_SHMEM)
    assert b"A: 1\r\n" in build_res_buf_from_sip_req(msg, 200, b"OK")


def test_appended_and_inserted_lumps_can_be_gone_on_from() -> None:
    msg = request()
    lumps.insert_new_lump_after(msg, lump_list.append_new_lump(msg, b"Z: 1"), b"2\r\n")
    lumps.insert_new_lump_after(msg, lump_list.insert_new_lump(msg, b"A: 1"), b"2\r\n")
    built = build_all(msg)
    assert built.startswith(REQUEST[:FIRST] + b"A: 12\r\n")
    assert b"\r\nZ: 12\r\n\r\n" in built


def test_anchor_at_the_same_offset_is_used_again() -> None:
    msg = request()
    lump = lumps.del_lump(msg, FIRST, 3)
    assert lump_list.anchor_lump2(msg, FIRST) == (lump, True)
    other, known = lump_list.anchor_lump2(msg, FIRST + 1)
    assert (other != lump, known) == (True, False)


@pytest.mark.parametrize("which", ["top", "before", "after"])
def test_any_lump_can_be_taken_out(which: str) -> None:
    msg = request()
    top = lumps.replace_lump(msg, FIRST, 0, b"<top>")
    before = lumps.insert_new_lump_before(msg, top, b"<before>")
    after = lumps.insert_new_lump_after(msg, top, b"<after>")
    last = lumps.insert_new_lump_after(msg, after, b"<last>")
    number = {"top": top, "before": before, "after": after}[which]
    assert lump_list.remove_lump(msg, number)
    assert not lump_list.remove_lump(msg, number) and not lump_list.remove_lump(msg, 12345)
    left = {
        "top": b"",
        "before": b"<top><after><last>",
        "after": b"<before><top><last>",
    }[which]
    assert build_all(msg) == REQUEST[:FIRST] + left + REQUEST[FIRST:]
    assert last


def test_lumps_of_a_branch_go_by_their_flag() -> None:
    msg = request()
    lumps.append_hf(msg, b"All: 1\r\n")
    lump_list.set_init_lump_flags(msg, lump_list.LUMPFLAG_BRANCH)
    lumps.append_hf(msg, b"Branch: 1\r\n")
    lump_list.set_init_lump_flags(msg, lump_list.LUMPFLAG_NONE)
    lumps.append_hf(msg, b"More: 1\r\n")
    both = lump_list.dup_lump_list(msg)
    assert lump_list.del_flaged_lumps(msg, lump_list.LUMPFLAG_BRANCH) == 1
    assert b"All: 1\r\nMore: 1\r\n\r\n" in build_all(msg)
    lump_list.restore_lump_list(msg, both)
    assert lump_list.del_notflaged_lumps(msg, lump_list.LUMPFLAG_BRANCH) == 2
    assert b"Content-Length: 5\r\nBranch: 1\r\n\r\n" in build_all(msg)


def test_copied_edits_can_be_put_back() -> None:
    msg = request()
    lumps.append_hf(msg, b"A: 1\r\n")
    copied, built = lump_list.dup_lump_list(msg), build_all(msg)
    lumps.remove_hf(msg, b"Contact")
    lumps.replace_lump(msg, BODY, 5, b"other")
    lump_list.restore_lump_list(msg, copied)
    assert build_all(msg) == built
    with pytest.raises(lumps.LumpError):
        lump_list.restore_lump_list(msg, b"short")
