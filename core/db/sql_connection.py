"""The verbs of the DB API (devel guide 9.2) for databases that speak SQL and have a PEP 249 library.

Positional arguments are in the guide's order: keys, operators (None: all "="), values. `insert` and its like also take
one dictionary.
"""

import abc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from . import sql
from .connection import DbConnection
from .errors import DbError
from .settings import DbSettings
from .values import DbRes, Value

Columns = Sequence[str] | Mapping[str, Value]


class SqlConnection(DbConnection):
    """A driver adds `dialect`, `connect` and `translate`."""

    dialect = sql.Dialect()
    begin = "BEGIN"
    _affected = 0
    _last_id = 0

    @abc.abstractmethod
    def translate(self, error: Exception) -> DbError | None:
        """A DbLost or DbError for an exception of the library; None when it is not one of it."""

    def disconnect(self, session: Any) -> None:
        try:
            session.close()
        except Exception as error:
            if self.translate(error) is None:
                raise

    # reading

    def query(
        self, keys: Sequence[str] = (), ops: Sequence[str] | None = None, vals: Sequence[Value] = (),
        columns: Sequence[str] = (), order: str = "", fetch: bool = False,
    ) -> DbRes:  # fmt: skip
        """Rows where every key compares with its value; all rows without keys, all columns without columns.

        `fetch`: no rows yet, they come by fetch_result.
        """
        return self.execute(sql.select(self.dialect, self.table, keys, ops, vals, columns, order), fetch)

    def count(
        self, keys: Sequence[str] = (), ops: Sequence[str] | None = None, vals: Sequence[Value] = (),
        distinct: Sequence[str] = (), any_of: bool = False,
    ) -> int:  # fmt: skip
        """Rows where every key (any_of: a key) compares; `distinct`: only those that differ in these columns."""
        found = self.execute(sql.count(self.dialect, self.table, keys, ops, vals, distinct, any_of))
        return int(found.rows[0][0])

    def raw_query(self, text: bytes | str, fetch: bool = False) -> DbRes:
        """SQL as the caller has written it; no values are put in."""
        given = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
        return self.execute(sql.Sql(given, ()), fetch)

    def tables(self) -> set[str]:
        """The names of all tables."""
        return {row[0].decode() if isinstance(row[0], bytes) else row[0] for row in self.raw_query(self.dialect.tables)}

    def fetch_result(self, result: DbRes, n: int) -> bool:
        """The next `n` rows of a query with `fetch`, in place of those before; False when there are none. 0: free."""
        if n <= 0 or result.cursor is None:
            result.free()
            return False
        result.rows = self.run("fetch", lambda _session: self.guarded(result.cursor.fetchmany, n))
        if not result.rows:
            result.free()
        return bool(result.rows)

    def free_result(self, result: DbRes) -> None:
        """The caller is done with it."""
        result.free()

    # writing

    def insert(self, keys: Columns, vals: Sequence[Value] = ()) -> None:
        """One row."""
        self.execute(sql.insert(self.dialect, self.table, *columns_of(keys, vals)))

    def replace(self, keys: Columns, vals: Sequence[Value] = (), un: int = 0, mode: int = 0) -> None:
        """Insert, or replace the row with the same unique key. `un`: so many keys are unique ones; with `mode` 1 these
        rows are updated, and a row inserted only when there was none."""
        names, values = columns_of(keys, vals)
        if mode and un:
            self.update(names[:un], None, values[:un], names, values)
            if not self.affected_rows():
                self.insert(names, values)
            return
        self.execute(sql.replace(self.dialect, self.table, names, values))

    def insert_update(self, keys: Columns, vals: Sequence[Value] = ()) -> None:
        """Insert, or update the row with the same unique key."""
        self.execute(sql.insert_update(self.dialect, self.table, *columns_of(keys, vals)))

    def delete(self, keys: Sequence[str] = (), ops: Sequence[str] | None = None, vals: Sequence[Value] = ()) -> None:
        """The rows that compare; all without keys."""
        self.execute(sql.delete(self.dialect, self.table, keys, ops, vals))

    def update(
        self, keys: Sequence[str], ops: Sequence[str] | None, vals: Sequence[Value], ukeys: Sequence[str],
        uvals: Sequence[Value],
    ) -> None:  # fmt: skip
        """Set ukeys to uvals in the rows that compare."""
        self.execute(sql.update(self.dialect, self.table, keys, ops, vals, ukeys, uvals))

    def affected_rows(self) -> int:
        """Rows that the last statement changed."""
        return self._affected

    def last_inserted_id(self) -> int:
        """The number that the last insert gave to its row; 0 when none."""
        return self._last_id

    # transactions

    def start_transaction(self) -> None:
        """From here on nothing is seen by others until end_transaction."""
        if self.in_transaction:
            raise DbError("a transaction is open already")
        self.command(self.begin)
        self.in_transaction = True

    def end_transaction(self) -> None:
        """All of it."""
        self.command("COMMIT")
        self.in_transaction = False

    def abort_transaction(self) -> None:
        """None of it; when the connection is gone the database has seen to that."""
        try:
            self.command("ROLLBACK")
        finally:
            self.in_transaction = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is done inside, or nothing."""
        self.start_transaction()
        try:
            yield
            self.end_transaction()
        except BaseException:
            if self.in_transaction:
                self.abort_transaction()
            raise

    # the way to the library

    def command(self, text: str) -> None:
        self.execute(sql.Sql(text, ()))

    def execute(self, statement: sql.Sql, fetch: bool = False) -> DbRes:
        """Run it; DbError."""
        text, values = statement
        if len(text) > DbSettings.sql_buffer_size:
            self.tick("driver_errors")
            raise DbError(f"the SQL has {len(text)} characters, sql_buffer_size is {DbSettings.sql_buffer_size}")

        def work(session: Any) -> DbRes:
            return self.guarded(self.submit, session, text, values, fetch)

        return self.run(text, work)

    def submit(self, session: Any, text: str, values: tuple[Any, ...], fetch: bool) -> DbRes:
        """PEP 249."""
        cursor = session.cursor()
        cursor.execute(text, values)
        self._affected = max(cursor.rowcount, 0)
        self._last_id = cursor.lastrowid or self._last_id
        if cursor.description is None:
            cursor.close()
            return DbRes()
        result = DbRes(tuple(column[0] for column in cursor.description), [], cursor)
        if not fetch:
            rows = cursor.fetchall()
            result.free()
            result.rows = rows
        return result

    def guarded(self, function: Any, *args: Any) -> Any:
        """Call it; errors of the library become DbError."""
        try:
            return function(*args)
        except DbError:
            raise
        except Exception as error:
            known = self.translate(error)
            if known is None:
                raise
            raise known from error


def columns_of(keys: Columns, vals: Sequence[Value]) -> tuple[Sequence[str], Sequence[Value]]:
    """Names and values of either form."""
    return (list(keys), list(keys.values())) if isinstance(keys, Mapping) else (keys, vals)
