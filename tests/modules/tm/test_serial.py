"""Order of serial forking by q."""

import random

from kahea.core.msg.dset import Branch, append_branch, branches, set_first_branch
from kahea.core.msg.serial import NONE_LEFT, by_q
from kahea.modules.tm.serial import by_weight, t_load_contacts, t_next_contacts
from kahea.parser.msg import SipMsg

INVITE = (
    b"INVITE sip:bob@test SIP/2.0\r\nVia: SIP/2.0/UDP 1.1.1.1;branch=z9hG4bK1\r\nFrom: <sip:a@test>;tag=1\r\n"
    b"To: <sip:bob@test>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
)


def branch(name: str, q: int = -1) -> Branch:
    return Branch(f"sip:{name}@test".encode(), q=q)


def names(group: list[Branch]) -> list[str]:
    return [b.uri.decode()[4:-5] for b in group]


def test_highest_q_first_equal_q_together_and_no_q_last() -> None:
    groups = by_q([branch("a", 300), branch("b", 900), branch("c", 300), branch("d")])
    assert [names(group) for group in groups] == [["b"], ["c", "a"], ["d"]]


def test_weights_give_a_serial_order_with_zero_last() -> None:
    groups = by_weight([branch("z", 0), branch("a", 10), branch("b", 990)], random.Random(1))
    assert all(len(group) == 1 for group in groups)
    assert names(groups[-1]) == ["z"]


def test_groups_are_taken_one_by_one_until_none_is_left() -> None:
    msg = SipMsg.from_bytes(INVITE)
    set_first_branch(msg, branch("low", 100))
    append_branch(msg, branch("high", 900))
    append_branch(msg, branch("high2", 900))
    assert t_load_contacts(msg) == 1
    assert branches(msg) == []
    assert t_next_contacts(msg) == 1
    assert msg.ruri == b"sip:high2@test" and names(branches(msg)) == ["high"]
    assert t_next_contacts(msg) == 1
    assert msg.ruri == b"sip:low@test" and branches(msg) == []
    assert t_next_contacts(msg) == NONE_LEFT


def test_a_single_destination_needs_no_order() -> None:
    msg = SipMsg.from_bytes(INVITE)
    assert t_load_contacts(msg) == 1
    assert t_next_contacts(msg) == 1
