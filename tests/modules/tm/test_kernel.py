"""Matching, absorbing, relaying and the end of transactions in the kernel (RFC 3261 §17), time given by the test."""

import itertools
import time
from collections.abc import Iterator

import pytest

from kahea.src.native import lib
from kahea.tests.support.shared import Child, blocks

from . import kernel
from .kernel import Wire, end_all, lookup, relay, reply, request, run_clock

numbers = itertools.count()


@pytest.fixture
def wire() -> Iterator[Wire]:
    yield from kernel.wire()


@pytest.fixture
def branch() -> str:
    return f"z9hG4bKtest{next(numbers)}"


def test_new_request_is_forwarded_with_a_100(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch))
    assert wire.received(wire.caller) == ["SIP/2.0 100 Trying"]
    assert wire.received(wire.callee)[0].startswith("INVITE sip:bob@127.0.0.1")
    lib.kh_cell_release(cell)


def test_repeat_is_absorbed_and_answered_with_the_last_reply(wire: Wire, branch: str) -> None:
    msg = request(wire, "INVITE", branch, branch)
    cell = relay(msg)
    wire.received(wire.caller)
    assert lookup(msg) == lib.KH_TM_ABSORBED
    assert wire.received(wire.caller) == ["SIP/2.0 100 Trying"]
    assert lib.kh_tm_relay(kernel.ffi.NULL, msg.c, msg.edits, 1) == lib.KH_TM_ABSORBED
    assert len(wire.received(wire.callee)) == 1
    lib.kh_cell_release(cell)


@pytest.mark.parametrize("other", ["branch", "method", "cseq", "callid"])
def test_another_request_is_no_repeat(wire: Wire, branch: str, other: str) -> None:
    cell = relay(request(wire, "OPTIONS", branch, branch))
    changed = {
        "branch": request(wire, "OPTIONS", branch + "x", branch),
        "method": request(wire, "INFO", branch, branch),
        "cseq": request(wire, "OPTIONS", branch, branch, 2),
        "callid": request(wire, "OPTIONS", branch, branch + "x"),
    }
    assert lookup(changed[other]) == lib.KH_TM_NONE
    lib.kh_cell_release(cell)


def test_client_without_cookie_is_matched_by_all_its_headers(wire: Wire) -> None:
    old = f"1-{next(numbers)}"
    cell = relay(request(wire, "INVITE", old, old))
    assert lookup(request(wire, "INVITE", old, old)) == lib.KH_TM_ABSORBED
    assert lookup(request(wire, "INVITE", old + "2", old)) == lib.KH_TM_NONE
    lib.kh_cell_release(cell)


def test_reply_goes_back_through_the_short_way(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch))
    wire.received(wire.caller)
    for status in (180, 200):
        msg = reply(wire, cell, 0, status)
        assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_DONE
    assert wire.received(wire.caller) == ["SIP/2.0 180 Text", "SIP/2.0 200 Text"]
    lib.kh_cell_release(cell)


def test_100_is_not_passed_on(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch))
    wire.received(wire.caller)
    msg = reply(wire, cell, 0, 100)
    assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_DONE
    assert wire.received(wire.caller) == []
    lib.kh_cell_release(cell)


def test_repeated_2xx_to_invite_passes_again(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch), 0)
    msg = reply(wire, cell, 0, 200)
    for _ in range(2):
        assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_DONE
    assert len(wire.received(wire.caller)) == 2
    lib.kh_cell_release(cell)


def test_failure_is_acknowledged_here_and_its_repeat_goes_no_further(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch), 0)
    msg = reply(wire, cell, 0, 486)
    assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_DONE
    assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_ABSORBED
    assert [line.split()[0] for line in wire.received(wire.callee)] == ["INVITE", "ACK", "ACK"]
    assert wire.received(wire.caller) == ["SIP/2.0 486 Text"]
    lib.kh_cell_release(cell)


def test_ack_to_a_failure_is_absorbed_and_to_a_2xx_passes(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch), 0)
    msg = reply(wire, cell, 0, 486)
    lib.kh_tm_reply_in(msg.c, msg.edits)
    assert lookup(request(wire, "ACK", branch, branch, to_tag="b1")) == lib.KH_TM_ACKED
    lib.kh_cell_release(cell)
    cell = relay(request(wire, "INVITE", branch + "2", branch + "2"), 0)
    msg = reply(wire, cell, 0, 200)
    lib.kh_tm_reply_in(msg.c, msg.edits)
    ack = request(wire, "ACK", branch + "ack", branch + "2", to_tag="b1")
    assert lib.kh_tm_lookup(ack.c) == lib.KH_TM_E2E_ACK
    lib.kh_cell_release(lib.kh_tm_cell())
    lib.kh_cell_release(cell)


def test_reply_with_a_foreign_or_broken_branch_belongs_to_none(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch))
    good = reply(wire, cell, 0, 180).via1_branch
    assert good is not None
    for wrong in (b"z9hG4bK", b"z9hG4bKffff.ffffffff.0", good[:-1], good[:-1] + b"7", good + b"000", good.upper()):
        via = f"Via: SIP/2.0/UDP 127.0.0.1;branch={wrong.decode()}"
        msg = kernel.replay(wire, [via, "Via: SIP/2.0/UDP 127.0.0.1:9"], branch, 180, "INVITE")
        assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_NONE
    lib.kh_cell_release(cell)


def test_reply_to_another_method_belongs_to_none(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch))
    msg = reply(wire, cell, 0, 200, "BYE")
    assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_NONE
    lib.kh_cell_release(cell)


def test_request_is_repeated_at_t1_doubling_until_a_provisional(wire: Wire, branch: str) -> None:
    start = lib.kh_now_ms()
    cell = relay(request(wire, "INVITE", branch, branch))
    wire.received(wire.callee)
    sent = []
    for ms in range(0, 4000, 50):
        run_clock(start + ms)
        sent += [ms for line in wire.received(wire.callee) if line.startswith("INVITE")]
    assert [round(ms / 500) for ms in sent] == [1, 3, 7]
    msg = reply(wire, cell, 0, 180)
    lib.kh_tm_reply_in(msg.c, msg.edits)
    run_clock(start + 20000)
    assert wire.received(wire.callee) == []
    lib.kh_cell_release(cell)


def test_silence_is_told_until_the_branch_is_ended(wire: Wire, branch: str) -> None:
    fr = lib.kh_now_ms() + lib.kh_tm_conf_get().fr
    cell = relay(request(wire, "INVITE", branch, branch))
    assert run_clock(fr - 1000) == []
    assert run_clock(fr + 1000) == [(lib.KH_TM_EV_TIMEOUT, 0)]
    assert run_clock(fr + 3000) == [(lib.KH_TM_EV_TIMEOUT, 0)]  # who was told may have died over it
    lib.kh_cell_lock(cell)
    lib.kh_tm_end_branch(cell, 0, 408)
    lib.kh_cell_unlock(cell)
    assert run_clock(fr + 6000) == []
    lib.kh_cell_release(cell)


def test_failure_is_repeated_to_the_caller_until_its_ack(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch), 0)
    msg = reply(wire, cell, 0, 486)
    start = lib.kh_now_ms()
    lib.kh_tm_reply_in(msg.c, msg.edits)
    wire.received(wire.caller)
    run_clock(start + 600)
    assert wire.received(wire.caller) == ["SIP/2.0 486 Text"]
    lookup(request(wire, "ACK", branch, branch, to_tag="b1"))
    run_clock(start + 4000)
    assert wire.received(wire.caller) == []
    lib.kh_cell_release(cell)


def test_cancel_finds_its_invite_and_waits_for_a_provisional(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch), 0)
    cancel = request(wire, "CANCEL", branch, branch)
    assert lib.kh_tm_lookup_cancel(cancel.c) == 1
    lib.kh_cell_release(lib.kh_tm_cell())
    lib.kh_cell_lock(cell)
    assert lib.kh_tm_cancel(cell, 0, b"Reason: SIP;cause=200\r\n", 23) == 0
    lib.kh_cell_unlock(cell)
    assert [line.split()[0] for line in wire.received(wire.callee)] == ["INVITE"]
    msg = reply(wire, cell, 0, 180)
    lib.kh_tm_reply_in(msg.c, msg.edits)
    assert [line.split()[0] for line in wire.received(wire.callee)] == ["CANCEL"]
    done = reply(wire, cell, 0, 200, "CANCEL")
    assert lib.kh_tm_reply_in(done.c, done.edits) == lib.KH_TM_ABSORBED
    lib.kh_cell_release(cell)


def test_nothing_is_left_in_shared_memory(wire: Wire, branch: str) -> None:
    end_all()
    before = blocks()
    for i, status in enumerate((200, 486, 0)):
        cell = relay(request(wire, "INVITE", f"{branch}.{i}", f"{branch}.{i}"))
        if status:
            msg = reply(wire, cell, 0, status)
            lib.kh_tm_reply_in(msg.c, msg.edits)
        lib.kh_cell_release(cell)
    assert blocks() > before
    end_all()
    assert blocks() == before


def test_a_held_cell_outlives_its_time(wire: Wire, branch: str) -> None:
    end_all()
    cell = relay(request(wire, "OPTIONS", branch, branch))
    msg = reply(wire, cell, 0, 200, "OPTIONS")
    lib.kh_tm_reply_in(msg.c, msg.edits)

    def hold() -> None:
        lib.kh_tm_by_ident(cell.hash, cell.label)
        time.sleep(30)

    child = Child(hold)
    lib.kh_cell_release(cell)
    time.sleep(0.2)
    before = blocks()
    end_all()
    assert blocks() == before
    child.kill()
    child.join()
    end_all()
    assert blocks() < before


def test_request_whose_worker_died_before_forwarding_it_is_new_again(wire: Wire, branch: str) -> None:
    msg = request(wire, "INVITE", branch, branch)
    child = Child(lambda: lib.kh_tm_new(msg.c, msg.edits))
    child.join()
    assert lookup(msg) == lib.KH_TM_NONE
    cell = relay(msg)
    assert wire.received(wire.callee)[0].startswith("INVITE")
    lib.kh_cell_release(cell)


def test_lock_of_a_dead_worker_is_repaired(wire: Wire, branch: str) -> None:
    cell = relay(request(wire, "INVITE", branch, branch))

    def die_inside() -> None:
        other = lib.kh_tm_by_ident(cell.hash, cell.label)
        lib.kh_cell_lock(other)

    Child(die_inside).join()
    assert (lib.KH_TM_EV_REPAIR, -1) in run_clock(lib.kh_now_ms() + 50)
    msg = reply(wire, cell, 0, 200)
    assert lib.kh_tm_reply_in(msg.c, msg.edits) == lib.KH_TM_DONE
    lib.kh_cell_release(cell)
