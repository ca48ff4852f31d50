"""A domain: one location table, named by save("location") and its like.

Domains are declared while the configuration loads (`find_domain`); their tables are made before the fork, and every
process may then read and change them. A domain that only a reloaded script names has no table.

With a database (db_mode 1 and 2) memory is what counts and rows follow it (sync.py). db_mode 3 is in db_only.py.
"""

from collections.abc import Iterator

from ...core import statistics
from ...core.log import logger
from ...core.shtable import SharedTable
from ...src.native import ffi, lib
from .callbacks import CHANGES, DELETE, EXPIRE, INSERT, UPDATE, callbacks
from .contact import SYNC, Contact, pack_contact, unpack_contacts
from .database import database
from .settings import DbMode, settings
from .sync import sync_all, sync_aor

log = logger(__name__)
DOMAINS_MAX = 32
NAME_MAX = 16  # bytes: NAME-contacts must fit the name of a counter
EXPIRE_ROOM = 1 << 20  # bytes of expired contacts fetched at once when somebody wants to hear of them
EXPIRE_BUCKETS = 1024  # walked in one call, so that the timer process sees its signals

_used = ffi.new("uint64_t *")
_length = ffi.new("uint32_t *")
_cursor = ffi.new("uint64_t *")


class Domain:
    """`c` is the kh_shtable; NULL until `open`. `trace` is what kh_ul_save needs to be told for callbacks.

    Who changes a record in the kernel calls `begin` before and `end` after, if `watched`; `remote`: who reads one, too.
    """

    __slots__ = ("c", "expired", "name", "table", "trace", "watched")
    remote = False

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.c = ffi.NULL
        self.trace = 0
        self.watched = False

    def open(self) -> None:
        """Make the table, or take over that of a former start; register its statistics. Main process.

        ValueError when the database has no such table of the right version.
        """
        if settings.db_mode:
            database.check(self.name)
        text = self.name.decode()
        self.table = SharedTable(
            f"usrloc.{text}", settings.log2_buckets, settings.max_records, version=lib.KH_UL_VERSION
        )
        self.c = self.table.c
        statistics.register_stat("usrloc", f"{text}-users", self.users)
        statistics.register_stat("usrloc", f"{text}-contacts", self.contacts)
        self.expired = statistics.register_stat("usrloc", f"{text}-expires")
        if self.table.adopted:
            self.look_over()
        elif lib.kh_shm_adopted():
            log.warning("the kept memory has no sound table %s: it begins empty", text)

    def look_over(self) -> None:
        """The table is a former start's: drop what is broken, say what was found."""
        text = self.name.decode()
        dropped = lib.kh_ul_drop_broken(self.c)
        if self.table.cut or dropped:
            log.warning("%s was damaged: %d chains cut, %d AoRs dropped", text, self.table.cut, dropped)
        log.notice("%d AoRs of %s are still there from before the restart", self.users(), text)
        if lib.kh_sht_buckets(self.c) != 1 << settings.log2_buckets:
            log.notice("%s keeps its %d buckets: hash_size is for new tables", text, lib.kh_sht_buckets(self.c))

    def watch(self) -> None:
        """All callbacks are registered: see whether changes have to be reported."""
        self.trace = lib.KH_UL_TRACE if callbacks.wants(CHANGES) else 0
        self.watched = bool(self.trace) or settings.db_mode == DbMode.WRITE_THROUGH

    def begin(self, aor: bytes) -> bool:
        """The record of this AoR is going to be used; False when it cannot be had."""
        return True

    def end(self, aor: bytes, changed: bool = True) -> bool:
        """It was used: tell those who want to hear of it, and db_mode 1 the database. False when it came to nothing."""
        if changed:
            if callbacks.wants(CHANGES):
                self.report_changes(aor)
            if settings.db_mode == DbMode.WRITE_THROUGH:
                sync_aor(self, aor)
        return True

    def load(self) -> None:
        """Main process, before the fork: the contacts that the database has, unless memory was kept. DbError."""
        text = self.name.decode()
        if self.table.adopted:
            log.notice("%s is not read from the database: memory has it, and is newer", text)
            return
        count = sum(self.put_loaded(aor, contact) for aor, contact in database.load(self.name))
        log.info("%d contacts of %s are loaded", count, text)

    def put_loaded(self, aor: bytes, contact: Contact) -> bool:
        """A contact from the database; MemoryError when there is no room."""
        contact.state = SYNC
        head, texts = pack_contact(contact)
        if lib.kh_ul_put(self.c, aor, len(aor), ffi.from_buffer("kh_ucontact *", head), texts) < 0:
            raise MemoryError(f"there is no room for all contacts of {self.name.decode()}")
        return True

    def users(self) -> int:
        """AoRs with a record."""
        return len(self.table)

    def contacts(self) -> int:
        """Living contacts; walks the table."""
        return int(lib.kh_ul_contacts(self.c))

    def get(self, aor: bytes) -> list[Contact]:
        """All contacts of an AoR, best first, the expired that no timer has removed yet included."""
        found = self.table.get(aor)
        return [] if found is None else list(unpack_contacts(found[0]))

    def records(self) -> Iterator[tuple[bytes, list[Contact]]]:
        """Every AoR with its contacts."""
        for item in self.table.items():
            yield item.key, list(unpack_contacts(item.value))

    def put(self, aor: bytes, contact: Contact) -> bool:
        """Add or replace one contact, by the matching mode; False when refused for want of room."""
        contact.modified = contact.modified or lib.kh_ul_now()
        head, texts = pack_contact(contact)
        done = lib.kh_ul_put(self.c, aor, len(aor), ffi.from_buffer("kh_ucontact *", head), texts)
        if done < 0:
            return False
        if callbacks.wants(CHANGES):
            callbacks.run(INSERT if done & lib.KH_UL_INSERTED else UPDATE, self.name, aor, contact)
        if settings.db_mode == DbMode.WRITE_THROUGH:
            sync_aor(self, aor)
        return True

    def remove(self, aor: bytes) -> int:
        """Remove an AoR with all its contacts; how many these were."""
        return self._remove(aor, -1, b"")

    def remove_contact(self, aor: bytes, contact: bytes) -> int:
        """Remove the contacts with this URI."""
        return self._remove(aor, lib.KH_UC_CONTACT, contact)

    def remove_ruid(self, aor: bytes, ruid: bytes) -> int:
        """Remove one contact by its unique id."""
        return self._remove(aor, lib.KH_UC_RUID, ruid)

    def _remove(self, aor: bytes, part: int, text: bytes) -> int:
        removed = max(0, lib.kh_ul_remove(self.c, aor, len(aor), part, text, len(text)))
        self.end(aor, removed > 0)
        return removed

    def report_changes(self, aor: bytes) -> None:
        """Run the callbacks for what the last traced change of this process did to the AoR's record."""
        before = {c.ruid: c for c in unpack_contacts(_traced(0))}
        after = {c.ruid: c for c in unpack_contacts(_traced(1))}
        for ruid, contact in after.items():
            if ruid not in before:
                callbacks.run(INSERT, self.name, aor, contact)
            elif contact != before[ruid]:
                callbacks.run(UPDATE, self.name, aor, contact)
        for ruid, contact in before.items():
            if ruid not in after:
                callbacks.run(DELETE, self.name, aor, contact)

    def flush(self) -> None:
        """Write what the database does not know yet: the timer, RPC, the end of the server."""
        if not settings.writes_rows:
            return
        written, failed = sync_all(self)
        if failed:
            log.warning("%d AoRs of %s are written, %d not", written, self.name.decode(), failed)

    def clean(self) -> None:
        """db_timer_clean: remove expired rows, whoever wrote them."""
        if settings.writes_rows and settings.db_timer_clean:
            database.delete_expired(self.name)

    def expire(self) -> int:
        """Take expired contacts out of the table, run the callbacks for them; how many. For the timer."""
        _cursor[0], total = 0, 0
        buckets = lib.kh_sht_buckets(self.c)
        room = ffi.new("char[]", EXPIRE_ROOM) if callbacks.wants(EXPIRE) else ffi.NULL
        while _cursor[0] < buckets:
            removed = lib.kh_ul_expire(self.c, _cursor, EXPIRE_BUCKETS, room, EXPIRE_ROOM, _used)
            if removed < 0:
                break
            total += removed
            if _used[0]:
                self._report_expired(ffi.unpack(room, _used[0]))
        if total:
            self.expired.inc(total)
        return total

    def _report_expired(self, data: bytes) -> None:
        offset = 0
        while offset < len(data):
            size = int.from_bytes(data[offset + 16 : offset + 20], "little")
            key_len = int.from_bytes(data[offset + 20 : offset + 24], "little")
            aor = data[offset + 24 : offset + 24 + key_len]
            offset += 24 + ((key_len + 7) & ~7)
            for contact in unpack_contacts(data[offset : offset + size]):
                callbacks.run(EXPIRE, self.name, aor, contact)
            offset += size


def _traced(which: int) -> bytes:
    text = lib.kh_ul_trace(which, _length)
    return ffi.unpack(text, _length[0]) if _length[0] else b""


class Phase:
    """When a new domain may have a table: after shared memory is there and before the fork."""

    open = False
    frozen = False


_domains: dict[bytes, Domain] = {}


def find_domain(name: bytes) -> Domain:
    """The domain of that name, declared by this call if need be; ValueError for a bad name, too many, or too late."""
    domain = _domains.get(name)
    if domain is None:
        if not name or len(name) > NAME_MAX:
            raise ValueError(f"the name of a location table has 1 to {NAME_MAX} characters")
        if len(_domains) >= DOMAINS_MAX:
            raise ValueError(f"more than {DOMAINS_MAX} location tables")
        if Phase.frozen:
            raise ValueError(f"the location table {name.decode('latin-1')} is new: that needs a restart")
        domain = make_domain(name)
        if Phase.open:
            domain.open()
        _domains[name] = domain
    return domain


def make_domain(name: bytes) -> Domain:
    """Of the kind that db_mode asks for."""
    if settings.db_mode == DbMode.DB_ONLY:
        from .db_only import DbOnlyDomain

        return DbOnlyDomain(name)
    return Domain(name)


def known_domain(name: bytes) -> Domain | None:
    """The domain of that name if it has a table."""
    domain = _domains.get(name)
    return domain if domain is not None and domain.c != ffi.NULL else None


def domains() -> list[Domain]:
    """All declared domains, in the order of declaration."""
    return list(_domains.values())


def registered_users() -> int:
    """The statistic: AoRs of all domains."""
    return sum(domain.users() for domain in _domains.values() if domain.c != ffi.NULL)
