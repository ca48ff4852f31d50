"""Location tables that a start takes over from the one before, whole or damaged."""

import os
import random
from collections.abc import Iterator

import pytest

from kahea.core.shtable import SharedTable
from kahea.mem import report, segment
from kahea.modules.usrloc import kept_sockets
from kahea.modules.usrloc.contact import NO_SOCKET, Contact
from kahea.modules.usrloc.domain import Domain
from kahea.modules.usrloc.settings import settings
from kahea.src.native import lib
from kahea.tests.support.kept import overwrite, read, start

AORS = 1000
PAGE = 4096
DAMAGES = 40


@pytest.fixture
def name() -> Iterator[str]:
    name = f"/kahea-test-{os.getpid()}"
    segment.remove(name)
    yield name
    segment.remove(name)


def opened_domain() -> Domain:
    domain = Domain(b"location")
    domain.open()
    return domain


def fill(opened: segment.Opened) -> None:
    domain = opened_domain()
    for n in range(AORS):
        contact = Contact(
            b"sip:u%d@192.0.2.1" % n, expires=lib.kh_ul_now() + 3600, callid=b"%d@phone" % n, socket=n % 2
        )
        assert domain.put(b"u%d" % n, contact)


def use(domain: Domain) -> int:
    """Walk, look up, change; how many of the AoRs are there."""
    found = sum(bool(domain.get(b"u%d" % n)) for n in range(AORS))
    assert sum(1 for _ in domain.records()) == found <= AORS
    assert domain.contacts() <= AORS
    for n in range(100):
        domain.put(b"new%d" % n, Contact(b"sip:new@192.0.2.1", callid=b"x"))
        domain.remove(b"u%d" % n)
    domain.expire()
    return found


def test_contacts_are_still_there(name: str) -> None:
    start(name, fill, end=-9)

    def look(opened: segment.Opened) -> None:
        domain = opened_domain()
        segment.adoption_done()
        assert domain.table.adopted and use(domain) == AORS

    start(name, look)


def test_whatever_was_overwritten_the_start_goes_on(name: str) -> None:
    start(name, fill)
    whole = read(name)
    used = [at for at in range(0, len(whole), PAGE) if whole[at : at + PAGE].strip(b"\0")]
    dice = random.Random(1)

    def look(opened: segment.Opened) -> None:
        assert opened.adopted or opened.reason
        domain = opened_domain()
        segment.adoption_done()
        use(domain)
        assert report.check() == 0

    for _ in range(DAMAGES):
        overwrite(name, 0, whole)
        for _ in range(dice.choice((1, 1, 4))):
            at = dice.choice(used) + dice.randrange(PAGE)
            flipped = bytes([whole[at] ^ 1 << dice.randrange(8)])
            filled = dice.choice((b"\0", b"\xff")) * 64
            overwrite(name, at, dice.choice((flipped, filled, dice.randbytes(8))))
        start(name, look)


def test_record_whose_contacts_do_not_add_up_is_dropped(name: str) -> None:
    start(name, fill)
    size_of_contact = read(name).index(b"sip:u500@") - 64 + 16
    overwrite(name, size_of_contact, b"\0\0\0\0")

    def look(opened: segment.Opened) -> None:
        assert use(opened_domain()) == AORS - 1

    start(name, look)


def test_other_hash_size_keeps_what_is_there(name: str) -> None:
    start(name, fill)

    def look(opened: segment.Opened) -> None:
        before = settings.log2_buckets
        settings.hash_size = before + 1
        domain = opened_domain()
        assert lib.kh_sht_buckets(domain.c) == 1 << before
        assert use(domain) == AORS

    start(name, look)


def test_contacts_forget_their_sockets_when_nobody_knows_them_any_more(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of the sockets' names is lost, the contacts are not."""
    start(name, fill)

    def look(opened: segment.Opened) -> None:
        domain = opened_domain()
        monkeypatch.setattr(kept_sockets, "domains", lambda: [domain])
        kept_sockets.keep_sockets()
        assert domain.get(b"u0")[0].socket == domain.get(b"u1")[0].socket == NO_SOCKET
        assert SharedTable(kept_sockets.NAME, kept_sockets.LOG2_BUCKETS).adopted == 0

    start(name, look)
