"""The rows of the location tables: checked at the start, read, written. What is written and when: sync.py.

One object serves the whole process tree; each process that uses it has a connection of its own (core/db).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager

from ...core.db import (
    OP_EQ,
    OP_GT,
    OP_LT,
    OP_NEQ,
    DbCap,
    DbError,
    SqlConnection,
    Value,
    db_bind_mod,
    db_check_table_version,
)
from ...core.errors import ModuleError
from ...core.log import logger
from ...src.native import lib
from .contact import Contact
from .rows import FIXED, READ, BadRow, column, contact_of, is_remote, is_stream, names_of, row_of, time_value
from .settings import settings

log = logger(__name__)
TABLE_VERSION = 9  # of `location`, and of every table of its form
NEEDED = DbCap.ALL | DbCap.FETCH | DbCap.AFFECTED_ROWS
BAD_ROWS_SHOWN = 5  # a load; the others are only counted


class Database:
    """Where the rows are. `bind` runs once, in main; all else needs it."""

    def __init__(self) -> None:
        self._con: SqlConnection | None = None

    def bind(self) -> None:
        """Find the driver; ModuleError. Nothing is opened yet."""
        dbf = db_bind_mod(settings.db_url)
        if not dbf.has(NEEDED):
            raise ModuleError(f"the driver {dbf.name} cannot do all that is needed")
        try:
            self._con = dbf.init(settings.db_url)
        except ValueError as error:
            raise ModuleError(f"db_url: {error}") from error

    @property
    def bound(self) -> bool:
        return self._con is not None

    def close(self) -> None:
        """This process is done, or about to fork."""
        if self._con is not None:
            self._con.close()

    def use(self, table: bytes) -> SqlConnection:
        """The connection, set to a table."""
        assert self._con is not None, "db_mode has no database"
        self._con.use_table(table)
        return self._con

    def transaction(self, table: bytes) -> AbstractContextManager[None]:
        """All of it or nothing."""
        return self.use(table).transaction()

    # the start

    def check(self, table: bytes) -> None:
        """At the start, in main: the table is there, in the right version. ValueError with a sentence."""
        con = self.use(table)
        try:
            if settings.version_table:
                db_check_table_version(con, table, TABLE_VERSION)
            con.query([column("user")], None, [b"dummy"], [column("user")])
        except DbError as error:
            hint = "; `kaheactl db create` makes the tables" if "no such table" in str(error) else ""
            raise ValueError(f"{error}{hint}") from error

    def load(self, table: bytes) -> Iterator[tuple[bytes, Contact]]:
        """Every contact, with its AoR. DbError."""
        con = self.use(table)
        keys, vals = self.own()
        bad = 0
        lost: list[bytes] = []
        result = con.query(keys, None, vals, [column(name) for name in READ], fetch=True)
        while con.fetch_result(result, settings.fetch_rows):
            for row in result:
                if settings.db_clean_tcp and is_stream(row):
                    lost.append(row[READ.index("ruid")])
                    continue
                if settings.skip_remote_socket and is_remote(row):
                    continue
                try:
                    yield contact_of(row)
                except (BadRow, ValueError, TypeError) as error:
                    bad += 1
                    if bad <= BAD_ROWS_SHOWN:
                        log.warning("a row of %s is left out: %s", table.decode("latin-1"), error)
        if bad > BAD_ROWS_SHOWN:
            log.warning("%d rows of %s are left out", bad, table.decode("latin-1"))
        for ruid in lost:
            con.delete([column("ruid")], None, [ruid])

    def own(self) -> tuple[list[str], list[Value]]:
        """server_id_filter: the condition for rows of this server."""
        if not settings.server_id_filter:
            return [], []
        return [column("server_id")], [lib.kh_ul_settings_get().server_id]

    # one AoR

    def contacts(self, table: bytes, key: str, value: bytes) -> list[tuple[bytes, Contact]]:
        """The rows with this user (and domain), or ruid."""
        keys, vals = [column(key)], [value]
        if key == "user":
            user, domain = names_of(value)
            vals = [user]
            if domain is not None:
                keys, vals = [column("user"), column("domain")], [user, domain]
        found = self.use(table).query(keys, None, vals, [column(name) for name in READ], column("q"))
        return [contact_of(row) for row in found]

    def insert(self, table: bytes, aor: bytes, c: Contact) -> None:
        """A row that is not there yet (db_insert_update: or is)."""
        row = {
            column(name): value
            for name, value in row_of(aor, c).items()
            if value is not None or (settings.db_insert_null and (name != "domain" or settings.use_domain))
        }
        con = self.use(table)
        if settings.db_insert_update:
            con.insert_update(row)
        else:
            con.insert(row)

    def update(self, table: bytes, aor: bytes, c: Contact) -> None:
        """The contact's row; one that turns out to be missing is inserted."""
        con = self.use(table)
        if not settings.db_update_as_insert:
            changes = {column(name): value for name, value in row_of(aor, c).items() if name not in FIXED}
            keys, vals = self.row_key(aor, c)
            con.update(keys, None, vals, list(changes), list(changes.values()))
            if con.affected_rows():
                return
        self.insert(table, aor, c)

    def delete(self, table: bytes, aor: bytes, c: Contact) -> None:
        """The contact's row, if it is there."""
        keys, vals = self.row_key(aor, c)
        self.use(table).delete(keys, None, vals)

    def row_key(self, aor: bytes, c: Contact) -> tuple[list[str], list[Value]]:
        """db_ops_ruid: what identifies the row of a contact."""
        if settings.db_ops_ruid:
            return [column("ruid")], [c.ruid]
        user, domain = names_of(aor)
        found: dict[str, Value] = {"user": user, "contact": c.contact, "callid": c.callid}
        if domain is not None:
            found["domain"] = domain
        return [column(name) for name in found], list(found.values())

    # all of them

    def delete_expired(self, table: bytes, delay: int = 0) -> int:
        """Rows whose time was over `delay` seconds ago; how many."""
        con = self.use(table)
        keys, vals = self.own()
        expires, now = column("expires"), lib.kh_ul_now() - delay
        con.delete(
            [*keys, expires, expires], [*[OP_EQ] * len(keys), OP_LT, OP_NEQ], [*vals, time_value(now), time_value(0)]
        )
        return con.affected_rows()

    def count(self, table: bytes, *columns: str, expired: bool = False) -> int:
        """Rows (or different values of columns) of living, or of expired contacts."""
        con, expires = self.use(table), column("expires")
        now, never = time_value(lib.kh_ul_now()), time_value(0)
        names = [column(name) for name in columns]
        if expired:
            return con.count([expires, expires], [OP_LT, OP_NEQ], [now, never], names)
        return con.count([expires, expires], [OP_GT, OP_EQ], [now, never], names, any_of=True)


database = Database()
