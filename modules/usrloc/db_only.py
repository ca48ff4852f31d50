"""db_mode 3: the database alone has the contacts, so that several servers can share it.

The kernel works on records in memory all the same: each process has a small table of its own, into which the record of
an AoR is put before it is used, and from which the changes are written and all is removed after.
"""

from collections.abc import Iterator

from ...core.db import DbError
from ...core.log import logger
from ...core.shtable import SharedTable
from ...src.native import lib
from .callbacks import CHANGES, callbacks
from .contact import Contact
from .database import database
from .domain import Domain
from .rows import BadRow
from .settings import settings
from .sync import Failures, sync_aor

log = logger(__name__)
RUID = b"uloc-"  # a temporary GRUU: ruid "-" hash of the AoR


class DbOnlyDomain(Domain):
    """Its tables are made before the fork, one for each place of a process: who replaces a dead one gets its table."""

    __slots__ = ("own",)
    remote = True

    def open(self) -> None:
        """As Domain.open, but that nothing is kept over a restart, and nothing is counted."""
        database.check(self.name)
        self.own = [SharedTable(f"usrloc.{n}", 0, kept=False) for n in range(lib.KH_PROC_MAX)]
        self.table = self.own[0]
        self.c = self.table.c

    def watch(self) -> None:
        """Each process, after the fork: take the table of its place."""
        self.trace = lib.KH_UL_TRACE if callbacks.wants(CHANGES) else 0
        self.watched = True
        self.table = self.own[max(lib.kh_proc_self(), 0)]
        self.c = self.table.c
        self.table.clear()

    def begin(self, aor: bytes) -> bool:
        """Read the rows of this AoR; False when the database does not answer."""
        self.table.clear()
        try:
            if aor.startswith(RUID) and b"-" in aor[len(RUID) :]:
                for found, _ in database.contacts(self.name, "ruid", aor.rpartition(b"-")[0]):
                    self.read(found)
            self.read(aor)
        except (DbError, BadRow, MemoryError) as error:
            Failures.tell(self, 1, DbError(str(error)))
            self.table.clear()
            return False
        return True

    def read(self, aor: bytes) -> None:
        for key, contact in database.contacts(self.name, "user", aor):
            self.put_loaded(key, contact)

    def end(self, aor: bytes, changed: bool = True) -> bool:
        """Write what has changed; False when the database did not take it."""
        done = True
        if changed:
            if callbacks.wants(CHANGES):
                self.report_changes(aor)
            done = sync_aor(self, aor)
        self.table.clear()
        return done

    def get(self, aor: bytes) -> list[Contact]:
        """All contacts of an AoR; none when the database does not answer."""
        if not self.begin(aor):
            return []
        found = super().get(aor)
        self.end(aor, False)
        return found

    def put(self, aor: bytes, contact: Contact) -> bool:
        """Add or replace one contact."""
        return self.begin(aor) and super().put(aor, contact) and self.end(aor)

    def _remove(self, aor: bytes, part: int, text: bytes) -> int:
        return super()._remove(aor, part, text) if self.begin(aor) else 0

    def records(self) -> Iterator[tuple[bytes, list[Contact]]]:
        """Memory has none, as in Kamailio."""
        return iter(())

    def users(self) -> int:
        """The same."""
        return 0

    def contacts(self) -> int:
        """The same."""
        return 0

    def expire(self) -> int:
        """Expired rows are removed where they are; nobody hears of them."""
        return database.delete_expired(self.name, max(settings.rm_expired_delay, 0))
