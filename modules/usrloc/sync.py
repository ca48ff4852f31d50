"""Brings the rows of the database in line with the contacts in memory: db_mode 1 after each change, 2 by the timer.

How a contact stands to its row is a part of it (src/uloc/ucontact.h: state), so no process keeps a list of what is to
be done, and none can take one with it when it dies. An AoR is written in three steps, without a lock in any of them:

    claim    its contacts that have no row yet are marked as having one perhaps (NEW becomes DIRTY): whoever removes
             one from now on, or finds what a dead process left, knows that there is a row to look after
    write    rows are inserted, updated, deleted
    settle   DIRTY becomes SYNC and what is gone is forgotten, provided the record is still the one that was claimed

A record that has changed meanwhile may have been written by another process, before or after: it is written again until
nobody has come between. Records are replaced by compare-and-set (core/shtable.py).
"""

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...core.db import DbDown, DbError
from ...core.log import logger
from ...core.shtable import ABSENT, Changed, TableFull, split_items
from ...src.native import ffi, lib
from .contact import DIRTY, GONE, NEW, SIZE_AT, STATE_AT, SYNC, Contact, unpack_contacts
from .database import database

if TYPE_CHECKING:
    from .domain import Domain

log = logger(__name__)
BATCH = 500  # AoRs of one transaction
ROUNDS = 5  # attempts to write a record that others are changing; then the next change or timer goes on
WALK_BUCKETS = 1024  # looked through in one call
WALK_ROOM = 1 << 18  # bytes of AoRs that wait to be written, fetched at once
LOG_EVERY_S = 10.0  # at most so often a process says that the database does not take what it is given


@dataclass(slots=True)
class Claim:
    """A record on its way to the database: its contacts in the states before the claim, and what is stored now."""

    aor: bytes
    contacts: list[Contact]
    stored: bytes
    version: int


def sync_aor(domain: "Domain", aor: bytes) -> bool:
    """One AoR, at once: db_mode 1. False when the database did not take it; the timer will try again."""
    return bool(write(domain, [aor]))


def sync_all(domain: "Domain") -> tuple[int, int]:
    """Every AoR that is not in line: how many were written, how many not. Without a connection it ends early."""
    written = failed = 0
    aors = unsynced(domain)
    while batch := list(islice(aors, BATCH)):
        done = write(domain, batch)
        written += done
        failed += len(batch) - done
        if not done:
            break
    return written, failed


def unsynced(domain: "Domain") -> Iterator[bytes]:
    """The AoRs with something that the database does not know."""
    cursor, used = ffi.new("uint64_t *"), ffi.new("uint64_t *")
    room = ffi.new("char[]", WALK_ROOM)
    buckets = lib.kh_sht_buckets(domain.c)
    while cursor[0] < buckets:
        if lib.kh_ul_unsynced(domain.c, cursor, WALK_BUCKETS, room, WALK_ROOM, used) < 0:
            return
        for item in split_items(ffi.unpack(room, used[0]) if used[0] else b""):
            yield item.key


def write(domain: "Domain", aors: list[bytes]) -> int:
    """Claim, write and settle; how many AoRs are in line now. One that the database refuses stops no other."""
    claims = [claimed for aor in aors if (claimed := claim(domain, aor)) is not None]
    done = len(aors) - len(claims)
    try:
        with database.transaction(domain.name) if statements(claims) > 1 else nullcontext():
            for each in claims:
                write_rows(domain, each)
    except DbDown as error:
        Failures.tell(domain, len(claims), error)
        return done
    except DbError as error:
        if len(claims) == 1:
            Failures.tell(domain, 1, error)
            return done
        return done + sum(write(domain, [each.aor]) for each in claims)
    return done + sum(settle(domain, each) for each in claims)


def claim(domain: "Domain", aor: bytes) -> Claim | None:
    """Mark what is going to have rows; None when all is in line."""
    while True:
        found = domain.table.get(aor)
        if found is None:
            return None
        record, version = found
        contacts = list(unpack_contacts(record, gone=True))
        if all(c.state == SYNC for c in contacts):
            return None
        marked = with_states(record, {NEW: DIRTY})
        if marked != record:
            try:
                version = domain.table.set(aor, marked, version=version)
            except Changed:
                continue
            except TableFull:
                return None
        return Claim(aor, contacts, marked, version)


def statements(claims: list[Claim]) -> int:
    """How many statements it takes at least: one alone needs no transaction."""
    return sum(c.state != SYNC for each in claims for c in each.contacts)


def write_rows(domain: "Domain", claim: Claim) -> None:
    """What each contact needs. DbError."""
    for c in claim.contacts:
        if c.state == NEW:
            database.insert(domain.name, claim.aor, c)
        elif c.state == DIRTY:
            database.update(domain.name, claim.aor, c)
        elif c.state == GONE:
            database.delete(domain.name, claim.aor, c)


def settle(domain: "Domain", claim: Claim) -> bool:
    """Note what the database has; when the record is another one by now, write that."""
    for _ in range(ROUNDS):
        if replace(domain, claim.aor, with_states(claim.stored, {DIRTY: SYNC}, drop=GONE), claim.version):
            return True
        try:
            claim = rewrite(domain, claim)
        except DbError as error:
            Failures.tell(domain, 1, error)
            return False
    return False


def rewrite(domain: "Domain", claim: Claim) -> Claim:
    """Write the record that is there now, all of it, and remove the rows of what has left it. DbError."""
    found = domain.table.get(claim.aor) or (b"", ABSENT)
    contacts = list(unpack_contacts(found[0], gone=True))
    there = {c.ruid for c in contacts if c.state != GONE}
    with database.transaction(domain.name):
        for c in claim.contacts:
            if c.ruid not in there:
                database.delete(domain.name, claim.aor, c)
        for c in contacts:
            if c.state == GONE:
                database.delete(domain.name, claim.aor, c)
            else:
                database.update(domain.name, claim.aor, c)
    return Claim(claim.aor, contacts, with_states(found[0], {NEW: DIRTY}), found[1])


def replace(domain: "Domain", aor: bytes, record: bytes, version: int) -> bool:
    """Store a record in place of the one with this version; False when that is another one."""
    if version == ABSENT:
        return domain.table.get(aor) is None
    if not record:
        return domain.table.remove(aor, version)
    try:
        domain.table.set(aor, record, version=version)
    except (Changed, TableFull):
        return False
    return True


def with_states(record: bytes, changes: dict[int, int], drop: int = -1) -> bytes:
    """The record with states changed, and the contacts of one state left out."""
    out = bytearray()
    offset = 0
    while offset < len(record):
        size = int.from_bytes(record[offset + SIZE_AT : offset + SIZE_AT + 4], "little")
        state = int.from_bytes(record[offset + STATE_AT : offset + STATE_AT + 4], "little")
        if state != drop:
            at = len(out)
            out += record[offset : offset + size]
            out[at + STATE_AT : at + STATE_AT + 4] = changes.get(state, state).to_bytes(4, "little")
        offset += size
    return bytes(out)


class Failures:
    """What a process says about a database that does not take its rows: not once for each REGISTER."""

    next = 0.0

    @classmethod
    def tell(cls, domain: "Domain", count: int, error: DbError) -> None:
        now = time.monotonic()
        if now < cls.next:
            return
        cls.next = now + LOG_EVERY_S
        name = domain.name.decode("latin-1")
        log.error("%d AoRs of %s could not be written and are tried again by the timer: %s", count, name, error)
