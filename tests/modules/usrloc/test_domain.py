"""The location table from Python: contacts in and out, expiry, callbacks, processes that die."""

import random
import time
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.net import sockets
from kahea.core.net.addr import UDP
from kahea.modules.usrloc import domain as domains
from kahea.modules.usrloc import kept_sockets
from kahea.modules.usrloc.callbacks import CHANGES, DELETE, EXPIRE, INSERT, UPDATE, callbacks
from kahea.modules.usrloc.contact import NO_SOCKET, Contact, pack_contact, unpack_contacts
from kahea.modules.usrloc.domain import Domain
from kahea.src.native import lib
from kahea.tests.support import shared

TEXT, U32 = st.binary(max_size=60), st.integers(0, 0xFFFFFFFF)
CONTACTS = st.builds(
    Contact,
    contact=TEXT, expires=st.integers(0, 2**40), q=st.integers(-1, 1000), callid=TEXT, cseq=U32, received=TEXT,
    path=TEXT, user_agent=TEXT, instance=TEXT, reg_id=st.integers(0, 0xFFFF), flags=U32, cflags=U32, methods=U32,
    ruid=st.binary(min_size=1, max_size=40), socket=st.integers(0, 0xFFFF), server_id=U32, conn=U32,
    modified=st.integers(1, 2**32 - 1),
)  # fmt: skip


def later(seconds: int) -> int:
    return int(lib.kh_ul_now()) + seconds


@given(CONTACTS)
def test_contact_comes_back_as_it_was(contact: Contact) -> None:
    table = Domain(b"codec")
    table.open()
    assert table.put(b"aor", contact)
    assert table.get(b"aor") == [contact]
    table.table.clear()


def test_text_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ValueError):
        pack_contact(Contact(b"x" * 65536))


def test_records_are_kept_apart_by_aor(location: Domain) -> None:
    location.put(b"a", Contact(b"sip:1@h"))
    location.put(b"b", Contact(b"sip:2@h"))
    location.put(b"b", Contact(b"sip:3@h"))
    assert {aor: len(contacts) for aor, contacts in location.records()} == {b"a": 1, b"b": 2}
    assert (location.users(), location.contacts(), domains.registered_users()) == (2, 3, 2)


def test_expired_contacts_leave_and_living_ones_stay(location: Domain) -> None:
    location.put(b"a", Contact(b"sip:short@h", expires=later(10)))
    location.put(b"a", Contact(b"sip:long@h", expires=later(100)))
    location.put(b"a", Contact(b"sip:for.ever@h"))
    location.put(b"b", Contact(b"sip:short@h", expires=later(10)))
    assert location.expire() == 0
    lib.kh_ul_stop_clock(later(11))
    assert location.contacts() == 2
    assert location.expire() == 2
    assert location.users() == 1
    assert {c.contact for c in location.get(b"a")} == {b"sip:long@h", b"sip:for.ever@h"}


def test_callbacks_hear_of_insert_update_delete_and_expiry(location: Domain) -> None:
    heard: list[tuple[int, bytes, bytes, bytes]] = []
    callbacks.register(CHANGES | EXPIRE, lambda event, table, aor, c: heard.append((event, table, aor, c.contact)))
    location.put(b"a", Contact(b"sip:1@h", expires=later(10)))
    location.put(b"a", Contact(b"sip:1@h", expires=later(20)))
    location.put(b"a", Contact(b"sip:2@h", expires=later(20)))
    location.remove_contact(b"a", b"sip:1@h")
    lib.kh_ul_stop_clock(later(30))
    location.expire()
    assert [(event, contact) for event, table, aor, contact in heard] == [
        (INSERT, b"sip:1@h"), (UPDATE, b"sip:1@h"), (INSERT, b"sip:2@h"), (DELETE, b"sip:1@h"), (EXPIRE, b"sip:2@h"),
    ]  # fmt: skip
    assert {(table, aor) for _, table, aor, _ in heard} == {(b"location", b"a")}


def test_many_expired_contacts_are_all_reported(location: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "EXPIRE_ROOM", 2048)
    heard: set[bytes] = set()
    callbacks.register(EXPIRE, lambda event, table, aor, c: heard.add(aor + c.contact))
    expected = set()
    for n in range(100):
        for k in range(3):
            contact = Contact(b"sip:%d@h" % k, expires=later(1))
            location.put(b"%d" % n, contact)
            expected.add(b"%d" % n + contact.contact)
    lib.kh_ul_stop_clock(later(2))
    assert location.expire() == 300
    assert heard == expected


def test_failing_callback_stops_nobody(location: Domain) -> None:
    heard = []

    def fail(*args: object) -> None:
        raise KeyError("bug")

    callbacks.register(CHANGES, fail)
    callbacks.register(CHANGES, lambda *args: heard.append(args))
    location.put(b"a", Contact(b"sip:1@h"))
    assert len(heard) == 1


def test_new_table_after_the_fork_is_refused(location: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains.Phase, "frozen", True)
    assert domains.find_domain(b"location") is location
    with pytest.raises(ValueError, match="restart"):
        domains.find_domain(b"other")


@pytest.mark.parametrize("name", [b"", b"x" * 17])
def test_bad_names_of_tables(location: Domain, name: bytes) -> None:
    with pytest.raises(ValueError):
        domains.find_domain(name)


def churn(table: Domain, seed: int) -> None:
    """Change contacts for ever."""
    rng = random.Random(seed)
    while True:
        aor = b"%d" % rng.randrange(20)
        if rng.random() < 0.2:
            table.remove(aor)
        elif rng.random() < 0.1:
            table.expire()
        else:
            table.put(aor, Contact(b"sip:%d@h" % rng.randrange(4), expires=later(rng.randrange(-5, 50)), callid=aor))


def test_table_is_whole_after_processes_were_killed_in_it(location: Domain) -> None:
    before = shared.blocks() - location.users()
    for round_ in range(25):
        children = [shared.Child(partial(churn, location, round_ * 2 + n)) for n in range(2)]
        time.sleep(random.uniform(0.002, 0.02))
        for child in children:
            child.kill()
        for child in children:
            child.join()
        assert location.table.check() == 0
    for aor, contacts in location.records():
        assert contacts and {c.callid for c in contacts} == {aor}
    assert shared.blocks() - location.users() == before  # nothing is lost


def test_sockets_get_their_new_number_after_a_restart(location: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    def listen(*ports: int) -> None:
        monkeypatch.setattr(sockets, "_sockets", [sockets.SocketInfo(UDP, b"192.0.2.1", port) for port in ports])
        kept_sockets.keep_sockets()

    listen(5060, 5070, 5080)
    for n in range(3):
        location.put(b"a", Contact(b"sip:%d@h" % n, socket=n))
    monkeypatch.setattr(kept_sockets.SharedTable, "adopted", True)
    listen(5080, 5060)
    assert {c.contact: c.socket for c in location.get(b"a")} == {
        b"sip:0@h": 1, b"sip:1@h": NO_SOCKET, b"sip:2@h": 0,
    }  # fmt: skip


def test_record_of_no_bytes_has_no_contacts() -> None:
    assert list(unpack_contacts(b"")) == []
